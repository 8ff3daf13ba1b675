"""Reads what a question needs to know about the account before it can be compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from django.utils import timezone

from mailsuite.accounts.models import Account, Address
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.search.compile import Scope
from mailsuite.mailstore.search.query import Node, terms

Place = Message.Place
WIDER = {"anywhere": (Place.SPAM, Place.TRASH), "trash": (Place.TRASH,), "junk": (Place.SPAM,)}
MOST_ADDRESSES = 200


def scope_of(account_id: int, *, now: datetime, zone: tzinfo) -> Scope:
    """The account's mailboxes and addresses."""
    boxes = list(Mailbox.objects.filter(account_id=account_id).values_list("pk", "role", "name"))
    local = Address.objects.filter(account_id=account_id).select_related("domain")[:MOST_ADDRESSES]
    login = Account.objects.filter(pk=account_id).values_list("login", flat=True)
    return Scope(
        account_id=account_id,
        roles={role: pk for pk, role, _ in boxes if role},
        labels={pk: name for pk, role, name in boxes if not role},
        mine=tuple(dict.fromkeys([*login, *(str(address) for address in local)])),
        now=now,
        zone=zone,
    )


def copies_in(account_id: int, mailbox_ids: Sequence[int], *, now: datetime | None = None, zone: tzinfo = UTC) -> Scope:
    """The messages of these mailboxes, each for itself and wherever it is: what IMAP asks."""
    scope = scope_of(account_id, now=now or timezone.now(), zone=zone).with_places(tuple(Place))
    return replace(scope, per_message=True, mailbox_ids=tuple(mailbox_ids))


def places_asked(tree: Node) -> tuple[int, ...]:
    """Mail, and what `in:` adds to it: `in:anywhere`, `in:trash`, `in:spam`."""
    named = {
        place for term, negated in terms(tree) if term.operator == "in" and not negated for place in WIDER.get(term.value, ())
    }
    return tuple(sorted({Place.MAIL, *named}))
