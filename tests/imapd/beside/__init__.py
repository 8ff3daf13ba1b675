"""Our IMAP door beside Dovecot's: the same messages in both, the same questions to both, and every difference counted."""
