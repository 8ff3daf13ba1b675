"""GETMETADATA and SETMETADATA: what mail programs note of mailboxes and of the account (RFC 5464)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import annotations, mailboxes
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import metadata as grammar
from mailsuite.protocol.imap.metadata import Asked
from mailsuite.protocol.imap.special_use import ATTRIBUTES
from mailsuite.protocol.imap.syntax import Parser

NOT_YOURS = Refusal("Only who runs the server sets that", "NOPERM")
SPECIAL_USE = "/private/specialuse"  # RFC 6154 §4
ADMIN = "/shared/admin"  # RFC 5464 §6.2.1


async def get_metadata(session: Session, parser: Parser) -> Done:
    """GETMETADATA (RFC 5464 §4.2). What has no value is NIL where it was named."""
    asked = grammar.get_metadata(parser)
    assert session.account
    held = await in_db(_held, session.account, asked.mailbox)
    found, longest = _chosen(held, asked)
    if found:
        session.send(grammar.metadata(asked.mailbox, found, utf8=session.utf8))
    # RFC 5464 §4.2.1: the client asks again with room for the longest.
    return Done("Here it is", f"METADATA LONGENTRIES {longest}" if longest else "")


def _held(account: Account, name: str) -> dict[str, bytes]:
    if not name:
        domain = account.login.rpartition("@")[2]
        return annotations.of_account(account.pk) | {ADMIN: f"mailto:postmaster@{domain}".encode()}
    mailbox = mailboxes.find(account.pk, name)
    return annotations.of_mailbox(mailbox) | _special(mailbox)


def _special(mailbox: Mailbox) -> dict[str, bytes]:
    use = ATTRIBUTES.get(mailbox.role)
    return {SPECIAL_USE: use.encode()} if use else {}


def _chosen(held: dict[str, bytes], asked: Asked) -> tuple[dict[str, bytes | None], int]:
    """What to tell, and the octets of the longest value that is too long for it."""
    names = dict.fromkeys(asked.entries)
    if asked.depth:
        names |= dict.fromkeys(entry for entry in held if any(_is_below(entry, above, asked.depth) for above in asked.entries))
    found: dict[str, bytes | None] = {}
    longest = 0
    for name in names:
        value = held.get(name)
        if value is None and (asked.depth or name in ("/private", "/shared")):
            continue  # it was named for what is below it
        if value is not None and asked.max_size is not None and len(value) > asked.max_size:
            longest = max(longest, len(value))
        else:
            found[name] = value
    return found, longest


def _is_below(entry: str, above: str, depth: int) -> bool:
    return entry.startswith(above + "/") and entry.count("/", len(above)) <= depth


async def set_metadata(session: Session, parser: Parser) -> Done:
    """SETMETADATA (RFC 5464 §4.3), all or nothing.

    A mailbox has one member: what is /shared of it is theirs alone. What the server says of itself is not theirs to set.
    """
    name, values = grammar.set_metadata(parser)
    if any(entry.startswith("/shared") for entry in values) if not name else SPECIAL_USE in values:
        raise NOT_YOURS
    await in_db(_put, session.account_id, name, values)
    return Done("Noted")


def _put(account_id: int, name: str, values: dict[str, bytes | None]) -> None:
    mailbox = mailboxes.find(account_id, name) if name else None
    try:
        annotations.put(account_id, mailbox, values)
    except annotations.TooLarge as error:
        raise Refusal("A value may not be so long", f"METADATA MAXSIZE {error.most}") from error
    except annotations.TooMany as error:
        raise Refusal("There is no room for more of them", "METADATA TOOMANY") from error


def annotated(found: Sequence[Mailbox], entries: Collection[str], *, utf8: bool) -> Iterator[tuple[int, bytes]]:
    """METADATA responses by mailbox id, for LIST (RFC 9590 §3); with one query for all."""
    held = annotations.of_mailboxes([mailbox.pk for mailbox in found], entries)
    for mailbox in found:
        values = held.get(mailbox.pk, {}) | _special(mailbox)
        told: dict[str, bytes | None] = {entry: values.get(entry) for entry in entries}
        yield mailbox.pk, grammar.metadata(mailbox.name, told, utf8=utf8)
