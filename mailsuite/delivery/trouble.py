"""Whose fault is an error: a message's that nobody can digest, or the machine's, which has no room or no database now?"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

from mailsuite.queue.settle import LeaseLost


def is_machines(error: Exception) -> bool:
    """True for a database that is locked, full or gone, and for every error that says of itself that it will pass.

    No message is blamed for these: what was leased is given back, and no crash is counted.
    """
    if isinstance(error, LeaseLost):
        return False
    return isinstance(error, OperationalError | InterfaceError) or bool(getattr(error, "temporary", False))
