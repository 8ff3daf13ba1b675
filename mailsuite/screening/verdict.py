"""What screening decides about a connection, an envelope or a message, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mailsuite.protocol.reply import Reply


class Action(StrEnum):
    ACCEPT = "accept"
    DEFER = "defer"  # 4yz: come again
    REFUSE = "refuse"  # 5yz: never
    JUNK = "junk"  # accept, and into Junk


@dataclass(frozen=True)
class Verdict:
    """An action with its reason.

    reply: what to say to the client, for defer and refuse; None otherwise.
    reason: for the log and for "why is it here?"; it may name what the client should not hear.
    trace: the Authentication-Results field, CRLF-ended, to keep beside the blob; empty before DATA.
    results: what each method found, {"spf": {...}, "dkim": [{...}], "dmarc": {...}}; plain values only.
    """

    action: Action = Action.ACCEPT
    reply: Reply | None = None
    reason: str = ""
    trace: bytes = b""
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def welcome(self) -> bool:
        """Is the message to be accepted, be it into Junk?"""
        return self.reply is None

    def as_json(self) -> dict[str, Any]:
        """For `queue.Envelope.verdict`."""
        return {
            "action": str(self.action),
            "junk": self.action is Action.JUNK,
            "reasons": [self.reason] if self.reason else [],
            "results": self.results,
        }


ACCEPT = Verdict()
