"""Through which door? IMAP, on ports 143 and 993."""
