"""Core/echo (RFC 8620 §4)."""

from __future__ import annotations

from webmail.jmap.context import Context
from webmail.jmap.errors import Json


def echo(context: Context, arguments: Json) -> Json:
    """What was said."""
    return arguments
