"""A query tree as SQL: a condition on a row `m` of messages, the same text for SQLite and PostgreSQL.

Content terms ask the row itself. State terms ask its conversation (product.md 2.3), or, `per_message`, the row again: that is
IMAP's and JMAP's view. Because every leaf is a condition on one row, a conversation matches if one of its messages makes the
whole tree true: so all content terms meet in a single message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.db import connection

from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import fold, index, values
from mailsuite.mailstore.search.document import Match
from mailsuite.mailstore.search.matching import NATURES, as_match, phrase_of
from mailsuite.mailstore.search.query import And, Around, Node, Not, Or, Term

PLACE_ROLES = {Message.Place.MAIL: "all", Message.Place.SPAM: "junk", Message.Place.TRASH: "trash"}
_FLAGS = {
    "unread": (Message.SEEN, False),
    "read": (Message.SEEN, True),
    "starred": (Message.FLAGGED, True),
    "unstarred": (Message.FLAGGED, False),
    "draft": (Message.DRAFT, True),
    "replied": (Message.ANSWERED, True),
    "unreplied": (Message.ANSWERED, False),
}
# States that have a mailbox of their own, and the same said of a message, for mail that is in Trash or Spam.
_ROLE_STATES = {
    "starred": ("flagged", f"(m.flags & {Message.FLAGGED}) <> 0"),
    "snoozed": ("snoozed", f"(m.place = {int(Message.Place.MAIL)} AND m.snoozed_until IS NOT NULL)"),
    "scheduled": ("scheduled", f"(m.place = {int(Message.Place.MAIL)} AND m.sends_at IS NOT NULL)"),
    "draft": ("drafts", f"(m.flags & {Message.DRAFT}) <> 0"),
    "sent": ("sent", f"(m.own AND (m.flags & {Message.DRAFT}) = 0)"),
}
_ABSENCE = {"read": "unread", "unstarred": "starred", "unreplied": "replied"}  # of a conversation: no message is otherwise


@dataclass(frozen=True)
class Sql:
    """A condition and its parameters, in order."""

    text: str
    parameters: tuple[Any, ...] = ()

    def __invert__(self) -> Sql:
        return Sql(f"NOT ({self.text})", self.parameters)


ZONES = timedelta(hours=26)  # how far a date can be from UTC: no honest zone is farther than 14 hours
TRUE, FALSE = Sql("1 = 1"), Sql("1 = 0")


@dataclass(frozen=True)
class Scope:
    """Whose mail is asked, where, and what relative words mean."""

    account_id: int
    roles: dict[str, int]  # mailbox id of each role
    labels: dict[int, str]  # names of own labels
    mine: tuple[str, ...]  # the account's addresses, for `me`
    now: datetime
    zone: tzinfo
    places: tuple[int, ...] = (Message.Place.MAIL,)
    per_message: bool = False
    walking: bool = False  # conversation by conversation, or message by message, from the newest: see `sign`
    mailbox_ids: tuple[int, ...] = ()  # asked through these mailboxes: their rows of membership are `x`
    resolved: dict[int, Sequence[int]] = field(default_factory=dict)  # by id() of a term: answered beforehand, as message ids
    tell: Callable[[int, int], object] = lambda done, total: None  # how far reading has come, in messages; may raise to end it

    def with_places(self, places: Sequence[int]) -> Scope:
        return replace(self, places=tuple(places))

    @property
    def sign(self) -> str:
        """A plus before a column keeps SQLite from going through the list beside it, for every conversation anew."""
        return "+" if self.walking else ""

    def boxes(self) -> tuple[int, ...]:
        """The mailboxes that together hold everything in scope."""
        return tuple(self.roles[PLACE_ROLES[Message.Place(place)]] for place in self.places)

    def place_condition(self) -> Sql:
        return Sql(f"m.place IN ({numbers(self.places)})")


def numbers(ids: Sequence[int]) -> str:
    """Ids as SQL text. Only ever our own integers."""
    return ", ".join(str(int(one)) for one in ids) or "NULL"


def _among(ids: Sequence[int], column: str) -> Sql:
    """One of many ids, as one parameter: a statement of SQLite has at most a million bytes."""
    if connection.vendor == "sqlite":
        return Sql(f"{column} IN (SELECT value FROM json_each(%s))", (json.dumps(list(ids)),))  # noqa: S608
    return Sql(f"{column} = ANY(%s)", (list(ids),))


def condition(node: Node, scope: Scope) -> Sql:
    """The SQL condition on `m` (and `x`, where a mailbox is asked)."""
    if id(node) in scope.resolved and not is_dated(node):
        return _among(scope.resolved[id(node)], f"{scope.sign}m.id")
    if (match := as_match(node, scope.mine)) is not None:
        return _in_index(scope, match, f"{scope.sign}m.id")
    match node:
        case Not(child):
            return ~condition(child, scope)
        case And(children):
            return _all(node, children, scope)
        case Or(children):
            return joined(" OR ", [condition(child, scope) for child in children])
        case Around(left, right):
            return condition(And((left, right)), scope)
    return _LEAVES.get(node.operator, lambda term, scope: FALSE)(node, scope)


def is_dated(node: Node) -> bool:
    return isinstance(node, Term) and node.operator in ("sent_before", "sent_after")


def joined(word: str, parts: Sequence[Sql]) -> Sql:
    """Conditions put together with AND or OR."""
    if not parts:
        return TRUE
    return Sql("(" + word.join(part.text for part in parts) + ")", tuple(p for part in parts for p in part.parameters))


def _all(node: And, children: Sequence[Node], scope: Scope) -> Sql:
    """What the index can answer becomes one question, so that it intersects and not the database."""
    asked = [child for child in children if id(child) not in scope.resolved and as_match(child, scope.mine) is not None]
    known = {id(child) for child in asked}
    rest = [condition(child, scope) for child in children if id(child) not in known]
    return joined(" AND ", [*([condition(And(tuple(asked)), scope)] if asked else []), *rest])


def _in_index(scope: Scope, match: Match, column: str = "m.id") -> Sql:
    text, parameters = index.condition(scope.account_id, match)
    return Sql(f"{column} IN ({text})", tuple(parameters))


# --- content ---


def _days(term: Term, scope: Scope) -> Sql:
    start = values.start_of(term.value, scope.now, scope.zone)
    return Sql(f"m.received_at {'>=' if term.operator == 'after' else '<'} %s", (_moment(start),))


def _span(term: Term, scope: Scope) -> Sql:
    first, last = term.value
    start, end = values.start_of(first, scope.now, scope.zone), values.end_of(last, scope.now, scope.zone)
    return Sql("(m.received_at >= %s AND m.received_at < %s)", (_moment(start), _moment(end)))


def _sent(term: Term, scope: Scope) -> Sql:
    """The day a message says it was written is only in doubt around midnight: `substring` has read those."""
    early, late = doubtful(term, scope)
    read = _among(scope.resolved.get(id(term), ()), "m.id")
    before = Sql(f"(m.sent_at < %s OR (m.sent_at < %s AND {read.text}))", (_moment(early), _moment(late), *read.parameters))
    asked = before if term.operator == "sent_before" else ~before
    return Sql(f"(m.sent_at IS NOT NULL AND {asked.text})", asked.parameters)


def doubtful(term: Term, scope: Scope) -> tuple[datetime, datetime]:
    """Between these moments (in UTC), a message's own date may be that day or the one before."""
    start = values.start_of(term.value, scope.now, UTC)
    return start - ZONES, start + ZONES


