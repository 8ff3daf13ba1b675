"""Through which door? The web: reading, writing and searching mail in a browser."""
