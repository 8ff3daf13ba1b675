"""The IMAP commands, one file each."""
