"""The mailboxes of an account: ten that everyone has, each with a role, and labels that the member makes."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from mailsuite.bulk import load_many
from mailsuite.mailstore import changes, rows
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Membership, Message, ThreadRow

Role = Mailbox.Role
NAMES = {
    Role.INBOX: "INBOX",
    Role.STARRED: "Starred",
    Role.SNOOZED: "Snoozed",
    Role.SCHEDULED: "Scheduled",
    Role.SENT: "Sent",
    Role.DRAFTS: "Drafts",
    Role.ARCHIVE: "Archive",
    Role.ALL: "All Mail",
    Role.JUNK: "Junk",
    Role.TRASH: "Trash",
}
UNSUBSCRIBED = {Role.STARRED, Role.SNOOZED, Role.SCHEDULED, Role.ALL}  # product.md 3.9: All Mail would be downloaded twice
RESERVED = {name.casefold() for name in NAMES.values()} | {"shared"}
HUES = ("rose", "red", "orange", "amber", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "grey")
PART = 100  # characters
WHOLE = 500
MOST = 1_000  # mailboxes of an account: every write looks at all of them
BATCH = 1_000  # threads refreshed at a time


class MailboxError(Exception):
    """What cannot be done with a mailbox. Never temporary."""

    temporary = False


class MailboxExists(MailboxError):
    """There is one of that name already."""


class NoSuchMailbox(MailboxError):
    """There is none of that name or id."""


class OnlyWhatWaits(MailboxError):
    """Scheduled holds what waits to be sent: nothing is put there by hand."""

    def __str__(self) -> str:
        return "Scheduled holds what waits to be sent. Send a message later, and it is there."


@dataclass
class NameRefused(MailboxError):
    """A name that no label can have; `reason` is a sentence for the member."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def fold(name: str) -> str:
    """What two names are compared by."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@transaction.atomic
def ensure(account_id: int) -> None:
    """Give the account the mailboxes that every account has, where they are missing."""
    modseq = changes.begin([account_id])[account_id]
    there = set(Mailbox.objects.filter(account_id=account_id).exclude(role="").values_list("role", flat=True))
    missing = [role for role in NAMES if role not in there]
    first = _uidvalidity(account_id, len(missing)) if missing else 0
    Mailbox.objects.bulk_create(
        Mailbox(
            account_id=account_id,
            name=NAMES[role],
            folded=fold(NAMES[role]),
            role=role,
            uidvalidity=first + number,
            subscribed=role not in UNSUBSCRIBED,
            sticky=False,
            modseq=modseq,
            described_modseq=modseq,
            created_modseq=modseq,
        )
        for number, role in enumerate(missing)
    )


def _uidvalidity(account_id: int, count: int) -> int:
    """The first of `count` values that no mailbox of the account had before: RFC 9051 §2.3.1.1."""
    first = max(int(time.time()), AccountState.objects.values_list("uidvalidity", flat=True).get(pk=account_id) + 1)
    AccountState.objects.filter(pk=account_id).update(uidvalidity=first + count - 1)
    return first


def by_role(account_id: int, role: str) -> Mailbox:
    """The account's mailbox of this role; made first where the account is new."""
    found = Mailbox.objects.filter(account_id=account_id, role=role).first()
    if found is None:
        ensure(account_id)
        found = Mailbox.objects.get(account_id=account_id, role=role)
    return found


def list_all(account_id: int) -> list[Mailbox]:
    """All mailboxes: those with a role first, in their usual order, then labels by name."""
    found = list(Mailbox.objects.filter(account_id=account_id))
    if sum(1 for mailbox in found if mailbox.role) < len(NAMES):
        ensure(account_id)
        found = list(Mailbox.objects.filter(account_id=account_id))
    order = list(NAMES)
    return sorted(found, key=lambda mailbox: (order.index(mailbox.role) if mailbox.role else len(order), mailbox.folded))


def find(account_id: int, name: str) -> Mailbox:
    """The mailbox of this name, in whatever case; a slash after it is forgiven. Raises NoSuchMailbox."""
    name = name.removesuffix("/")
    found = load_many(Mailbox, account_id=[account_id], folded=[fold(name)])
    if not found and fold(name) in {fold(known) for known in NAMES.values()}:
        ensure(account_id)
        found = load_many(Mailbox, account_id=[account_id], folded=[fold(name)])
    if not found:
        raise NoSuchMailbox(f"There is no mailbox {name}.")
    return found[0]


