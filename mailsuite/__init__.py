"""Mailsuite: email that belongs to the people who use it."""
