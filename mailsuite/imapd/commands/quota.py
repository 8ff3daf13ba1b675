"""GETQUOTA, GETQUOTAROOT and SETQUOTA: how much an account holds, and how much it may (RFC 9208)."""

from __future__ import annotations

from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.quota import Usage, usage
from mailsuite.protocol.imap import quota as grammar
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.syntax import Parser

ROOT = ""  # an account has one root, over all its mailboxes
NO_ROOT = Refusal("There is no such quota root", "NONEXISTENT")
NOT_YOURS = Refusal("Only who runs the server sets that", "NOPERM")
UNIT = 1_024  # octets


async def get_quota(session: Session, parser: Parser) -> Done:
    """GETQUOTA (RFC 9208 §4.1.2)."""
    root = grammar.root(parser)
    used = await in_db(usage, session.account_id)
    if root != ROOT or not used.limit:
        raise NO_ROOT
    session.send(described(used))
    return Done("That is how much there is")


async def get_quota_root(session: Session, parser: Parser) -> Done:
    """GETQUOTAROOT (RFC 9208 §4.1.3). Without a limit a mailbox has no root: a list of resources is never empty."""
    name = grammar.mailbox(parser)
    used = await in_db(_usage, session.account_id, name)
    shown = responses.mailbox(name, utf8=session.utf8)
    if used.limit:
        session.send(b'* QUOTAROOT %b ""\r\n' % shown + described(used))
    else:
        session.send(b"* QUOTAROOT %b\r\n" % shown)
    return Done("That is how much there is")


def _usage(account_id: int, name: str) -> Usage:
    mailboxes.find(account_id, name)
    return usage(account_id)


async def set_quota(session: Session, parser: Parser) -> Done:
    """SETQUOTA (RFC 9208 §4.1.4): for whoever runs the server, and elsewhere."""
    grammar.set_quota(parser)
    raise NOT_YOURS


def described(used: Usage) -> bytes:
    """A QUOTA response (RFC 9208 §5.1), in units of 1,024 octets, begun ones counted."""
    return b'* QUOTA "" (STORAGE %d %d)\r\n' % (-(-used.used // UNIT), -(-used.limit // UNIT))
