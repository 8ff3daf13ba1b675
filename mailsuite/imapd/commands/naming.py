"""How a mailbox is really called, told to a client that may have written it otherwise (RFC 9051 §6.3.2, §6.3.4)."""

from __future__ import annotations

from mailsuite.imapd.commands.listing import Entry
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import responses


def named(mailbox: Mailbox, asked: str, *, has_children: bool = False) -> bytes:
    """A LIST response; with OLDNAME where the client wrote the name another way. For clients that speak IMAP4rev2."""
    entry = Entry(mailbox.name, mailbox, [Entry("")] if has_children else [])
    old = b' ("OLDNAME" (%b))' % responses.mailbox(asked, utf8=True) if asked != mailbox.name else b""
    return responses.listing("LIST", entry.attributes(), mailbox.name, old, utf8=True)
