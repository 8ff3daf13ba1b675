"""What a client's mailbox filters mean in this store, for ESEARCH and NOTIFY alike (RFC 5465 §6)."""

from __future__ import annotations

from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap.mailbox_filter import Filter

RECEIVING = {"", Mailbox.Role.INBOX, Mailbox.Role.JUNK}  # roles of mailboxes that delivery puts mail into


def folded(asked: Filter) -> Filter:
    """A filter to be asked about `Mailbox.folded`: its names are read as by `mailboxes.find`."""
    return asked.folded(lambda name: mailboxes.fold(name.removesuffix("/")))
