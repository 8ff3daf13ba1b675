"""Lists of single messages, for who has conversations switched off (product.md F13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.mailboxes import Role
from mailsuite.mailstore.models import Mailbox, Membership, Message
from tests.webmail.jmap.test_own import ask, box_id, garden, thread_id
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids

__all__ = ["ask", "garden"]


def pages(ask: Any, **asked: Any) -> list[str]:
    found, before = [], None
    while True:
        said = ask("ThreadRow/query", perMessage=True, limit=2, before=before, **asked)
        found += [row["emailId"] for row in said["list"]]
        before = said["cursor"]
        if before is None:
            return found


def talk(alice: Account, garden: Mailbox) -> Any:
    letters = [
        Letter(who="Carol <carol@elsewhere.example>", ago=timedelta(hours=5), text="Tiles."),
        Letter(who="alice@example.org", ago=timedelta(hours=4)),
        Letter(ago=timedelta(hours=1), seen=False, starred=True, files=[("a.pdf", "application/pdf", b"x")]),
    ]
    return conversation(alice, "Roof", *letters, labels=[garden])


def test_each_message_is_a_row(ask: Any, alice: Account, garden: Mailbox) -> None:
    roof = talk(alice, garden)
    cellar = conversation(alice, "Cellar", Letter(ago=timedelta(hours=2)))
    said = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX), perMessage=True)
    assert [(row["id"], row["count"]) for row in said["list"]] == [(thread_id(one), 1) for one in (roof, cellar, roof)]
    first, _, last = said["list"]
    assert first["marks"] == ["starred", "attachment"]
    assert (first["unread"], first["starColor"], last["marks"], last["unread"]) == (1, "red", [], 0)
    assert (last["preview"], last["writers"][0]["name"]) == ("Tiles.", "Carol")
    assert first["labels"] == [ids.name("F", garden.pk)]


@pytest.mark.parametrize("role", [Role.INBOX, Role.ALL, Role.SENT, Role.STARRED, Role.TRASH])
def test_counts_agree_with_imap_and_pages_follow_one_another(ask: Any, alice: Account, garden: Mailbox, role: str) -> None:
    talk(alice, garden)
    for n in range(3):
        conversation(alice, f"Letter {n}", Letter(ago=timedelta(hours=n)), Letter(ago=timedelta(hours=n)))
    conversation(alice, "Old", Letter(), Letter(), Letter(), place=Message.Place.TRASH)
    box = mailboxes.by_role(alice.pk, role)
    asked = {"mailboxId": ids.name("F", box.pk)}
    held = Membership.objects.filter(mailbox=box).order_by("-message__received_at", "-message")
    assert pages(ask, **asked) == [one.message.email_id for one in held]
    for unread, count in ((False, box.total), (True, box.unread)):
        said = ask("ThreadRow/query", perMessage=True, unreadOnly=unread, **asked)
        assert (len(said["list"]), said["total"]) == (count, count)
        assert all(("purgedAt" in row) == (role == Role.TRASH) for row in said["list"])


def test_a_query_finds_messages(ask: Any, alice: Account, garden: Mailbox) -> None:
    talk(alice, garden)
    conversation(alice, "Tiles of old", Letter(), place=Message.Place.TRASH)
    said = ask("ThreadRow/query", query="tiles", perMessage=True)
    assert ([row["preview"] for row in said["list"]], said["total"]) == (["Tiles."], 1)
    assert ask("ThreadRow/query", query="tiles in:anywhere", perMessage=True)["total"] == 2
    assert len(pages(ask, query="subject:roof")) == 3
    assert ask("ThreadRow/query", query="roof label:Gardn", perMessage=True)["hints"][0]["code"] == "no_label"
    for query in ("", "(" * 1_000_000, "is:unread", "from:carol OR is:starred"):
        assert "type" not in ask("ThreadRow/query", query=query, perMessage=True)
    assert ask("ThreadRow/query", query="x", perMessage=True, unreadOnly=True)["type"] == "invalidArguments"
    assert ask("ThreadRow/query", query="x", perMessage="yes")["type"] == "invalidArguments"
