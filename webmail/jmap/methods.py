"""Every method that can be called, with the capability it belongs to."""

from __future__ import annotations

from webmail.jmap import core, email_get, email_parse, mailbox, mailbox_set, thread
from webmail.jmap.engine import Method
from webmail.jmap.session import CORE, MAIL

METHODS: dict[str, tuple[str, Method]] = {
    "Core/echo": (CORE, core.echo),
    "Mailbox/get": (MAIL, mailbox.get),
    "Mailbox/changes": (MAIL, mailbox.changes),
    "Mailbox/query": (MAIL, mailbox.query),
    "Mailbox/queryChanges": (MAIL, mailbox.query_changes),
    "Mailbox/set": (MAIL, mailbox_set.set_mailboxes),
    "Email/get": (MAIL, email_get.get),
    "Email/changes": (MAIL, email_get.changes),
    "Email/parse": (MAIL, email_parse.parse),
    "Thread/get": (MAIL, thread.get),
    "Thread/changes": (MAIL, thread.changes),
}
