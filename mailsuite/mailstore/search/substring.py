"""What no index can answer: exact words, and IMAP's substrings. Messages are read, as few as the rest of the query leaves.

How `contains` (IMAP's SUBJECT, FROM, TEXT, BODY, HEADER …; RFC 9051 §6.4.4) is answered, and how far it may differ from the
letter of the standard:

- Subject and people: exactly, by the stored columns, as far as the first 200 people. Case and accents are folded, which RFC 9051
  leaves to us.
- Body and text: a message is found if its words are those of the string side by side, the last one going on (that is the index,
  over the whole mailbox), or if the string stands anywhere in its text (that is reading, over the newest SCANNED messages that
  the rest of the query leaves). So `voice` finds `invoice` among the newest and `voices` everywhere. To the text IMAP adds the
  header of these, as it is written.
- Other header fields: by reading the header block; IMAP gets all of a mailbox, others the newest SCANNED.

Terms that are read from the same place are read together: each place is gone through once, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection

from mailsuite.mailstore.ancestry import header_blocks
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import fold, index
from mailsuite.mailstore.search.compile import TRUE, Scope, condition, doubtful, is_dated, numbers
from mailsuite.mailstore.search.index import IndexText
from mailsuite.mailstore.search.matching import FIELDS, PEOPLE, phrase_of, words_of
from mailsuite.mailstore.search.query import And, Around, Node, Not, Or, Term, conjuncts
from mailsuite.protocol import dates, header
from mailsuite.protocol.imap.envelope import texts

SCANNED = 2_000
TOLD = 500  # messages read between two tellings of how far it has come
_PEOPLE = {"from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "sender": "sender", "reply-to": "reply_to"}
SYNTHETIC = "@synthetic.invalid"  # rule R2: of a message that had no id of its own
MOST = 100_000  # messages that the index is asked for
# In JSON these stand for something, or something else stands for them; and a blank may divide a name from an address.
_AMBIGUOUS = re.compile(r"[\"\\<>\[\]{},:]|[^\x20-\x7e]|^ | $")
Found = dict[int, Sequence[int]]  # message ids by id() of a term


def resolve(tree: Node, scope: Scope) -> Found:
    """The message ids of each term that is answered by reading, by the term's identity."""
    wanted = [term for term in _leaves(tree) if term.exact or term.operator == "contains" or is_dated(term)]
    if not wanted:
        return {}
    others = tuple(part for part in conjuncts(tree) if not any(term is one for term in wanted for one in _leaves(part)))
    found: Found = {id(term): _exact(term, scope) for term in wanted if term.exact}
    kinds: dict[Callable[[Sequence[Term], Sequence[Node], Scope], Found], list[Term]] = {}
    for term in wanted:
        if not term.exact:
            kinds.setdefault(_reader(term), []).append(term)
    for read, terms in kinds.items():
        found |= read(terms, others, scope)
    return found


def _reader(term: Term) -> Callable[[Sequence[Term], Sequence[Node], Scope], Found]:
    """Where the answer to a term stands."""
    if is_dated(term):
        return _by_date
    field, wanted = term.value
    name = field.lower().removeprefix("header:")
    if field.lower() in ("body", "text"):
        return _by_text
    return _by_columns if wanted and (name in _PEOPLE or name in ("subject", "message-id")) else _by_header


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


def _candidates(others: Sequence[Node], scope: Scope, columns: str, limit: int | None) -> Iterator[tuple]:
    """Rows of the messages that the rest of the query leaves, the last to arrive (in the mailbox, if one is asked) first."""
    rest = condition(And(tuple(others)), scope) if others else TRUE
    source, held, order = "mailstore_message m", f"m.account_id = {int(scope.account_id)}", "m.id"
    if scope.mailbox_ids:
        source = "mailstore_membership x JOIN mailstore_message m ON m.id = x.message_id"
        held += f" AND x.mailbox_id IN ({numbers(scope.mailbox_ids)})"
        order = "x.uid" if len(scope.mailbox_ids) == 1 else "m.id"  # which an index has in order
    most = f" LIMIT {limit}" if limit else ""
    with connection.cursor() as cursor:
        asked = f"SELECT {columns} FROM {source} WHERE {held} AND {rest.text} ORDER BY {order} DESC{most}"  # noqa: S608
        cursor.execute(asked, rest.parameters)
        while rows := cursor.fetchmany(1_000):
            yield from rows


def _by_columns(terms: Sequence[Term], others: Sequence[Node], scope: Scope) -> Found:
    tests = [(id(term), *_test(*term.value)) for term in terms]
    columns = sorted({column for _, column, _ in tests})
    at = {column: number for number, column in enumerate(columns, 1)}
    found: dict[int, list[int]] = {key: [] for key, _, _ in tests}
    for row in _candidates(others, scope, ", ".join(["m.id", *(f"m.{column}" for column in columns)]), None):
        for key, column, matches in tests:
            if matches(row[at[column]]):
                found[key].append(row[0])
    return dict(found)


