"""REPLACE and UID REPLACE: a new version of a message in one step (RFC 8508)."""

from __future__ import annotations

from dataclasses import replace as with_changes

from django.db import transaction

from mailsuite.bridge import in_db
from mailsuite.imapd import received as store
from mailsuite.imapd.commands.expunge import READ_ONLY
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.intake import Intake
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.received import Kept, Received
from mailsuite.imapd.session import Session
from mailsuite.mailstore import changes, placement
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import appending
from mailsuite.protocol.imap.syntax import Parser

GONE = Refusal("There is no such message", "NONEXISTENT")


async def replace(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """REPLACE (RFC 8508 §3). The new message comes and the old one goes in one transaction, or nothing happens.

    RFC 8508 §3.1: APPENDUID is told before EXPUNGE, and both before the end.
    """
    numbers = appending.replaced(parser, by_uid=by_uid)
    name = appending.mailbox(parser)
    if session.view.read_only:
        raise READ_ONLY
    if not (uids := session.view.chosen(numbers, by_uid=by_uid)):
        raise GONE
    received = await Intake(session, name).read(parser, most=1)
    kept = await in_db(_replace, session.view.mailbox, uids[0], name, received)
    if kept.code:
        session.send(f"* OK [{kept.code}] The new version\r\n".encode())
    return Done("Replaced")


@transaction.atomic
def _replace(source: Mailbox, uid: int, name: str, received: list[Received]) -> Kept:
    changes.begin([source.account_id])  # from here on nobody else takes the old version away
    if (old := placement.key(source, uid)) is None:
        raise GONE
    kept = store.keep(source.account_id, name, received)
    if kept.keys != [old]:
        placement.retire(source, uid)
        return kept
    # The same octets again: the message is its own new version, under a new UID, and has yet to leave another mailbox.
    moved = dict(placement.move(source, [uid], kept.mailbox)) if source.pk != kept.mailbox.pk else {}
    return with_changes(kept, uids=[moved.get(uid, *kept.uids)])
