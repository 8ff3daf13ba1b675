"""ESEARCH: one search over several mailboxes, selected or not (RFC 7377)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from mailsuite.bridge import in_db
from mailsuite.imapd.filters import RECEIVING, folded
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.querying import query
from mailsuite.imapd.searching import Columns, arguments, copies, found
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap.mailbox_filter import Filter
from mailsuite.protocol.imap.multisearch import MultiSearch, parse
from mailsuite.protocol.imap.returning import Returns, Source, esearch
from mailsuite.protocol.imap.search import mentions
from mailsuite.protocol.imap.syntax import Parser


async def search_mailboxes(session: Session, parser: Parser) -> Done:
    """ESEARCH. What does not exist is passed over, and where nothing is found nothing is said."""
    asked = arguments(session, parser, parse)
    returns = asked.search.returns or Returns()
    if not session.selected and any(one.kind == "SELECTED" for one in asked.filters):
        raise parser.problem("No mailbox is selected")
    if returns.saves and not asked.selected_alone:  # RFC 7377 §2.2
        raise parser.problem("Only what is found in the selected mailbox alone can be saved")
    chosen = await in_db(_meant, session, asked)
    rows = await _found(session, asked, chosen)
    if returns.saves:
        session.view.saved = array("I")  # what was saved before goes even where nothing is found (RFC 5182 §2.1)
    for mailbox, uids, modseqs in _by_mailbox(chosen, rows):
        picked = returns.indices(len(uids))
        modseq = max((modseqs[index] for index in picked), default=0) if mentions(asked.search.tree, "MODSEQ") else 0
        if returns.saves:
            session.view.saved = array("I", (uids[index] for index in picked))
        if returns.answers:
            source = Source(mailbox.name, mailbox.uidvalidity, utf8=session.utf8)
            await session.send_all(esearch(session.tag, returns, uids, uids=True, modseq=modseq, source=source))
    return Done("Searched")


def _meant(session: Session, asked: MultiSearch) -> list[Mailbox]:
    """The mailboxes that a filter takes, each once. One that is hidden from mail programs has to be named, as for SELECT."""
    selected = session.selected.mailbox.pk if session.selected else 0
    if asked.selected_alone:  # read again: it may be called otherwise by now
        return list(Mailbox.objects.filter(pk=selected))
    filters = [folded(one) for one in asked.filters]
    return [
        mailbox
        for mailbox in mailboxes.list_all(session.account_id)
        if any((one.kind == "SELECTED" and mailbox.pk == selected) or _takes(one, mailbox) for one in filters)
    ]


def _takes(one: Filter, mailbox: Mailbox) -> bool:
    meant = one.takes(mailbox.folded, receives=mailbox.role in RECEIVING, subscribed=mailbox.subscribed)
    return meant and (mailbox.in_imap or mailbox.folded in one.names)


async def _found(session: Session, asked: MultiSearch, chosen: list[Mailbox]) -> Columns:
    """Mailbox ids, UIDs and modseqs of what matches: one statement for all mailboxes."""
    if asked.selected_alone:
        uids, modseqs = await found(session, asked.search.tree, ["modseq"], asked.search.returns)
        return [[session.view.mailbox.pk] * len(uids), uids, modseqs]
    if mentions(asked.search.tree, "MODSEQ"):
        session.use_modseqs()
    wanted = query(asked.search.tree, None)
    if not chosen:
        return [[], [], []]
    return await copies(session, [mailbox.pk for mailbox in chosen], asked.search.tree, wanted, ["mailbox", "uid", "modseq"])


def _by_mailbox(chosen: list[Mailbox], rows: Columns) -> Iterator[tuple[Mailbox, array[int], list[int]]]:
    """The rows of one mailbox after another; they come in order of mailboxes."""
    names = {mailbox.pk: mailbox for mailbox in chosen}
    for pk, some in groupby(zip(*rows, strict=True), itemgetter(0)):
        _, uids, modseqs = zip(*some, strict=True)
        yield names[pk], array("I", uids), list(modseqs)