def has_children(mailbox: Mailbox) -> bool:
    """Is there a mailbox below it?"""
    return Mailbox.objects.filter(account_id=mailbox.account_id, folded__startswith=f"{mailbox.folded}/").exists()


def check_name(name: str) -> str:
    """The name as it is kept (NFC). Raises NameRefused where no label can be called that."""
    name = unicodedata.normalize("NFC", name)
    parts = name.split("/")
    if any(not part.strip() for part in parts):
        raise NameRefused("A label needs a name, and so does each of its levels.")
    if any(part != part.strip() for part in parts):
        raise NameRefused("A label's name neither begins nor ends with a blank.")
    if any(len(part) > PART for part in parts) or len(name) > WHOLE:
        raise NameRefused(f"A label's name has at most {PART} characters a level and {WHOLE} in all.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise NameRefused("A label's name has no control characters.")
    if fold(name) in RESERVED or fold(parts[0]) == "shared":
        raise NameRefused(f"{name} is the name of a mailbox that every account has.")
    return name


@transaction.atomic
def create(account_id: int, name: str, *, color: str = "", sticky: bool = True, subscribed: bool = True) -> Mailbox:
    """Make a label, and the labels above it where they are missing. Raises MailboxExists, NameRefused."""
    name = check_name(name.removesuffix("/"))
    modseq = changes.begin([account_id])[account_id]
    there = dict(Mailbox.objects.filter(account_id=account_id).values_list("folded", "name"))
    if fold(name) in there:
        raise MailboxExists(f"There is a mailbox {name} already.")
    label = _make(account_id, _below(name, there), set(there), modseq)
    label.color, label.sticky, label.subscribed = color, sticky, subscribed
    label.save(update_fields=["color", "sticky", "subscribed"])
    return label


def _below(name: str, there: Mapping[str, str]) -> str:
    """The name, with the levels above it spelt as they are already. there: names by their folded form."""
    above, slash, last = name.rpartition("/")
    while above:
        if fold(above) in there:
            return there[fold(above)] + slash + last
        above, between, level = above.rpartition("/")
        last = level + slash + last
        slash = between or slash
    return name


def _make(account_id: int, name: str, there: set[str], modseq: int) -> Mailbox:
    """The label of this name and all that are missing above it; the label itself is returned."""
    parts = name.split("/")
    names = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    missing = [one for one in names if fold(one) not in there and fold(one) not in RESERVED]
    if len(there) + len(missing) > MOST:
        raise NameRefused(f"An account has at most {MOST} mailboxes.")
    first = _uidvalidity(account_id, len(missing)) if missing else 0
    stamps = {"modseq": modseq, "described_modseq": modseq, "created_modseq": modseq}
    made = [
        Mailbox(account_id=account_id, name=one, folded=fold(one), uidvalidity=first + number, **stamps)
        for number, one in enumerate(missing)
    ]
    _note_below(account_id, missing, modseq)
    return Mailbox.objects.bulk_create(made)[-1] if made else Mailbox(account_id=account_id)


def _note_below(account_id: int, names: Iterable[str], modseq: int) -> None:
    """What is below mailboxes that came, went or moved is below another one now."""
    below = Q(pk__in=())
    for name in names:
        below |= Q(folded__startswith=fold(name) + "/")
    Mailbox.objects.filter(below, account_id=account_id).update(modseq=modseq, described_modseq=modseq)


@transaction.atomic
def rename(mailbox: Mailbox, name: str) -> Mailbox:
    """Rename a label and all below it. Raises MailboxExists, NameRefused."""
    if mailbox.role:
        raise NameRefused(f"{mailbox.name} cannot be renamed.")
    name = check_name(name.removesuffix("/"))
    modseq = changes.begin([mailbox.account_id])[mailbox.account_id]
    family = _with_children(mailbox)
    others = Mailbox.objects.filter(account_id=mailbox.account_id).exclude(pk__in=[one.pk for one in family])
    there = dict(others.values_list("folded", "name"))
    name = _below(name, there)
    if fold(name).startswith(mailbox.folded + "/"):
        raise NameRefused("A label cannot be put inside itself.")
    for one in family:
        one.name = check_name(name + one.name[len(mailbox.name) :])
        one.folded, one.modseq = fold(one.name), modseq
        if one.folded in there:
            raise MailboxExists(f"There is a mailbox {one.name} already.")
    if "/" in name:
        _make(mailbox.account_id, name.rpartition("/")[0], set(there), modseq)
    # Longest first, so that no name meets one of the family that has not moved yet.
    for one in sorted(family, key=lambda one: -len(one.name)):
        one.described_modseq = modseq
        one.save(update_fields=["name", "folded", "modseq", "described_modseq"])
    _note_below(mailbox.account_id, [name], modseq)
    return next(one for one in family if one.pk == mailbox.pk)


def _with_children(mailbox: Mailbox) -> list[Mailbox]:
    family = Q(pk=mailbox.pk) | Q(folded__startswith=mailbox.folded + "/")
    return list(Mailbox.objects.filter(family, account_id=mailbox.account_id))


@transaction.atomic
def delete(mailbox: Mailbox) -> None:
    """Delete a label; what carried it stays in Mail. Labels below it stay. Raises NameRefused for one that everyone has."""
    if mailbox.role:
        raise NameRefused(f"{mailbox.name} cannot be deleted.")
    modseq = changes.begin([mailbox.account_id])[mailbox.account_id]
    held = Membership.objects.filter(mailbox=mailbox)
    Message.objects.filter(pk__in=held.values("message_id")).update(modseq=modseq)
    touched = Membership.objects.filter(message_id__in=held.values("message_id")).values_list("mailbox_id", flat=True)
    touched = set(touched.distinct().order_by())
    threads = list(ThreadRow.objects.filter(mailbox=mailbox).values_list("thread_id", flat=True))
    held._raw_delete(held.db)
    boxes = rows.load_boxes([mailbox.account_id])
    for pk in touched:  # no message is newer than a mailbox it is in
        boxes[pk].modseq = modseq
    for start in range(0, len(threads), BATCH):
        rows.refresh(threads[start : start + BATCH], boxes, {mailbox.account_id: modseq})
    rows.save_boxes(box for box in boxes.values() if box.pk != mailbox.pk)
    changes.record([changes.Hole(account_id=mailbox.account_id, modseq=modseq, kind=Change.Kind.DROPPED, mailbox_id=mailbox.pk)])
    Change.objects.filter(mailbox_id=mailbox.pk, kind=Change.Kind.EXPUNGED).delete()
    Mailbox.objects.filter(pk=mailbox.pk).delete()
    _note_below(mailbox.account_id, [mailbox.name], modseq)


def described(label: Mailbox) -> dict[str, object]:
    """All that `revive` needs of a label that is deleted now."""
    return {name: getattr(label, name) for name in ("id", "name", "uidnext", *DESCRIBED)}


@transaction.atomic
def revive(account_id: int, kept: dict[str, Any]) -> None:
    """Make a deleted label again, under its old id, so that what remembers it finds it; not where its name is taken.

    Its UIDs go on where they were: who has not noticed that it was gone finds nothing under those he knows.
    """
    modseq = changes.begin([account_id])[account_id]
    taken = Mailbox.objects.filter(Q(account_id=account_id, folded=fold(kept["name"])) | Q(pk=kept["id"]))
    if not taken.exists():
        stamps = {"modseq": modseq, "described_modseq": modseq, "created_modseq": modseq}
        values = {"uidvalidity": _uidvalidity(account_id, 1), **stamps, **kept}
        Mailbox.objects.create(account_id=account_id, folded=fold(kept["name"]), **values)
        _note_below(account_id, [kept["name"]], modseq)


@transaction.atomic
def subscribe(mailbox: Mailbox, subscribed: bool = True) -> None:
    """Have the mailbox in IMAP's LSUB and RETURN (SUBSCRIBED), or not."""
    describe(mailbox, subscribed=subscribed)


DESCRIBED = ("color", "sticky", "subscribed", "sort_order", "in_imap", "in_sidebar")


@transaction.atomic
def describe(mailbox: Mailbox, **values: object) -> None:
    """Set some of DESCRIBED. Raises NameRefused for what only labels have, or what Inbox cannot be."""
    if mailbox.role and values.keys() & {"color", "sticky"}:
        raise NameRefused(f"{mailbox.name} is a mailbox that every account has: only labels have a colour, or stick.")
    if mailbox.role == Role.INBOX and values.get("in_imap") is False:
        raise NameRefused("Every mail program has to find the Inbox.")
    modseq = changes.begin([mailbox.account_id])[mailbox.account_id]
    Mailbox.objects.filter(pk=mailbox.pk).update(modseq=modseq, described_modseq=modseq, **values)
    for name, value in values.items():
        setattr(mailbox, name, value)