def _test(field: str, text: str) -> tuple[str, Callable[[Any], bool]]:
    """The column that answers, and what its raw value must be like."""
    name, wanted = field.lower().removeprefix("header:"), fold.fold(text)
    if name == "subject":
        return "subject", lambda subject: wanted in fold.fold(subject)
    if name == "message-id":
        return "message_id", lambda value: not value.endswith(SYNTHETIC) and wanted in fold.fold(f"<{value}>")
    key, is_plain = _PEOPLE[name], not _AMBIGUOUS.search(wanted)
    from_db = Message._meta.get_field("people").from_db_value

    def matches(raw: Any) -> bool:
        # Most messages are not from whom is sought, and to see that one need not read the list.
        if is_plain and isinstance(raw, str) and raw.isascii() and "\\" not in raw and wanted not in raw.lower():
            return False
        return _in_people(from_db(raw, None, connection).get(key, []), wanted)

    return "people", matches


def _in_people(persons: Sequence[Sequence[str]], wanted: str) -> bool:
    return any(wanted in fold.fold(f"{name} <{address}>" if name else address) for name, address in persons)


def _by_text(terms: Sequence[Term], others: Sequence[Node], scope: Scope) -> Found:
    found = {id(term): _by_index(term, scope) for term in terms}
    wanted = [(found[id(term)], term.value[0].lower(), fold.fold(term.value[1])) for term in terms]
    newest = [pk for (pk,) in _candidates(others, scope, "m.id", SCANNED)]
    unsure = [pk for pk in newest if not all(pk in known for known, _, _ in wanted)]
    for pk, text in index.texts(unsure, *(folded for _, _, folded in wanted)):
        for known, field, folded in wanted:
            if pk not in known and any(_stands_in(part, folded) for part in _parts(text, field)):
                known.add(pk)
    if scope.mailbox_ids:
        _add_by_block([(known, folded.encode()) for known, field, folded in wanted if field == "text"], unsure)
    return {key: sorted(known) for key, known in found.items()}


def _add_by_block(wanted: Sequence[tuple[set[int], bytes]], ids: Sequence[int]) -> None:
    """IMAP's TEXT looks into the whole header. What people read of it is indexed: here the rest counts, as it is written."""
    unsure = [pk for pk in ids if not all(pk in known for known, _ in wanted)]
    for pk, block in header_blocks(unsure):
        low = block.lower()
        for known, folded in wanted:
            if folded in low:
                known.add(pk)


def _by_index(term: Term, scope: Scope) -> set[int]:
    phrase = words_of(term.value[1], FIELDS[term.value[0].lower()])
    return set(index.newest(scope.account_id, phrase, MOST)) if phrase else set()


def _stands_in(text: str, wanted: str) -> bool:
    """Also over the end of a line, for a line's end is where the writer's window was."""
    folded = fold.fold(text)
    words = wanted.split()
    return wanted in folded or (words != [wanted] and " ".join(words) in " ".join(folded.split()))


def _by_header(terms: Sequence[Term], others: Sequence[Node], scope: Scope) -> Found:
    wanted = [(id(term), term.value[0].lower().removeprefix("header:"), fold.fold(term.value[1])) for term in terms]
    found: dict[int, list[int]] = {key: [] for key, _, _ in wanted}
    ids = [pk for (pk,) in _candidates(others, scope, "m.id", None if scope.mailbox_ids else SCANNED)]
    for number, (pk, block) in enumerate(header_blocks(ids)):
        if not number % TOLD:
            scope.tell(number, len(ids))
        for key, name, text in wanted:
            # The name is looked for first: taking a whole block apart for a field that is not there costs ten times as much.
            if name.encode() in block.lower() and any(text in fold.fold(value) for value in _values(block, name)):
                found[key].append(pk)
    return dict(found)


def _values(block: bytes, name: str) -> list[str]:
    """The values of the fields of this name, decoded."""
    return [header.decode(field.raw_value) for field in header.fields(block) if field.name == name]


# --- the day a message says it was written ---


def _by_date(terms: Sequence[Term], others: Sequence[Node], scope: Scope) -> Found:
    """Of what was sent around midnight: whether its Date names an earlier day, whatever the zone (RFC 9051 §6.4.4)."""
    days = [(id(term), date.fromisoformat(term.value)) for term in terms]
    found: dict[int, list[int]] = {key: [] for key, _ in days}
    doubt = Or(tuple(Term("sent_between", doubtful(term, scope)) for term in terms))
    for pk, envelope in _candidates((*others, doubt), scope, "m.id, m.imap_envelope", None):
        written = dates.zoned((texts(bytes(envelope)).date or b"").decode("latin-1"))
        for key, day in days if written else ():
            if written.date() < day:
                found[key].append(pk)
    return dict(found)