def _saved(term: Term, scope: Scope) -> Sql:
    """RFC 8514 §3: as long as it is not known when the copy came in, it came in when the message came."""
    if not scope.mailbox_ids:
        return FALSE
    start = values.start_of(term.value, scope.now, scope.zone)
    return Sql(f"COALESCE(x.saved_at, m.received_at) {'>=' if term.operator == 'saved_after' else '<'} %s", (_moment(start),))


def _age(term: Term, scope: Scope) -> Sql:
    return Sql(
        f"m.received_at {'>' if term.operator == 'newer_than' else '<='} %s", (_moment(values.ago(term.value, scope.now)),)
    )


def _size(term: Term, scope: Scope) -> Sql:
    most = 2**62  # what a bigint can be compared with
    return Sql(f"m.size {'>=' if term.operator == 'larger' else '<'} %s", (min(int(term.value), most),))


def _msgid(term: Term, scope: Scope) -> Sql:
    return Sql("m.message_id = %s", (str(term.value).replace("\x00", ""),))


def _keyword(term: Term, scope: Scope) -> Sql:
    """Keywords compare without regard to case (RFC 9051 §2.3.2)."""
    items = "json_each(m.keywords) k" if connection.vendor == "sqlite" else "jsonb_array_elements_text(m.keywords) AS k(value)"
    return Sql(f"EXISTS (SELECT 1 FROM {items} WHERE lower(k.value) = %s)", (str(term.value).lower(),))  # noqa: S608


