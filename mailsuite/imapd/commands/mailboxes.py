"""CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: a mailbox that a client makes is a label."""

from __future__ import annotations

from contextlib import suppress

from mailsuite.bridge import in_db
from mailsuite.imapd.commands.naming import named
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore import placement
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.special_use import ATTRIBUTES
from mailsuite.protocol.imap.syntax import Parser

NO_SUCH_USE = Refusal("No mailbox can be used for that", "USEATTR")
ONE_EACH = Refusal("Every account has one mailbox for that already: LIST says which", "USEATTR")


async def create(session: Session, parser: Parser) -> Done:
    """CREATE (RFC 9051 §6.3.4). A trailing / says that names below it will follow: nothing to do for us.

    RFC 6154 §3: a special use that cannot be given is refused, and the client makes a plain mailbox instead. All that we know
    are given already, one to a mailbox.
    """
    name, uses = commands.create(parser)
    if uses:
        known = {attribute.lower() for attribute in ATTRIBUTES.values()}
        raise ONE_EACH if known.issuperset(use.lower() for use in uses) else NO_SUCH_USE
    name = name.removesuffix("/")
    made = await in_db(store.create, session.account_id, name)
    if session.rev2 and made.name != name:  # RFC 9051 §6.3.4
        session.send(named(made, name, has_children=await in_db(store.has_children, made)))
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
    """RENAME (RFC 9051 §6.3.6), children included; of INBOX it moves what is in it."""
    old, new = commands.rename(parser)
    new = new.removesuffix("/")
    before, moved = await in_db(_rename, session.account_id, old, new)
    if session.rev2 and (before.name, moved.name) != (old, new):  # RFC 9051 §6.3.6
        written = new if before.role else old  # INBOX is there as before: what was in it is in a new mailbox
        session.send(named(moved, written, has_children=await in_db(store.has_children, moved)))
    return Done("Renamed")


def _rename(account_id: int, old: str, new: str) -> tuple[Mailbox, Mailbox]:
    """The mailbox as it was called, and as it is."""
    before = store.find(account_id, old)
    if before.name == new:
        raise store.MailboxExists  # RFC 9051 §6.3.6
    if before.role == Mailbox.Role.INBOX:
        return before, placement.rename_inbox(account_id, new)
    return before, store.rename(before, new)


async def subscribe(session: Session, parser: Parser) -> Done:
    """SUBSCRIBE (RFC 9051 §6.3.7), of what there is: a name that nothing has would show in every client, and open in none."""
    name = commands.mailbox(parser)
    await in_db(lambda: store.subscribe(store.find(session.account_id, name), True))
    return Done("Subscribed")


async def unsubscribe(session: Session, parser: Parser) -> Done:
    """UNSUBSCRIBE (RFC 9051 §6.3.8). What is not there is not subscribed: a client that tidies up hears that all is well."""
    name = commands.mailbox(parser)
    await in_db(_unsubscribe, session.account_id, name)
    return Done("Unsubscribed")


def _unsubscribe(account_id: int, name: str) -> None:
    with suppress(store.NoSuchMailbox):
        store.subscribe(store.find(account_id, name), False)
