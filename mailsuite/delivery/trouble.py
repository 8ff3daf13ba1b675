"""Whose fault is an error: a message's that nobody can digest, or the machine's, which has no room or no database now?"""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError

from mailsuite.queue.settle import LeaseLost

SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def is_machines(error: Exception) -> bool:
    """True for a database that is locked, full or gone, and for every error that says of itself that it will pass.

    No message is blamed for these: what was leased is given back, and no crash is counted.
    """
    if isinstance(error, LeaseLost):
        return False
    if isinstance(error, OSError) and error.errno in SHORTAGES:
        return True
    return isinstance(error, OperationalError | InterfaceError) or bool(getattr(error, "temporary", False))
