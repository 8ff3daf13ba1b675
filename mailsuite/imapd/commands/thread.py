"""THREAD: who answers whom among the messages that match (RFC 5256 §3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mailsuite.bridge import in_db
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.searching import arguments, found, numbered
from mailsuite.imapd.session import Session
from mailsuite.mailstore import ancestry
from mailsuite.protocol.imap import threads
from mailsuite.protocol.imap.syntax import Parser

COLUMNS = {
    "ORDEREDSUBJECT": ["sent", "subject"],
    "REFERENCES": ["sent", "subject", "message", "message_id", "in_reply_to", "ancestors"],
}


async def thread(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """THREAD and UID THREAD (RFC 5256 §3)."""
    asked = arguments(session, parser, threads.parse)
    uids, *rows = await found(session, asked.tree, COLUMNS[asked.algorithm])
    numbers = uids if by_uid else numbered(session.view, uids)
    told = b" " + await in_db(_told, asked.algorithm, rows, numbers) if len(numbers) else b""
    session.send(b"* THREAD%b\r\n" % told)
    return Done("Threaded")


def _told(algorithm: str, rows: Sequence[Sequence[Any]], numbers: Sequence[int]) -> bytes:
    """In a thread, as it may take a second for very many."""
    sent, subjects, *links = rows
    if algorithm == "ORDEREDSUBJECT":
        forest = threads.ordered_subject(threads.Threaded(sent, subjects))
    else:
        keys, message_ids, parents, older = links
        forest = threads.references(threads.Threaded(sent, subjects, message_ids, list(_references(keys, parents, older))))
    return "".join(threads.told(forest, numbers)).encode()


def _references(keys: Sequence[int], parents: Sequence[str], older: Sequence[str | None]) -> Iterator[list[str]]:
    """The ids each message refers to, the nearest parent last."""
    read = ancestry.read([key for key, ids, parent in zip(keys, older, parents, strict=True) if ids is None and parent])
    for key, parent, ids in zip(keys, parents, older, strict=True):
        before = read.get(key, []) if ids is None else ids.split()
        yield [*before, parent] if parent else before
