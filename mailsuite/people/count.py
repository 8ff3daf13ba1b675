"""Count mail: whom the account wrote to, with whom together, and who of them wrote back.

Counting follows the mail when somebody asks for the result, so that delivery pays nothing for it. What is asked again soon has
only the last few messages to look at. Strangers' mail and spam never make anybody a person.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now

from mailsuite.accounts import addresses
from mailsuite.accounts.addresses import split, untagged
from mailsuite.bridge import writing
from mailsuite.bulk import insert_new, update_many
from mailsuite.mailstore import changes
from mailsuite.mailstore.models import Message
from mailsuite.people.decay import weight
from mailsuite.people.models import Circle, Person, Register

STEP = 900  # keys a statement
LARGEST_CIRCLE = 20  # people; who writes to more is not choosing them one by one
TRIES = 3
COLUMNS = ("pk", "own", "flags", "place", "author_address")
Place = Message.Place


@dataclass(slots=True)
class Sums:
    """What is to be added for one address."""

    address: str = ""
    name: str = ""
    own_name: str = ""  # as they write it themselves
    written: float = 0.0
    heard: float = 0.0


@dataclass(slots=True)
class Counted:
    """What new mail adds. `circles`: addresses (folded) that were written to together."""

    last_message: int
    drafts: list[int] = field(default_factory=list)
    people: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    circles: dict[frozenset[str], float] = field(default_factory=lambda: defaultdict(float))


def catch_up(account_id: int) -> Register:
    """Count what came since the last time, and give how far that is. Reads first: the pen is held only to add it up."""
    for _ in range(TRIES):
        register = Register.objects.filter(account_id=account_id).first() or Register(account_id=account_id)
        modseq = changes.state(account_id)
        if register.modseq == modseq:
            break
        found = _count(register)
        with writing():
            locked = locked_register(account_id)
            if (locked.modseq, locked.last_message) != (register.modseq, register.last_message):
                continue  # somebody else counted the same mail meanwhile
            _add(locked, found)
            locked.modseq, locked.last_message, locked.drafts = modseq, found.last_message, found.drafts
            locked.save()
            return locked
    return register


def knows(account_id: int, address: str) -> bool:
    """Did the account ever write to this address?"""
    catch_up(account_id)
    return Person.objects.filter(account_id=account_id, folded=address.casefold(), written__gt=0).exists()


def locked_register(account_id: int) -> Register:
    """The account's register, locked until the transaction ends."""
    Register.objects.bulk_create([Register(account_id=account_id)], ignore_conflicts=True)
    return Register.objects.select_for_update().get(account_id=account_id)


# --- reading ---


def _count(register: Register) -> Counted:
    account_id, at = register.account_id, now()
    mail = Message.objects.filter(account_id=account_id)
    last = mail.aggregate(last=Max("pk"))["last"] or 0
    fresh = mail.filter(modseq__gt=register.modseq, pk__lte=last)
    found = Counted(max(last, register.last_message))
    drafts, sent, received = set(register.drafts), [], []
    for pk, own, flags, place, author in fresh.values_list(*COLUMNS).iterator():
        if pk <= register.last_message and pk not in drafts:
            continue
        if own and flags & Message.DRAFT:
            drafts.add(pk)
            continue
        drafts.discard(pk)
        if place == Place.MAIL:
            sent.append(pk) if own else received.append((pk, author.casefold()))
    mine = frozenset(split(one.address) for one in addresses.identities(account_id))
    for people, traits, moment in _rows(sent, "people", "traits", "received_at"):
        if "auto" not in traits:
            _count_own(found, people, mine, weight(moment, at))
    known = {*found.people, *Person.objects.filter(account_id=account_id).values_list("folded", flat=True)}
    _count_received(found, [pk for pk, author in received if author in known], mine, at)
    found.drafts = _still_there(drafts)
    return found


def _rows(keys: Sequence[int], *columns: str) -> Iterator[tuple]:
    for start in range(0, len(keys), STEP):
        yield from Message.objects.filter(pk__in=keys[start : start + STEP]).order_by("pk").values_list(*columns)


def _still_there(drafts: Collection[int]) -> list[int]:
    return sorted(pk for (pk,) in _rows(sorted(drafts), "pk"))


def _is_mine(address: str, mine: Collection[tuple[str, str]]) -> bool:
    local, domain = split(address)
    return (local, domain) in mine or (untagged(local), domain) in mine


