"""The demo co-op: six people of example.org, and the mail of half a year."""
