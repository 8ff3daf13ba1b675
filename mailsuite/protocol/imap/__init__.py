"""IMAP without input or output: frames, syntax, responses."""
