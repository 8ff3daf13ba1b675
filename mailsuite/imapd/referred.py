"""What the URLs of CATENATE stand for: messages of the account's own, and parts of them (RFC 4469 §3, RFC 5092)."""

from __future__ import annotations

from django.conf import settings

from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import url
from mailsuite.protocol.imap.section import cut, extract
from mailsuite.protocol.imap.url import MessageUrl


async def referred(session: Session, named: bytes) -> bytes:
    """The octets. Raises Refusal (BADURL) for whatever is not there, or not this account's."""
    try:
        asked = url.parse(named)
    except ValueError:
        raise bad_url(named) from None
    assert session.account
    here = session.selected.mailbox if session.selected else None
    octets = await in_db(_octets, session.account, here, asked) if _is_ours(session.account, asked) else None
    if octets is None:
        raise bad_url(named)
    return octets


def bad_url(named: bytes) -> Refusal:
    """RFC 4469 §4.1. What could break the response line is left out."""
    shown = "".join(chr(octet) for octet in named[:200] if 0x20 <= octet < 0x7F and octet not in b'"\\]')
    return Refusal("There is nothing of that name", f'BADURL "{shown}"')


def _is_ours(account: Account, asked: MessageUrl) -> bool:
    name, _, domain = account.login.casefold().partition("@")
    hosts = {settings.HOSTNAME.casefold(), "localhost", domain, f"imap.{domain}", f"mail.{domain}"}
    login = asked.login.casefold()
    return (not asked.host or asked.host.casefold() in hosts) and login in ("", name, account.login.casefold())


def _octets(account: Account, selected: Mailbox | None, asked: MessageUrl) -> bytes | None:
    if asked.mailbox:
        try:
            mailbox = mailboxes.find(account.pk, asked.mailbox)
        except mailboxes.NoSuchMailbox:
            return None
    elif selected:
        mailbox = selected
    else:
        return None
    if asked.uidvalidity not in (None, mailbox.uidvalidity):
        return None
    for _, message in store.copies(mailbox.pk, [asked.uid]):
        found = extract(messages.content(message), asked.section)
        return None if found is None else cut(found, asked.partial)
    return None
