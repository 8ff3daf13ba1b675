"""Coverage-guided fuzzing of the IMAP door: `python -m tests.fuzz grammar` and `python -m tests.fuzz session`."""