def _count_own(found: Counted, people: dict[str, list[list[str]]], mine: Collection[tuple[str, str]], amount: float) -> None:
    together = set()
    for name, address in (pair for kind in ("to", "cc", "bcc") for pair in people.get(kind, ())):
        folded = address.casefold()
        if not split(address)[0] or _is_mine(address, mine) or folded in together:
            continue
        together.add(folded)
        sums = found.people[folded]
        sums.address, sums.name = address, name[:200] or sums.name
        sums.written += amount
    if 1 < len(together) <= LARGEST_CIRCLE:
        found.circles[frozenset(together)] += amount


def _count_received(found: Counted, keys: list[int], mine: Collection[tuple[str, str]], at: datetime) -> None:
    """Only what was written to the account itself, by hand."""
    for author, name, people, traits, moment in _rows(keys, "author_address", "author_name", "people", "traits", "received_at"):
        direct = any(_is_mine(pair[1], mine) for kind in ("to", "cc") for pair in people.get(kind, ()))
        if direct and not _is_mine(author, mine) and not traits.keys() & {"bulk", "auto", "list_id", "report"}:
            sums = found.people[author.casefold()]
            sums.address, sums.own_name = sums.address or author, name[:200] or sums.own_name
            sums.heard += weight(moment, at)


# --- adding up ---


def _add(register: Register, found: Counted) -> None:
    if not found.people:
        return
    register.version += 1
    people = {one.folded: one for one in _held(register.account_id, found.people)}
    fresh = []
    for folded, sums in found.people.items():
        person = people.get(folded)
        if person is None:
            person = people[folded] = Person(account_id=register.account_id, folded=folded, address=sums.address)
            fresh.append(person)
        _add_to(person, sums, register.version)
    update_many(
        Person,
        ("name", "written", "heard", "forgotten", "version"),
        [(one.pk, one.name, one.written, one.heard, one.forgotten, one.version) for one in people.values() if one.pk],
    )
    insert_new(fresh)
    _add_circles(register.account_id, {frozenset(people[one].pk for one in key): sum_ for key, sum_ in found.circles.items()})


def _held(account_id: int, folded: Iterable[str]) -> Iterator[Person]:
    wanted = list(folded)
    for start in range(0, len(wanted), STEP):
        yield from Person.objects.filter(account_id=account_id, folded__in=wanted[start : start + STEP])


def _add_to(person: Person, sums: Sums, version: int) -> None:
    person.name = sums.name or person.name or sums.own_name
    person.written += sums.written
    person.heard += sums.heard
    person.forgotten = person.forgotten and not sums.written
    person.version = version


def _add_circles(account_id: int, circles: dict[frozenset[int], float]) -> None:
    keyed = {circle_key(members): (sorted(members), amount) for members, amount in circles.items()}
    held: dict[str, Circle] = {}
    names = list(keyed)
    for start in range(0, len(names), STEP):
        some = Circle.objects.filter(account_id=account_id, key__in=names[start : start + STEP])
        held |= {one.key: one for one in some}
    update_many(Circle, ("written",), [(one.pk, one.written + keyed[key][1]) for key, one in held.items()])
    insert_new(
        [
            Circle(account_id=account_id, key=key, members=members, written=amount)
            for key, (members, amount) in keyed.items()
            if key not in held
        ]
    )


def circle_key(members: Iterable[int]) -> str:
    """The name of a set of people."""
    return hashlib.sha256(",".join(map(str, sorted(members))).encode()).hexdigest()


@transaction.atomic
def forget(account_id: int, wanted: Iterable[str], known: Collection[str] = ()) -> list[str]:
    """Suggest these addresses no more, until the account writes to them again; returns those that it had, as they were given.

    known: folded addresses that may be suggested though nobody wrote to them, as those of fellow members.
    """
    register = locked_register(account_id)
    by_folded = {address.casefold(): address for address in wanted}
    people = {one.folded: one for one in _held(account_id, by_folded)}
    fresh = [
        Person(account_id=account_id, folded=folded, address=address)
        for folded, address in by_folded.items()
        if folded not in people and folded in known
    ]
    if not people and not fresh:
        return []
    register.version += 1
    for one in (*people.values(), *fresh):
        one.written = one.heard = 0
        one.forgotten, one.version = True, register.version
    keys = ("written", "heard", "forgotten", "version")
    update_many(Person, keys, [(one.pk, one.written, one.heard, one.forgotten, one.version) for one in people.values()])
    insert_new(fresh)
    register.save(update_fields=["version"])
    return [by_folded[one.folded] for one in (*people.values(), *fresh)]
