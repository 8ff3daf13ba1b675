"""COPY and MOVE."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mailsuite.bridge import in_db
from mailsuite.imapd import own
from mailsuite.imapd.commands.expunge import READ_ONLY
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.received import target
from mailsuite.imapd.session import Session
from mailsuite.mailstore import placement
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.sequence import compact
from mailsuite.protocol.imap.syntax import Parser

AWAY = {Mailbox.Role.TRASH, Mailbox.Role.JUNK}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where messages went, and under which UIDs."""

    mailbox: Mailbox
    pairs: list[tuple[int, int]]  # (uid here, uid there)


async def copy(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """COPY (RFC 9051 §6.4.7): to a label it adds the label; product.md 3.9 has the rest."""
    numbers, name = commands.copy(parser)
    view = session.view
    if not (uids := view.chosen(numbers, by_uid=by_uid)):
        await in_db(target, session.account_id, name)
        return Done("Copied")
    way = _copy_only if view.read_only else placement.copy
    done = await own.change(view, uids, partial(_put, way, view.mailbox, uids, name))
    if not session.condstore:  # RFC 7162 §3.2.4: else the client hears of the new modseqs
        await own.tell_flags(session, sorted(done.unheard))
        view.did(done.modseq)
    if view.mailbox.role == Mailbox.Role.INBOX and done.result.mailbox.role != Mailbox.Role.INBOX:
        view.copied.update(uids)
    return Done("Copied", copyuid(done.result))


async def move(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """MOVE (RFC 9051 §6.4.8). The EXPUNGE responses come after COPYUID, before the end."""
    numbers, name = commands.copy(parser)
    view = session.view
    if view.read_only:
        raise READ_ONLY
    done = await in_db(_put, placement.move, view.mailbox, view.chosen(numbers, by_uid=by_uid), name)
    if code := copyuid(done):
        session.send(f"* OK [{code}] Moved\r\n".encode())
    return Done("Moved")


def _copy_only(source: Mailbox, uids: list[int], target: Mailbox) -> list[tuple[int, int]]:
    """A copy that takes nothing away (RFC 9051 §6.3.3): to Trash or Junk, and from there, it is a move. Raises Refusal."""
    if source.role != target.role and not AWAY.isdisjoint({source.role, target.role}):
        raise READ_ONLY
    return placement.copy(source, uids, target)


def _put(way: Callable[..., list[tuple[int, int]]], source: Mailbox, uids: array[int], name: str) -> Outcome:
    mailbox = target(source.account_id, name)
    return Outcome(mailbox, way(source, list(uids), mailbox) if uids else [])


def copyuid(done: Outcome) -> str:
    """RFC 9051 §7.1: both sets in the same order; nothing where nothing was copied."""
    if not done.pairs:
        return ""
    ordered = sorted(done.pairs)
    return f"COPYUID {done.mailbox.uidvalidity} {compact(uid for uid, _ in ordered)} {compact(new for _, new in ordered)}"
