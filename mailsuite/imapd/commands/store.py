r"""STORE: flags, which all copies of a message share, and \Deleted, which belongs to the copy."""

from __future__ import annotations

from array import array
from functools import partial

from mailsuite.imapd import own
from mailsuite.imapd.commands.expunge import READ_ONLY
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import placement
from mailsuite.mailstore.flags import FlagChange
from mailsuite.protocol.imap import commands, responses
from mailsuite.protocol.imap.sequence import compact
from mailsuite.protocol.imap.syntax import Parser


async def store(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""
    asked, view = commands.store(parser), session.view
    if view.read_only:
        raise READ_ONLY
    uids = view.chosen(asked.numbers, by_uid=by_uid)
    if asked.unchanged_since is not None:
        session.use_modseqs()
    if not uids:
        return Done("Nothing to store")
    done = await own.change(view, uids, partial(_store, session, asked, uids))
    refused = set(done.result.refused)
    told = refused | done.unheard if asked.silent else set(uids)
    # What was refused, and is news, comes with the look at the mailbox that ends every command.
    await own.tell_flags(session, (uid for uid in uids if uid in told and not (uid in refused and uid in done.unheard)))
    if asked.silent:  # RFC 7162 §3.1.3
        await own.tell_modseqs(session, (uid for uid in uids if uid not in told))
    view.did(done.modseq)
    return await _outcome(session, done.result, by_uid=by_uid)


async def _outcome(session: Session, stored: placement.Stored, *, by_uid: bool) -> Done:
    if not stored.refused:
        return Done("Stored", "EXPUNGEISSUED" if stored.missing else "")
    refused = stored.refused if by_uid else map(session.view.sequence, stored.refused)
    code = f"MODIFIED {compact(refused)}"
    if stored.missing and not by_uid:  # RFC 7162 §3.1.3, example 11
        await session.look(expunges=False)
        raise Refusal("Some are gone, others were changed", code)
    return Done("Stored, where nobody else had changed it", code)


def _store(session: Session, asked: commands.Store, uids: array[int]) -> placement.Stored:
    deleted = bool(asked.flags & responses.DELETED)
    change = FlagChange(asked.flags & ~responses.DELETED, asked.keywords, asked.mode, deleted)
    return placement.store_flags(session.view.mailbox, list(uids), change, asked.unchanged_since)
