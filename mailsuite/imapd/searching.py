"""What SEARCH, SORT and THREAD share: the store is asked what the keys mean, and the client told what it knows of."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, MutableSequence, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, TypeVar

from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.progress import in_progress
from mailsuite.imapd.querying import query
from mailsuite.imapd.selected import Selected
from mailsuite.imapd.session import Session
from mailsuite.mailstore.search.copies import find_copies
from mailsuite.mailstore.search.query import EVERYTHING, Node, Term
from mailsuite.mailstore.search.scope import copies_in
from mailsuite.mailstore.selected import unchanged
from mailsuite.protocol.imap import search as imap
from mailsuite.protocol.imap.returning import Returns
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem

BAD_CHARSET = Refusal("There is no such charset here", "BADCHARSET (US-ASCII UTF-8)")
READ = ("BODY", "HEADER", "TEXT")  # keys for which messages may have to be read
MANY = 50  # keys: with more of them the walk along a large mailbox takes seconds
Asked = TypeVar("Asked")
Tell = Callable[[int, int], object]
Columns = list[MutableSequence[Any]]


def arguments(session: Session, parser: Parser, parse: Callable[[Parser], Asked]) -> Asked:
    """The command's arguments. RFC 5182 §2.1: where NO answers a search whose result was to be saved, that is empty."""
    parser.space()
    try:
        return parse(parser)
    except imap.BadCharset as problem:
        if problem.saves and session.selected:
            session.selected.saved = array("I")
        raise BAD_CHARSET from None


async def found(session: Session, tree: imap.And, columns: Sequence[str] = (), returns: Returns | None = None) -> Columns:
    """UIDs of the selected mailbox that match, ascending, and further columns of these messages (`copies.COLUMNS`)."""
    view = session.view
    if imap.mentions(tree, "MODSEQ"):
        session.use_modseqs()
    try:
        asked = query(tree, view)
        known = None if columns or view.gone else _without_looking(asked, view)
        if known is not None and await in_db(unchanged, view.mailbox.pk, view.modseq):
            return [known]
        rows = await copies(session, [view.mailbox.pk], tree, asked, ["uid", *columns])
    except SyntaxProblem:
        raise
    except Exception:
        if returns and returns.saves:  # RFC 5182 §2.1: after NO there is nothing saved, after BAD what there was
            view.saved = array("I")
        raise
    end = bisect_right(rows[0], view.last_uid)  # what came since is not the client's yet
    return [column[:end] for column in rows] if end < len(rows[0]) else rows


def _without_looking(asked: Node, view: Selected) -> Sequence[int] | None:
    """Which UIDs there are the view knows, and mail programs that keep up with a mailbox ask little else."""
    if asked == EVERYTHING:
        return view.uids
    if not isinstance(asked, Term) or asked.operator not in ("uids", "uid_in"):
        return None
    uids: array[int] = array("I", asked.value if asked.operator == "uid_in" else ())
    for first, last in asked.value if asked.operator == "uids" else ():
        uids.extend(view.uids[bisect_left(view.uids, first) : bisect_right(view.uids, last)])
    return uids


async def copies(session: Session, mailbox_ids: Sequence[int], tree: imap.And, asked: Node, columns: Sequence[str]) -> Columns:
    """As `copies.find_copies`. What may take long only so many sessions do at once."""
    async with AsyncExitStack() as stack:
        progress = await stack.enter_async_context(in_progress(session))
        if imap.size(tree) > MANY or any(imap.mentions(tree, name) for name in READ):
            await stack.enter_async_context(session.door.readings)
        return await in_db(_copies, session.account_id, mailbox_ids, progress.tell, asked, columns)


def _copies(account_id: int, mailbox_ids: Sequence[int], tell: Tell, asked: Node, columns: Sequence[str]) -> Columns:
    return find_copies(replace(copies_in(account_id, mailbox_ids), tell=tell), asked, columns)


def numbered(view: Selected, uids: Sequence[int]) -> Sequence[int]:
    """The sequence numbers of ascending UIDs of the view."""
    if len(uids) == len(view.uids):
        return range(1, len(uids) + 1)
    return array("I", map(view.sequence, uids))
