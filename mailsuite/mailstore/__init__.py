"""What is kept? Messages, mailboxes, threads, and the log of their changes."""
