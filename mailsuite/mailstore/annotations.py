"""Values that mail programs keep with mailboxes and with the account, by names of their own (RFC 5464)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Length

from mailsuite.mailstore import changes
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Annotation, Mailbox

LARGEST = 65_536  # octets of a value
MOST = 100  # entries of a mailbox, and of the account itself
IN_ALL = 2_000  # entries of an account, its mailboxes' included
OCTETS = 2 * 2**20  # of all values of an account
STEP = 500  # mailboxes a query


@dataclass
class TooLarge(Exception):
    """A value has more octets than a value may have."""

    most: int = LARGEST
    temporary = False


class TooMany(Exception):
    """There are as many entries, or octets in them, as there may be."""

    temporary = False


def of_account(account_id: int) -> dict[str, bytes]:
    """The account's own values by entry."""
    return _values(Annotation.objects.filter(account_id=account_id, mailbox=None).values_list("entry", "value"))


def of_mailbox(mailbox: Mailbox) -> dict[str, bytes]:
    """A mailbox's values by entry."""
    return _values(Annotation.objects.filter(mailbox=mailbox).values_list("entry", "value"))


def of_mailboxes(mailbox_ids: Iterable[int], entries: Iterable[str]) -> dict[int, dict[str, bytes]]:
    """The values of these entries, by mailbox id and entry; what has none is left out."""
    wanted, names = list(mailbox_ids), list(entries)
    found: dict[int, dict[str, bytes]] = {}
    for start in range(0, len(wanted), STEP):
        rows = Annotation.objects.filter(mailbox_id__in=wanted[start : start + STEP], entry__in=names)
        for pk, entry, value in rows.values_list("mailbox_id", "entry", "value"):
            found.setdefault(pk, {})[entry] = bytes(value)
    return found


def _values(rows: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    return {entry: bytes(value) for entry, value in sorted(rows)}


@transaction.atomic
def put(account_id: int, mailbox: Mailbox | None, values: Mapping[str, bytes | None]) -> None:
    """Set these values, and take away those that are None; all or nothing. mailbox: None is the account itself.

    Raises TooLarge, TooMany, and NoSuchMailbox where the mailbox was deleted meanwhile.
    """
    if any(value is not None and len(value) > LARGEST for value in values.values()):
        raise TooLarge
    changes.lock(account_id)
    if mailbox:  # RFC 7162 §3.2: who comes back sees that something is new
        modseq = changes.begin([account_id])[account_id]
        if not Mailbox.objects.filter(pk=mailbox.pk, account_id=account_id).update(modseq=modseq):
            raise NoSuchMailbox(f"There is no mailbox {mailbox.name}.")
    Annotation.objects.filter(account_id=account_id, mailbox=mailbox, entry__in=list(values)).delete()
    Annotation.objects.bulk_create(
        Annotation(account_id=account_id, mailbox=mailbox, entry=entry, value=value)
        for entry, value in values.items()
        if value is not None
    )
    _make_sure_of_room(account_id, mailbox)


def _make_sure_of_room(account_id: int, mailbox: Mailbox | None) -> None:
    held = Annotation.objects.filter(account_id=account_id)
    sums = held.aggregate(n=Count("pk"), octets=Sum(Length("value")))
    if sums["n"] > IN_ALL or (sums["octets"] or 0) > OCTETS or held.filter(mailbox=mailbox).count() > MOST:
        raise TooMany
