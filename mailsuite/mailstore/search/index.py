"""The full-text index: what goes in for a message, what can be asked, and which database answers.

What can be asked is a small tree (`document.Match`) that each engine writes in its own language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import zstandard
from django.db import connection

from mailsuite.blobs.packing import pack
from mailsuite.bulk import insert_many
from mailsuite.mailstore.models import IndexedText
from mailsuite.mailstore.search import fold, postgres_text, sqlite_fts
from mailsuite.mailstore.search.document import Document, Match
from mailsuite.mailstore.search.kinds import kinds_of

BODY_LIMIT = 1_000_000  # characters of body text that are looked at
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
FORM = 2  # of the kept text: 1 had the body among its columns, 2 has it after them, on lines of its own


@dataclass(frozen=True, slots=True)
class IndexText:
    """What a message is found by. `people` as in `Message.people`, `attachments` and `traits` as in the model."""

    subject: str = ""
    people: dict[str, list[list[str]]] = field(default_factory=dict)
    body: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    traits: dict[str, Any] = field(default_factory=dict)
    delivered_to: str = ""


class Prepared(NamedTuple):
    """What the index takes in for a message: made before the transaction, which others wait for."""

    written: tuple[str, ...]  # as the engine takes it
    kept: bytes


def prepare(account_id: int, text: IndexText) -> Prepared:
    """Make the tokens, and pack the text to be kept."""
    return Prepared(_written(account_id, text), _pack(account_id, text))


def add_many(entries: Iterable[tuple[int, Prepared]]) -> None:
    """Index messages, given as (message id, what was prepared), inside the caller's transaction."""
    entries = sorted(entries, key=lambda entry: entry[0])  # FTS5 flushes its buffer when a rowid goes back
    if not entries:
        return
    _engine().add([(message_id, prepared.written) for message_id, prepared in entries])
    insert_many(IndexedText, ("message", "text"), [(message_id, prepared.kept) for message_id, prepared in entries])


def forget(message_ids: Sequence[int]) -> None:
    """Take messages out of the index; call it before their rows go, for the kept text goes with them."""
    for start in range(0, len(message_ids), 500):
        kept = dict(IndexedText.objects.filter(pk__in=message_ids[start : start + 500]).values_list("pk", "text"))
        _engine().remove([(pk, _written(*_unpack(text))) for pk, text in kept.items()])
        IndexedText.objects.filter(pk__in=list(kept)).delete()


def rebuild() -> int:
    """Make the whole index anew from the kept texts, inside the caller's transaction; returns how many messages it holds."""
    _engine().clear()
    ids = list(IndexedText.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        kept = IndexedText.objects.filter(pk__in=ids[start : start + 500]).order_by("pk").values_list("pk", "text")
        _engine().add([(pk, _written(*_unpack(text))) for pk, text in kept])
    return len(ids)


def texts(message_ids: Sequence[int], *wanted: str) -> Iterable[tuple[int, IndexText]]:
    """The kept text of messages, for questions that the index cannot answer alone.

    wanted: folded texts; what can have none of them is left out, at a glance. What is given may still have none.
    """
    glances, unpack = [_glance(text) for text in wanted or ("",)], zstandard.ZstdDecompressor().decompress
    for start in range(0, len(message_ids), 500):
        rows = IndexedText.objects.filter(pk__in=message_ids[start : start + 500]).values_list("pk", "text")
        for pk, text in rows:
            kept = unpack(bytes(text))
            if any(may_have(kept) for may_have in glances):
                yield pk, _read(kept)[1]


def _glance(wanted: str) -> Callable[[bytes], bool]:
    """Whether ASCII that was never taken apart has these words, in no particular order; yes to everything it is not sure of."""
    if not (wanted.isascii() and wanted.isprintable()) or '"' in wanted or "\\" in wanted:  # kept in another form, maybe
        return lambda kept: True
    words = wanted.encode().split()

    def may_have(kept: bytes) -> bool:
        if not kept.isascii() or b"\\u" in kept:
            return True
        low = kept.lower()
        return all(word in low for word in words)

    return may_have


def condition(account_id: int, match: Match) -> tuple[str, list[Any]]:
    """SQL (and its parameters) of a subquery that yields the ids of the account's matching messages."""
    return _engine().condition(account_id, match)


def newest(account_id: int, match: Match, limit: int) -> list[int]:
    """Ids of matching messages, last arrived first, at most `limit`."""
    sql, parameters = _engine().newest(account_id, match, limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


def document(account_id: int, text: IndexText) -> Document:
    """The tokens of each field."""
    people = text.people
    return Document(
        owner=account_id,
        author=_persons(people.get("from", []) + people.get("sender", [])),
        recipient=_persons(people.get("to", [])),
        cc=_persons(people.get("cc", [])),
        bcc=_persons(people.get("bcc", [])),
        subject=fold.indexed(text.subject, 1_000),
        body=fold.indexed(text.body[:BODY_LIMIT]),
        files=_separated([item.get("name") or "" for item in text.attachments]),
        lists=_separated([str(text.traits.get(trait) or "") for trait in ("list_id", "list_post")]),
        delivered=fold.indexed(text.delivered_to, 50),
        tags=tags(text),
    )


def _written(account_id: int, text: IndexText) -> tuple[str, ...]:
    return _engine().written(document(account_id, text))


def tags(text: IndexText) -> list[str]:
    """Facts with few values, as tokens: kinds of attachments, and which traits hold."""
    kinds = [f"k{kind}" for kind in kinds_of(text.attachments, text.traits)]
    held = [f"t{key.replace('_', '')}" for key, value in text.traits.items() if value and key.isascii()]
    return [*kinds, *(["klink"] if text.traits.get("link") else []), *sorted(held)]


def _persons(people: list[list[str]]) -> str:
    return _separated([part for name, address in people for part in (name, address) if part])


def _separated(parts: list[str]) -> str:
    """Tokens with a wall between the parts, which no phrase crosses."""
    return " ".join(f"{fold.indexed(part, 100)} {Document.WALL}" for part in parts[:2_000])


def _pack(account_id: int, text: IndexText) -> bytes:
    columns = [FORM, account_id, text.subject, text.people, text.attachments, text.traits, text.delivered_to]
    return pack(f"{_ENCODER.encode(columns)}\n{text.body[:BODY_LIMIT]}".encode("utf-8", "replace"))


def _unpack(packed: bytes) -> tuple[int, IndexText]:
    return _read(zstandard.decompress(bytes(packed)))


def _read(kept: bytes) -> tuple[int, IndexText]:
    head, _, body = kept.decode().partition("\n")
    form, account_id, subject, people, *rest = json.loads(head)
    if form == 1:
        body, *rest = rest
    return account_id, IndexText(subject, people, body, *rest)


def _engine() -> ModuleType:
    return sqlite_fts if connection.vendor == "sqlite" else postgres_text
