"""SEARCH: the client's keys become the query tree that the search box and JMAP use too."""

from __future__ import annotations

from array import array

from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.querying import query
from mailsuite.imapd.session import Done, Session
from mailsuite.mailstore.search.find import find_uids
from mailsuite.protocol.imap import search as imap
from mailsuite.protocol.imap.sequence import compact
from mailsuite.protocol.imap.syntax import Parser

BAD_CHARSET = Refusal("Only these charsets", "BADCHARSET (US-ASCII UTF-8)")


async def search(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """SEARCH (RFC 9051 §6.4.4), in the old form and with RETURN (RFC 4731, RFC 5182)."""
    parser.space()
    try:
        asked = imap.parse(parser)
    except imap.BadCharset:
        raise BAD_CHARSET from None
    view = session.view
    try:
        tree = query(asked.tree, view)
    except ValueError as error:
        raise parser.problem(str(error)) from error
    found = await in_db(find_uids, view.mailbox, tree)
    uids = array("I", (uid for uid in found if view.sequence(uid)))
    if asked.results and "SAVE" in asked.results:
        view.saved = _saved(uids, asked.results)
    session.send(_response(session, asked, uids, by_uid))
    return Done("Searched")


def _saved(uids: array[int], results: frozenset[str]) -> array[int]:
    """RFC 5182 §2.1: with MIN or MAX alone only those are kept, else everything."""
    if results & {"ALL", "COUNT"} or not results & {"MIN", "MAX"} or not uids:
        return uids
    ends = ([uids[0]] if "MIN" in results else []) + ([uids[-1]] if "MAX" in results else [])
    return array("I", sorted(set(ends)))


def _response(session: Session, asked: imap.Search, uids: array[int], by_uid: bool) -> bytes:
    numbers = uids if by_uid else array("I", (session.view.sequence(uid) for uid in uids))
    if asked.results is not None:
        return _extended(session.tag, asked.results, numbers, by_uid)
    listed = " ".join(["* SEARCH", *map(str, numbers)])
    return f"{listed}\r\n".encode()


def _extended(tag: str, results: frozenset[str], numbers: array[int], by_uid: bool) -> bytes:
    """ESEARCH (RFC 9051 §7.3.4)."""
    parts = [f'* ESEARCH (TAG "{tag}")', *(["UID"] if by_uid else [])]
    if numbers and "MIN" in results:
        parts.append(f"MIN {numbers[0]}")
    if numbers and "MAX" in results:
        parts.append(f"MAX {numbers[-1]}")
    if "COUNT" in results:
        parts.append(f"COUNT {len(numbers)}")
    if numbers and "ALL" in results:
        parts.append(f"ALL {compact(numbers)}")
    return (" ".join(parts) + "\r\n").encode()
