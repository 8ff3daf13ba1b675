"""How a command ends, if it does not fail: well, or with its session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NO_CODE = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A command ended well. after: what the client may count on from the octet after our tagged OK."""

    text: str
    code: str = NO_CODE
    after: Callable[[], None] | None = None


class Goodbye(Exception):
    """End the session with BYE and these words."""
