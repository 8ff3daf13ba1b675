"""What comes into Inbox although its conversation is muted (product.md 3.8, F28)."""

from __future__ import annotations

from collections.abc import Iterable

from mailsuite.accounts import addresses
from mailsuite.mailstore.models import Message
from mailsuite.protocol.summary import Summary


def calls_me(account_id: int, thread_id: int, summary: Summary) -> bool:
    """Is the account named in To for the first time in this conversation?"""
    mine = {_plain(one.address) for one in addresses.identities(account_id)}
    if not _names(summary.people.get("to", ()), mine):
        return False
    earlier = Message.objects.filter(account_id=account_id, thread_id=thread_id).values_list("people", flat=True)
    return not any(_names(people.get("to", ()), mine) for people in earlier.iterator())


def _names(people: Iterable[Iterable[str]], mine: set[str]) -> bool:
    return any(_plain(address) in mine for _, address in people)


def _plain(address: str) -> str:
    """As it is compared: without case and +tag."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
