"""STATUS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailsuite.bridge import in_db
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore import placement, selected
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import commands, responses
from mailsuite.protocol.imap.syntax import Parser

Status = dict[int, bytes]  # a STATUS response by mailbox id


async def status(session: Session, parser: Parser) -> Done:
    """STATUS (RFC 9051 §6.3.11)."""
    name, items = commands.status(parser)
    check(session, parser, items)
    described = await in_db(
        lambda: describe([store.find(session.account_id, name)], items, session.door.size_limit, utf8=session.utf8)
    )
    session.send(next(iter(described.values())))
    return Done("Here it is")


def check(session: Session, parser: Parser, items: Iterable[str]) -> None:
    """Raises SyntaxProblem for what IMAP4rev2 did away with (RFC 9051 appendix E)."""
    if session.rev2 and "RECENT" in items:
        raise parser.problem("IMAP4rev2 has no RECENT")
    if "HIGHESTMODSEQ" in items:
        session.use_modseqs()


def describe(mailboxes: Sequence[Mailbox], items: Iterable[str], size_limit: int, *, utf8: bool = False) -> Status:
    """STATUS responses. Most comes from the mailboxes' own rows; sizes and marks cost one query for all."""
    items = list(items)
    counts = selected.counts(mailbox.pk for mailbox in mailboxes) if _COUNTED & set(items) else {}
    none = selected.Counts()
    return {
        mailbox.pk: _line(mailbox, items, _values(mailbox, counts.get(mailbox.pk, none)) | {"APPENDLIMIT": size_limit}, utf8)
        for mailbox in mailboxes
    }


_COUNTED = {"SIZE", "DELETED", "DELETED-STORAGE"}


def _values(mailbox: Mailbox, counts: selected.Counts) -> dict[str, object]:
    return {
        "MESSAGES": mailbox.total,
        "RECENT": 0,
        "UIDNEXT": mailbox.uidnext,
        "UIDVALIDITY": mailbox.uidvalidity,
        "UNSEEN": mailbox.unread,
        "HIGHESTMODSEQ": mailbox.modseq,
        "MAILBOXID": f"(F{mailbox.pk})",
        "SIZE": counts.size,
        "DELETED": counts.deleted,
        # RFC 9208 §4.1.4: what EXPUNGE would free, and where it puts messages elsewhere that is nothing.
        "DELETED-STORAGE": counts.deleted_size if mailbox.role in placement.DESTROYING else 0,
    }


def _line(mailbox: Mailbox, items: list[str], values: dict[str, object], utf8: bool) -> bytes:
    told = " ".join(f"{item} {values[item]}" for item in items)
    return b"* STATUS %b (%b)\r\n" % (responses.mailbox(mailbox.name, utf8=utf8), told.encode())