def _flag(term: Term, scope: Scope) -> Sql:
    return Sql(f"(m.flags & {int(term.value)}) <> 0")


def _deleted(term: Term, scope: Scope) -> Sql:
    return Sql("x.deleted") if scope.mailbox_ids else FALSE


def _uids(term: Term, scope: Scope) -> Sql:
    if not scope.mailbox_ids:
        return FALSE
    ranges = " OR ".join(
        f"x.uid BETWEEN {int(first)} AND {int(last)}" for first, last in term.value
    )  # more than parameters may be
    return Sql(f"({ranges})") if ranges else FALSE


def _uid_in(term: Term, scope: Scope) -> Sql:
    return _among(term.value, "x.uid") if scope.mailbox_ids else FALSE


def _email(term: Term, scope: Scope) -> Sql:
    return Sql("(m.id = %s AND m.incarnation = %s)", tuple(term.value))


def _ids(term: Term, scope: Scope) -> Sql:
    return _among(term.value, "m.id")


def _modseq(term: Term, scope: Scope) -> Sql:
    least = int(term.value)
    return Sql("(m.modseq >= %s OR x.modseq >= %s)", (least, least)) if scope.mailbox_ids else Sql("m.modseq >= %s", (least,))


# --- state ---


def _of_thread(inner: Sql, scope: Scope) -> Sql:
    """That any visible message of the conversation fulfils the inner condition on `m`; or this message, where asked so."""
    if scope.per_message:
        return inner
    visible = f"m.account_id = {int(scope.account_id)} AND m.place IN ({numbers(scope.places)})"
    threads = f"SELECT m.thread_id FROM mailstore_message m WHERE {visible} AND {inner.text}"  # noqa: S608
    return Sql(f"+m.thread_id IN ({threads})", inner.parameters)


def _in_mailboxes(mailbox_ids: Sequence[int], scope: Scope, more: str = "") -> Sql:
    if not mailbox_ids:
        return FALSE
    if scope.per_message and scope.walking:
        here = f"c.mailbox_id IN ({numbers(mailbox_ids)}) AND c.message_id = m.id"
        return Sql(f"EXISTS (SELECT 1 FROM mailstore_membership c WHERE {here})")  # noqa: S608
    if scope.per_message:
        held = f"SELECT message_id FROM mailstore_membership WHERE mailbox_id IN ({numbers(mailbox_ids)})"  # noqa: S608
        return Sql(f"m.id IN ({held})")
    rows = f"SELECT thread_id FROM mailstore_threadrow WHERE mailbox_id IN ({numbers(mailbox_ids)}){more}"  # noqa: S608
    return Sql(f"+m.thread_id IN ({rows})")


def _mailboxes(term: Term, scope: Scope) -> Sql:
    return _in_mailboxes([pk for pk in term.value if pk in scope.labels or pk in scope.roles.values()], scope)


def _in(term: Term, scope: Scope) -> Sql:
    if term.value == "anywhere":
        return TRUE
    if term.value == "chats":
        return _nature("chat", scope)
    return _in_mailboxes([scope.roles[term.value]] if term.value in scope.roles else [], scope)


