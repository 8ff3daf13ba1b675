"""Every method that can be called, with the capability it belongs to."""

from __future__ import annotations

from webmail.jmap import core
from webmail.jmap.engine import Method
from webmail.jmap.session import CORE

METHODS: dict[str, tuple[str, Method]] = {
    "Core/echo": (CORE, core.echo),
}
