"""CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: a mailbox that a client makes is a label."""

from __future__ import annotations

from contextlib import suppress

from mailsuite.bridge import in_db
from mailsuite.imapd.session import Done, Session
from mailsuite.mailstore import mailboxes as store
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.syntax import Parser


async def create(session: Session, parser: Parser) -> Done:
    """CREATE (RFC 9051 §6.3.4). A trailing / says that names below it will follow: nothing to do for us."""
    name = commands.mailbox(parser)
    made = await in_db(store.create, session.account_id, name.removesuffix("/"))
    return Done("Created", f"MAILBOXID (F{made.pk})")


async def delete(session: Session, parser: Parser) -> Done:
    """DELETE (RFC 9051 §6.3.5). The label goes, its mail stays (product.md 3.7)."""
    name = commands.mailbox(parser)
    gone = await in_db(_delete, session.account_id, name)
    if session.selected and session.selected.mailbox.pk == gone:
        session.selected = None
        session.send(b"* OK [CLOSED] It was selected\r\n")
    return Done("Deleted")


def _delete(account_id: int, name: str) -> int:
    mailbox = store.find(account_id, name)
    gone = mailbox.pk
    store.delete(mailbox)
    return gone


async def rename(session: Session, parser: Parser) -> Done:
    """RENAME (RFC 9051 §6.3.6), children included."""
    old, new = commands.rename(parser)
    await in_db(_rename, session.account_id, old, new)
    return Done("Renamed")


def _rename(account_id: int, old: str, new: str) -> None:
    mailbox = store.find(account_id, old)
    if mailbox.name == new:
        raise store.MailboxExists  # RFC 9051 §6.3.6
    store.rename(mailbox, new)


async def subscribe(session: Session, parser: Parser) -> Done:
    name = commands.mailbox(parser)
    await in_db(lambda: store.subscribe(store.find(session.account_id, name), True))
    return Done("Subscribed")


async def unsubscribe(session: Session, parser: Parser) -> Done:
    name = commands.mailbox(parser)
    await in_db(_unsubscribe, session.account_id, name)
    return Done("Unsubscribed")


def _unsubscribe(account_id: int, name: str) -> None:
    """What is not there has no subscription: the wish is fulfilled. Clients that delete a mailbox say this next."""
    with suppress(store.NoSuchMailbox):
        store.subscribe(store.find(account_id, name), False)