def _label(term: Term, scope: Scope) -> Sql:
    return _in_mailboxes(labels_named(term.value, scope.labels), scope)


def labels_named(wanted: str, labels: dict[int, str]) -> list[int]:
    """Ids of the labels that `label:` means: that one and those below it; a dash is a blank, a star at the end anything."""
    form = _label_form(wanted)
    open_end, form = form.endswith("*"), form.rstrip("*").rstrip("/")
    return [
        pk
        for pk, name in labels.items()
        if (known := _label_form(name)) == form or known.startswith(form + "/") or (open_end and known.startswith(form))
    ]


def _label_form(name: str) -> str:
    return "/".join(part.strip() for part in fold.fold(name).replace("-", " ").replace("_", " ").split("/"))


def _is(term: Term, scope: Scope) -> Sql:
    state = term.value
    if state in NATURES:
        return _nature(state, scope)
    if scope.per_message and state in _FLAGS:
        bit, wanted = _FLAGS[state]
        return Sql(f"(m.flags & {bit}) {'<>' if wanted else '='} 0")
    if state in _ABSENCE:
        return ~_is(Term("is", _ABSENCE[state]), scope)
    if state == "unread":
        return _in_mailboxes(scope.boxes(), scope, " AND unread > 0")
    if state == "replied":
        return _of_thread(Sql(f"(m.flags & {Message.ANSWERED}) <> 0"), scope)
    if state in ("muted", "forwarded"):
        return _of_thread(_keyword(Term("keyword", f"${state}"), scope), scope)
    if state in _ROLE_STATES and scope.places == (Message.Place.MAIL,):
        return _in_mailboxes([scope.roles[_ROLE_STATES[state][0]]], scope)
    return _of_thread(Sql(_ROLE_STATES[state][1]), scope) if state in _ROLE_STATES else FALSE


def _nature(name: str, scope: Scope) -> Sql:
    return _of_thread(_in_index(scope, NATURES[name]), scope) if name in NATURES else FALSE


def _has(term: Term, scope: Scope) -> Sql:
    held = _in_mailboxes(list(scope.labels), scope)
    return held if term.value == "userlabels" else ~held


def _with(term: Term, scope: Scope) -> Sql:
    return _of_thread(_in_index(scope, phrase_of(term, scope.mine)), scope)


def _in_thread(term: Term, scope: Scope) -> Sql:
    inner = condition(term.value, scope)
    threads = f"SELECT m.thread_id FROM mailstore_message m WHERE m.account_id = {int(scope.account_id)} AND {inner.text}"  # noqa: S608
    return Sql(f"+m.thread_id IN ({threads})", inner.parameters)


def _threadid(term: Term, scope: Scope) -> Sql:
    digits = str(term.value).lstrip("Tt")
    return Sql("m.thread_id = %s", (int(digits),)) if digits.isascii() and digits.isdigit() and len(digits) < 19 else FALSE


_LEAVES: dict[str, Callable[[Term, Scope], Sql]] = {
    "after": _days,
    "before": _days,
    "date": _span,
    "sent_after": _sent,
    "sent_before": _sent,
    "saved_after": _saved,
    "saved_before": _saved,
    "older_than": _age,
    "newer_than": _age,
    "larger": _size,
    "smaller": _size,
    "msgid": _msgid,
    "keyword": _keyword,
    "flag": _flag,
    "deleted": _deleted,
    "uids": _uids,
    "uid_in": _uid_in,
    "email": _email,
    "sent_between": lambda term, scope: Sql("(m.sent_at >= %s AND m.sent_at < %s)", tuple(map(_moment, term.value))),
    "ids": _ids,
    "modseq": _modseq,
    "mailboxes": _mailboxes,
    "in": _in,
    "label": _label,
    "is": _is,
    "category": lambda term, scope: _nature(term.value, scope),
    "has": _has,
    "with": _with,
    "threadid": _threadid,
    "in_thread": _in_thread,
}


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
