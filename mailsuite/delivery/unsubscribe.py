"""Leave a list for a member: by one click from here, else by mail, else by the page that the member must open (RFC 8058).

The click comes from the server: the list learns neither where the member is nor what he reads with. It is done only where a
signature that held covers the address, for else anybody could make us post anywhere.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import datetime
from email.utils import make_msgid
from typing import Literal, NamedTuple

from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.accounts import addresses
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.delivery.submit import submit
from mailsuite.mailstore.models import Message
from mailsuite.net.http import Ask, Limits, Unfetchable, fetch
from mailsuite.people import choices
from mailsuite.people.models import Choice
from mailsuite.protocol.compose import Draft, build
from mailsuite.protocol.header import HEADER_CAP
from mailsuite.protocol.list_unsubscribe import Letter, Ways, ways
from mailsuite.queue.models import Envelope

How = Literal["post", "mail", "page"]
LIMITS = Limits(seconds=8.0, most_bytes=100_000, redirects=0)  # RFC 8058 §3.1: who is asked must not redirect
FORM = b"List-Unsubscribe=One-Click"
_clicks = threading.BoundedSemaphore(2)  # of a process: each holds a thread that pages are made in


class NothingToLeave(Exception):
    """The message offers no way out that we would take: it is no list's, our own, or in Spam."""

    temporary = False


class Busy(Exception):
    """Others are leaving lists at the moment."""

    temporary = True


class Offer(NamedTuple):
    """What can be done about a message's list. left_at: when the account left it, and how; None where it has not."""

    how: How
    page: str
    left_at: datetime | None
    left_how: str


def offer(message: Message) -> Offer | None:
    """The best way that the message offers, and whether it was taken already; None where there is none. Reads the header."""
    if not _has_list(message):
        return None
    found = _ways(message)
    if not found:
        return None
    left = Choice.objects.filter(account_id=message.account_id, kind=Choice.Kind.UNSUBSCRIBED, sender=sender_of(message)).first()
    how: How = "post" if found.post else "mail" if found.mail else "page"
    return Offer(how, found.page, left.at if left else None, left.how if left else "")


def leave(account: Account, message: Message) -> tuple[How, str]:
    """Leave the list of the account's message: how it was done, and for `page` the address that the member must open.

    Raises NothingToLeave, Busy, `submit.SubmissionRefused` and `choices.TooManyChoices`. Waits for the list at most some seconds.
    """
    found = _ways(message) if _has_list(message) else Ways()
    if found.post and _clicked(found.post, message):
        done: How = "post"
    elif found.mail:
        _write(account, message, found.mail)
        done = "mail"
    elif found.page:
        return "page", found.page
    else:
        raise NothingToLeave
    choices.choose(account.pk, sender_of(message), Choice.Kind.UNSUBSCRIBED, how=done)
    maillog.event("unsubscribed", account=account.login, list=sender_of(message), how=done)
    return done, ""


def sender_of(message: Message) -> str:
    """What a list is remembered by: its List-Id, else its author."""
    return choices.folded(message.traits.get("list_id") or message.author_address)


def _has_list(message: Message) -> bool:
    in_spam = message.place == Message.Place.SPAM  # leaving tells a spammer that somebody lives here
    return not message.own and not in_spam and "list_unsubscribe" in message.traits


def _ways(message: Message) -> Ways:
    auth = (message.decision or {}).get("auth") or {}
    passed = [one for one in auth.get("dkim") or () if isinstance(one, dict)]
    found = ways(store.read_range(message.blob, 0, HEADER_CAP), passed)
    if found.mail and addresses.is_local_domain(found.mail.to.rpartition("@")[2]):
        return replace(found, mail=None)  # the co-op's own people take no letters that a stranger had written
    return found


def _clicked(url: str, message: Message) -> bool:
    if not _clicks.acquire(blocking=False):
        raise Busy
    try:
        answer = asyncio.run(fetch(Ask(url, form=FORM), LIMITS))
    except Unfetchable as trouble:
        maillog.event("unsubscribe-failed", list=sender_of(message), reason=trouble)
        return False
    finally:
        _clicks.release()
    return 200 <= answer.status < 300


def _write(account: Account, message: Message, letter: Letter) -> None:
    author = _subscribed_as(account, message)
    draft = Draft(
        author=(account.display_name, author),
        date=now(),
        message_id=make_msgid(domain=author.rpartition("@")[2]).strip("<>"),
        to=[("", letter.to)],
        subject=letter.subject,
        text=letter.text,
        headers=[("Auto-Submitted", "auto-generated")],
    )
    submit(account, build(draft), reverse_path=author, recipients=[letter.to], origin=Envelope.Origin.WEB)


def _subscribed_as(account: Account, message: Message) -> str:
    """The address that the list knows: the one of ours that it wrote to."""
    named = (pair[1] for kind in ("to", "cc") for pair in message.people.get(kind, ())[:50])
    return next((one for one in named if addresses.may_author(account.pk, one)), account.login)
