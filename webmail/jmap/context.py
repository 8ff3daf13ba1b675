"""Who asks, and what the calls of one request have made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mailsuite.accounts.models import Account
from webmail.jmap import ids
from webmail.jmap.errors import MethodError, invalid


@dataclass
class Context:
    """Handed to every method. `created` maps creation ids to ids, across the calls of the request (RFC 8620 §3.3)."""

    account: Account
    using: frozenset[str] = frozenset()
    created: dict[str, str] = field(default_factory=dict)
    bytes_made: int = 0  # of the messages that the request composed or imported
    more: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # implicit calls' responses, after the method's own

    def account_id(self, arguments: dict[str, Any], name: str = "accountId") -> int:
        """The account that the call names, which is the caller's own: foreign ones do not exist here. Raises MethodError."""
        if not isinstance(arguments.get(name), str):
            raise invalid(f"{name} is missing")
        if ids.key("A", arguments[name]) != self.account.pk:
            raise MethodError("accountNotFound")
        return self.account.pk

    def resolved(self, reference: object) -> object:
        """An id, or for `#creationId` the id of what the request made under it; None where it made none."""
        if isinstance(reference, str) and reference.startswith("#"):
            return self.created.get(reference[1:])
        return reference
