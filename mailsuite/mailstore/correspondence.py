"""What an account's mail tells of an address: whether it was ever written to, and what came from it before.

The full-text index finds the few messages that name an address; their rows then say what is true of them. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import index
from mailsuite.mailstore.search.document import All
from mailsuite.mailstore.search.matching import phrase_of
from mailsuite.mailstore.search.query import Term

LOOKED_AT = 300  # messages, the newest: an address may be part of many others
TO = ("to", "cc", "bcc")


def was_written_to(account_id: int, address: str, mine: Iterable[str]) -> bool:
    """Has the account itself, by one of its addresses (`mine`), written to this address? Drafts do not count."""
    wanted, senders = address.casefold(), tuple(mine)
    found = (
        one
        for sender in senders
        for one in _named(account_id, {"to": address, "from": sender}, "people", "own", "flags", "author_address")
    )
    return any(
        one.own
        and not one.flags & Message.DRAFT
        and any(pair[1].casefold() == wanted for kind in TO for pair in one.people.get(kind, ()))
        for one in found
    )


def earlier_from(account_id: int, address: str, before: Message) -> bool:
    """Did anything come from this address before this message?"""
    found = list(_named(account_id, {"from": address}, "author_address", "received_at"))
    return len(found) == LOOKED_AT or any(
        _is_earlier(one, before) and one.author_address.casefold() == address.casefold() for one in found
    )


def checks_of_domain(account_id: int, domain: str, before: Message, most: int = 20) -> list[str]:
    """What DMARC said of the last mails from this domain before this one, the newest first; of those that it was asked of."""
    found = _named(account_id, {"from": domain}, "author_address", "received_at", "decision")
    said = [
        result
        for one in found
        if _is_earlier(one, before) and one.author_address.lower().endswith(f"@{domain.lower()}")
        if (result := dmarc_of(one.decision))
    ]
    return said[:most]


def dmarc_of(decision: dict[str, Any] | None) -> str:
    """The result of DMARC as it was kept when the message came; "" where it never was asked."""
    auth = (decision or {}).get("auth") or {}
    found = auth.get("dmarc")
    return str(found.get("result", "")) if isinstance(found, dict) else ""


def _is_earlier(one: Message, than: Message) -> bool:
    return (one.received_at, one.pk) < (than.received_at, than.pk)


def _named(account_id: int, wanted: dict[str, str], *columns: str) -> Iterator[Message]:
    """The newest messages that the index knows to name these, people by field; the newest first."""
    matches = tuple(phrase_of(Term(field, text), ()) for field, text in wanted.items())
    ids = index.newest(account_id, All(matches), LOOKED_AT)
    yield from Message.objects.filter(account_id=account_id, pk__in=ids).only(*columns).order_by("-received_at", "-pk")
