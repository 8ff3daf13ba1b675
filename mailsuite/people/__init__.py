"""Whom does an account write to? What recipient suggestions are ranked by, counted from its own mail."""
