"""What no index can answer: exact words, and IMAP's substrings. Messages are read, as few as the rest of the query leaves.

How `contains` (IMAP's SUBJECT, FROM, TEXT, BODY, HEADER …; RFC 9051 §6.4.4) is answered, and how far it may differ from the
letter of the standard:

- Subject and people: exactly, by the stored columns, as far as the first 200 people. Case and accents are folded, which RFC 9051
  leaves to us.
- Body and text: a message is found if its words are those of the string side by side, the last one going on (that is the index,
  over the whole mailbox), or if the string stands anywhere in its text (that is reading, over the newest SCANNED messages that
  the rest of the query leaves). So `voice` finds `invoice` among the newest and `voices` everywhere.
- Other header fields: by reading the header block, over the newest SCANNED.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from zstandard import ZstdError

from mailsuite.blobs import store
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import fold, index
from mailsuite.mailstore.search.compile import TRUE, Scope, condition
from mailsuite.mailstore.search.index import IndexText
from mailsuite.mailstore.search.matching import FIELDS, PEOPLE, phrase_of, words_of
from mailsuite.mailstore.search.query import And, Around, Node, Not, Or, Term, conjuncts
from mailsuite.protocol import header

SCANNED = 2_000
_PEOPLE = {"from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "sender": "sender", "reply-to": "reply_to"}
_IDS = {"message-id": "message_id"}
MOST = 100_000  # messages that the index is asked for


def resolve(tree: Node, scope: Scope) -> dict[int, tuple[int, ...]]:
    """The message ids of each term that is answered by reading, by the term's identity."""
    wanted = [term for term in _leaves(tree) if term.exact or term.operator == "contains"]
    if not wanted:
        return {}
    others = tuple(part for part in conjuncts(tree) if not any(term is one for term in wanted for one in _leaves(part)))
    return {id(term): tuple(_exact(term, scope) if term.exact else _containing(term, others, scope)) for term in wanted}


def _leaves(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case Around(left, right):
            yield from (left, right)
        case Not(child):
            yield from _leaves(child)
        case And(children) | Or(children):
            for child in children:
                yield from _leaves(child)


# --- +word: as written, whole ---


def _exact(term: Term, scope: Scope) -> list[int]:
    """The newest messages that the index finds folded, kept where the words stand there as typed."""
    if term.operator not in FIELDS:
        return []
    ids = index.newest(scope.account_id, phrase_of(replace(term, prefix=False), scope.mine), SCANNED)
    pattern = re.compile(rf"(?<!\w){re.escape(term.value)}(?!\w)")
    return [pk for pk, text in index.texts(ids) if any(pattern.search(part) for part in _parts(text, term.operator))]


def _parts(text: IndexText, operator: str) -> Iterable[str]:
    """The texts of a message in which a term of this operator is looked for."""
    if operator in ("subject", "text"):
        yield text.subject
    if operator in ("body", "text"):
        yield text.body
    if operator in ("filename", "text"):
        yield from (str(item.get("name") or "") for item in text.attachments)
    if operator in PEOPLE or operator == "text":
        names = {"from": ("from", "sender"), "to": ("to", "cc", "bcc")}.get(operator, (operator,))
        asked = tuple(text.people) if operator in ("text", "with") else names
        yield from (part for name in asked for person in text.people.get(name, []) for part in person)


# --- IMAP's substrings ---


def _containing(term: Term, others: Sequence[Node], scope: Scope) -> list[int]:
    asked, wanted = term.value[0].lower(), fold.fold(term.value[1])
    field = asked.removeprefix("header:")
    if field == "subject":
        return _by_column("subject", lambda subject: wanted in fold.fold(subject), others, scope)
    if field in _PEOPLE and wanted:
        return _by_column("people", lambda people: _in_people(people.get(_PEOPLE[field], []), wanted), others, scope)
    if field in _IDS and wanted:
        return _by_column(_IDS[field], lambda value: bool(value) and wanted in fold.fold(f"<{value}>"), others, scope)
    if asked in ("body", "text"):
        return _by_text(asked, term.value[1], wanted, others, scope)
    return _by_header(field, wanted, others, scope)


def _candidates(others: Sequence[Node], scope: Scope, columns: str, limit: int | None) -> Iterator[tuple]:
    """Rows of the messages that the rest of the query leaves, the last to arrive (in the mailbox, if one is asked) first."""
    rest = condition(And(tuple(others)), scope) if others else TRUE
    source, held, order = "mailstore_message m", f"m.account_id = {int(scope.account_id)}", "m.id"
    if scope.mailbox_id:
        source = "mailstore_membership x JOIN mailstore_message m ON m.id = x.message_id"
        held += f" AND x.mailbox_id = {int(scope.mailbox_id)}"
        order = "x.uid"  # which an index has in order
    most = f" LIMIT {limit}" if limit else ""
    with connection.cursor() as cursor:
        asked = f"SELECT {columns} FROM {source} WHERE {held} AND {rest.text} ORDER BY {order} DESC{most}"  # noqa: S608
        cursor.execute(asked, rest.parameters)
        while rows := cursor.fetchmany(1_000):
            yield from rows


def _by_column(name: str, matches: Callable[[Any], bool], others: Sequence[Node], scope: Scope) -> list[int]:
    column = Message._meta.get_field(name)
    from_db = getattr(column, "from_db_value", lambda value, *_: value)
    return [pk for pk, value in _candidates(others, scope, f"m.id, m.{name}", None) if matches(from_db(value, None, connection))]


def _in_people(persons: Sequence[Sequence[str]], wanted: str) -> bool:
    return any(wanted in fold.fold(f"{name} <{address}>" if name else address) for name, address in persons)


def _by_text(field: str, typed: str, wanted: str, others: Sequence[Node], scope: Scope) -> list[int]:
    phrase = words_of(typed, FIELDS[field])
    found = set(index.newest(scope.account_id, phrase, MOST)) if phrase else set()
    unsure = [pk for (pk,) in _candidates(others, scope, "m.id", SCANNED) if pk not in found]
    found.update(pk for pk, text in index.texts(unsure, wanted) if any(_stands_in(part, wanted) for part in _parts(text, field)))
    return sorted(found)


def _stands_in(text: str, wanted: str) -> bool:
    """Also over the end of a line, for a line's end is where the writer's window was."""
    folded = fold.fold(text)
    words = wanted.split()
    return wanted in folded or (words != [wanted] and " ".join(words) in " ".join(folded.split()))


def _by_header(name: str, wanted: str, others: Sequence[Node], scope: Scope) -> list[int]:
    ids = [pk for (pk,) in _candidates(others, scope, "m.id", SCANNED)]
    return [pk for pk, block in _header_blocks(ids) if any(wanted in fold.fold(value) for value in _values(block, name))]


def _header_blocks(ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(ids), 200):
        found = Message.objects.filter(pk__in=ids[start : start + 200]).select_related("blob__packed")
        for message in found.only("trace", "blob"):
            try:
                content = bytes(message.trace) + store.read_range(message.blob, 0, header.HEADER_CAP)
            except (OSError, ZstdError):  # lost or broken: `checkstore` says so, a search goes on
                continue
            yield message.pk, header.split_message(content)[0]


def _values(block: bytes, name: str) -> list[str]:
    """The values of the fields of this name, decoded."""
    return [header.decode(field.raw_value) for field in header.fields(block) if field.name == name]
