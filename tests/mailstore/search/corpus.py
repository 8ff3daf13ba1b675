"""Messages for search tests, written straight into the tables: search is tested here, not delivery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, rows
from mailsuite.mailstore.models import Mailbox, Membership, Message, Thread
from mailsuite.mailstore.search import index
from mailsuite.mailstore.search.copies import find_copies
from mailsuite.mailstore.search.index import IndexText
from mailsuite.mailstore.search.query import Node
from mailsuite.mailstore.search.scope import copies_in

CASES = json.loads((Path(__file__).parents[2] / "data" / "search_cases.json").read_text())
FLAGS = {"seen": Message.SEEN, "answered": Message.ANSWERED, "flagged": Message.FLAGGED, "draft": Message.DRAFT}
PLACES = {"mail": Message.Place.MAIL, "spam": Message.Place.SPAM, "trash": Message.Place.TRASH}


def write(account: Account, items: Sequence[dict[str, Any]]) -> tuple[dict[str, int], dict[str, int]]:
    """Keep these messages (the form of search_cases.json); returns thread ids by name, message ids by name."""
    mailboxes.ensure(account.pk)
    boxes = {box.role or box.name: box for box in Mailbox.objects.filter(account=account)}
    threads: dict[str, Thread] = {}
    messages: dict[str, int] = {}
    for item in items:
        at = datetime.fromisoformat(item["received"])
        if item["thread"] not in threads:
            threads[item["thread"]] = Thread.objects.create(account=account, oldest_at=at, newest_at=at)
        messages[item["id"]] = _message(account, threads[item["thread"]], item, at).pk
        for name in [*item["mailboxes"], *(["all"] if item.get("place", "mail") == "mail" else [])]:
            if name not in boxes:
                boxes |= {name: mailboxes.create(account.pk, name)}
            uid = Membership.objects.filter(mailbox=boxes[name]).count() + 1
            Membership.objects.create(mailbox=boxes[name], message_id=messages[item["id"]], uid=uid, modseq=1)
    ids = {name: thread.pk for name, thread in threads.items()}
    rows.refresh(ids.values(), rows.load_boxes([account.pk]), {account.pk: 1})
    return ids, messages


def _message(account: Account, thread: Thread, item: dict[str, Any], at: datetime) -> Message:
    (blob,) = store.save([(store.draft(b"Subject: x\r\n\r\n"), 1)])
    traits = item.get("traits", {}) | ({"link": True} if "://" in item["body"] else {})  # as `protocol.traits` finds it
    people = {"from": [item["from"]], **{name: item[name] for name in ("to", "cc", "bcc") if name in item}}
    message = Message.objects.create(
        account=account,
        blob=blob,
        thread=thread,
        size=item.get("size", 1000),
        modseq=1,
        created_modseq=1,
        received_at=at,
        sent_at=at,
        place=PLACES[item.get("place", "mail")],
        flags=sum(FLAGS[name] for name in item.get("flags", [])),
        keywords=item.get("keywords", []),
        own=item.get("own", False),
        message_id=item.get("message_id", f"{item['id']}@example.org"),
        subject=item["subject"],
        author_name=item["from"][0],
        author_address=item["from"][1],
        preview=item["body"][:200],
        people=people,
        attachments=item.get("attachments", []),
        traits=traits,
        imap_envelope=b"",
        imap_structure=b"",
    )
    text = IndexText(item["subject"], people, item["body"], item.get("attachments", []), traits)
    index.add_many([(message.pk, index.prepare(account.pk, text))])
    return message


def find_uids(mailbox: Mailbox, query: Node, now: datetime | None = None) -> list[int]:
    """UIDs of the messages of a mailbox that match, ascending."""
    (found,) = find_copies(copies_in(mailbox.account_id, [mailbox.pk], now=now), query, ["uid"])
    return list(found)
