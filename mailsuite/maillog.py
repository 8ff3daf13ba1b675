"""One function, one line, for each thing that can happen to a message."""

from __future__ import annotations

import logging

log = logging.getLogger("mailsuite")


def event(name: str, /, **fields: object) -> None:
    """Log `name field=value …` on one line, whatever the values hold.

    name: what happened, the same word at every door (`accepted`, `delivered`, `logged-in`, `login-refused`, …); the field `door`
    says at which, and `reason` why.
    Fields that are None are left out; blanks, quotes and control characters are escaped, so that no sender can forge a line.
    """
    log.info(" ".join([name, *(f"{key}={_plain(value)}" for key, value in fields.items() if value is not None)]))


def problem(name: str, /, **fields: object) -> None:
    """As `event`, for what an operator should look at."""
    log.warning(" ".join([name, *(f"{key}={_plain(value)}" for key, value in fields.items() if value is not None)]))


def _plain(value: object) -> str:
    shown = str(value)[:500]
    if shown and shown.isprintable() and not any(mark in shown for mark in ' "='):
        return shown
    return (
        '"'
        + "".join(
            c if c.isprintable() and c not in '"\\' else c.encode("unicode_escape").decode() if c not in '"\\' else "\\" + c
            for c in shown
        )
        + '"'
    )
