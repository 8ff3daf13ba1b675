"""Founds the demo co-op and puts its mail into it, as if it had come in over half a year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from django.db import transaction

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_account, add_alias, add_domain
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.management.demo.bulk import bulk
from mailsuite.management.demo.cast import MEMBERS, Person
from mailsuite.management.demo.files import made_up
from mailsuite.management.demo.letters import Letter, conversations
from mailsuite.protocol import compose

LABELS = {"Garden": "green", "Money": "amber", "Board": "indigo", "Recipes": "orange", "Reading": "purple"}
SPAM_REASON = {"reasons": [{"code": "demo", "text": "Words of spam, and you never wrote to this sender.", "weight": 5}]}


@transaction.atomic
def found(now: datetime) -> int:
    """Make example.org with six members and their mail; how many messages there are. It must not exist yet."""
    add_domain("example.org")
    accounts = {person.key: account_of(person) for person in MEMBERS}
    add_alias("garden@example.org", ["alice@example.org", "bob@example.org", "chidi@example.org"])
    add_alias("hello@example.org", ["alice@example.org"])
    labels = {name: mailboxes.create(accounts["alice"].pk, name, color=color).pk for name, color in LABELS.items()}
    letters = sorted([*conversations(now), *bulk(now)], key=lambda letter: letter.at)
    taken: list[messages.NewMessage] = []
    for letter in letters:
        taken += _copies(letter, accounts, labels)
    messages.append(taken)
    return len(taken)


def account_of(person: Person) -> Account:
    account = add_account(person.address, person.password, display_name=person.name, is_steward=person.key in ("alice", "chidi"))
    mailboxes.ensure(account.pk)
    return account


def _copies(letter: Letter, accounts: dict[str, Account], labels: dict[str, int]) -> Iterable[messages.NewMessage]:
    """The author's own copy, and one for each recipient of ours."""
    content = written(letter)
    [blob] = store.save([(store.draft(content), 0)])
    if letter.author.is_member:
        own = accounts[letter.author.key].pk
        yield messages.NewMessage(own, blob, content, received_at=letter.at, flags=Message.SEEN, role=Mailbox.Role.SENT, own=True)
    received = trace(letter)
    for person in letter.recipients:
        if not person.is_member:
            continue
        is_alice = person.key == "alice"
        seen = not letter.unread or not (is_alice or letter.junk)
        yield messages.NewMessage(
            accounts[person.key].pk,
            blob,
            content,
            trace=received,
            received_at=letter.at,
            flags=(Message.SEEN if seen else 0) | (Message.FLAGGED if letter.starred and is_alice else 0),
            role=Mailbox.Role.JUNK if letter.junk else Mailbox.Role.INBOX,
            labels=[labels[name] for name in letter.labels] if is_alice and not letter.junk else (),
            decision=SPAM_REASON if letter.junk else {},
            delivered_to=person.address,
        )


def trace(letter: Letter) -> bytes:
    path = "" if letter.junk else letter.author.address
    return f"Return-Path: <{path}>\r\nReceived: from demo by mail.example.org; {format_datetime(letter.at)}\r\n".encode()


def written(letter: Letter) -> bytes:
    """The letter as its author's mail client would have sent it."""
    letter.message_id = letter.message_id or _message_id(letter)
    ancestors = _ancestors(letter.parent) if letter.parent else letter.ancestors
    return compose.build(
        compose.Draft(
            author=(letter.author.name, letter.author.address),
            to=[(person.name, person.address) for person in letter.recipients],
            subject=letter.subject,
            date=letter.at,
            message_id=letter.message_id,
            in_reply_to=ancestors[-1] if ancestors else "",
            references=ancestors,
            headers=list(letter.headers.items()),
            text=letter.text,
            html=letter.html or None,
            attachments=[made_up(name) for name in letter.attachments],
            flowed=False,
        )
    )


def _message_id(letter: Letter) -> str:
    seed = f"{letter.author.address} {letter.recipients} {letter.at} {letter.subject}".encode()
    return f"{hashlib.sha256(seed).hexdigest()[:24]}@{letter.author.address.partition('@')[2]}"


def _ancestors(letter: Letter) -> list[str]:
    return [*(_ancestors(letter.parent) if letter.parent else []), letter.message_id]
