"""Whom does an account write to, and what did it decide about who writes to it?"""
