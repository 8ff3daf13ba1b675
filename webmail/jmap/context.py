"""Who asks, and what the calls of one request have made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mailsuite.accounts.models import Account
from webmail.jmap import ids, limits
from webmail.jmap.errors import MethodError, SetError, invalid
from webmail.jmap.references import Allowance


@dataclass
class Context:
    """Handed to every method. `created` maps creation ids to ids, across the calls of the request (RFC 8620 §3.3)."""

    account: Account
    using: frozenset[str] = frozenset()
    created: dict[str, str] = field(default_factory=dict)
    bytes_handled: int = 0  # of messages that the request composed, imported, sent, or took parts from
    references: Allowance = field(default_factory=Allowance)
    more: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # implicit calls' responses, after the method's own

    def account_id(self, arguments: dict[str, Any], name: str = "accountId") -> int:
        """The account that the call names, which is the caller's own: foreign ones do not exist here. Raises MethodError."""
        if not isinstance(arguments.get(name), str):
            raise invalid(f"{name} is missing")
        if ids.key("A", arguments[name]) != self.account.pk:
            raise MethodError("accountNotFound")
        return self.account.pk

    def spend(self, size: int) -> None:
        """Count what the request handles: a few words could else keep a thread busy for hours. Raises SetError."""
        self.bytes_handled += size
        if self.bytes_handled > limits.MESSAGES_AT_ONCE * limits.upload_bytes():
            raise SetError("rateLimit", "So much at once: go on in another request.")

    def resolved(self, reference: object) -> object:
        """An id, or for `#creationId` the id of what the request made under it; None where it made none."""
        if isinstance(reference, str) and reference.startswith("#"):
            return self.created.get(reference[1:])
        return reference
