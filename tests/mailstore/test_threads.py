"""Conversations: the table T01 to T28 of product.md 3.5, each row through the real store, and the rules around it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from mailsuite.mailstore import changes, merging, messages, threads
from mailsuite.mailstore.models import Message, Reference, Thread
from tests.mailstore.conftest import ALICE, BOB, CAROL, DAY, MALLORY, NOON, Box

REPORT = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\nMIME-Version: 1.0"
REPLIED = "Auto-Submitted: auto-replied"
PGP = 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\nMIME-Version: 1.0'
CALENDAR = "Content-Type: text/calendar; method=REQUEST; charset=utf-8\nMIME-Version: 1.0"
EVENT = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:party-1@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR"
PARTS = "--b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n--b--"
CHAT = "Chat-Version: 1.0\nChat-Group-ID: g1"
BULK = "List-Unsubscribe: <mailto:off@elsewhere.example>"
ID = "your mail <ana@example.org>"


def mail(subject: str | None, msgid: str = "", *references: str, **values: Any) -> dict[str, Any]:
    return {"subject": subject, **({"msgid": msgid} if msgid else {}), "references": references, **values}


def mine(subject: str, msgid: str, *references: str, **values: Any) -> dict[str, Any]:
    return mail(subject, msgid, *references, author=ALICE, to=BOB, role="sent", own=True, **values)


# Each row: what comes in, in order; and for each, which conversation it is in.
TABLE: dict[str, tuple[list[dict[str, Any]], str]] = {
    "T01 a reply with references": ([mail("Lunch?", "1@x"), mail("Re: Lunch?", "2@x", "1@x")], "aa"),
    "T02 own mail, and an answer with In-Reply-To only": (
        [mine("Lunch?", "1@x"), mail("AW: Lunch?", "2@x", in_reply_to="1@x")],
        "aa",
    ),
    "T03 a reply with another subject": ([mail("Budget", "1@x"), mail("New flat", "2@x", "1@x")], "ab"),
    "T04 two invoices of one shop": ([mail("Invoice"), mail("Invoice")], "ab"),
    "T05 a participant answers without headers": ([mine("Party", "1@x"), mail("Re: Party", after=2 * DAY)], "aa"),
    "T06 the same after 40 days": ([mine("Party", "1@x"), mail("Re: Party", after=40 * DAY)], "ab"),
    "T07 the same from a stranger": ([mine("Party", "1@x"), mail("Re: Party", author=MALLORY)], "ab"),
    "T08 the grandchild comes first": (
        [mail("Re: Lunch?", "3@x", "1@x", "2@x"), mail("Lunch?", "1@x"), mail("Re: Lunch?", "2@x", "1@x")],
        "aaa",
    ),
    "T10 tags before and after Re": (
        [mail("[board] Minutes", "1@x"), mail("Re: [board] Minutes", "2@x", "1@x"), mail("[board] Re: Minutes", "3@x", "1@x")],
        "aaa",
    ),
    "T11 a bounce": (
        [mine("Roof", "1@x"), mail("Undelivered Mail Returned to Sender", "2@x", "1@x", more=REPORT, text=PARTS)],
        "aa",
    ),
    "T12 automatic replies": (
        [
            mine("Roof", "1@x"),
            mail("Automatic reply: Roof", "2@x", "1@x", more=REPLIED),
            mail("I am at sea", "3@x", "1@x", more=REPLIED),
        ],
        "aaa",
    ),
    "T13 an invitation, its update and its acceptance": (
        [mail(subject, more=CALENDAR, text=EVENT) for subject in ("Invitation: Party", "Party moved", "Accepted: Summer party")],
        "aaa",
    ),
    "T14 protected subjects": (
        [
            mail("...", "1@x", more=PGP, text=PARTS),
            mail("Re: Roof", "2@x", "1@x", text=PARTS),
            mail("...", "3@x", more=PGP, text=PARTS),
        ],
        "aab",
    ),
    "T15 empty subjects": ([mail("", "1@x"), mail(None, "2@x", "1@x"), mail("", "3@x")], "aab"),
    "T16 references to itself": ([mail("Lunch?", "1@x", "1@x"), mail("Re: Lunch?", "2@x", "1@x", "2@x")], "aa"),
    "T17 two that refer to one another": ([mail("Lunch?", "1@x", "2@x"), mail("Lunch?", "2@x", "1@x")], "aa"),
    "T18 one Message-ID, other bytes": (
        [mail("Lunch?", "1@x", text="Direct."), mail("Lunch?", "1@x", text="By the list.")],
        "aa",
    ),
    "T19 two without Message-ID": ([mail("Lunch?", msgid_header=False), mail("Lunch?", msgid_header=False)], "ab"),
    "T20 an address in In-Reply-To": ([mail(subject, in_reply_to=ID) for subject in ("Roof", "Cake", "Boat")], "abc"),
    "T20 the same with equal subjects": (
        [mail("Roof", in_reply_to=ID), mail("Cake", in_reply_to=ID), mail("Cake", in_reply_to=ID)],
        "abb",
    ),
    "T22 a relay rewrote my Message-ID": ([mine("Roof", "1@x"), mail("Re: Roof", "2@x", "rewritten@relay.example")], "aa"),
    "T23 ways to forward": (
        [mail("Fwd: Recipe", "1@x"), mail("[Fwd: Recipe]", "2@x", "1@x"), mail("Recipe (fwd)", "3@x", "2@x")],
        "aaa",
    ),
    "T25 prefixes of other languages": (
        [mail("Re[2]: Отчет", "1@x"), mail("Ответ: отчет", "2@x", "1@x"), mail("回复：отчет", "3@x", "2@x")],
        "aaa",
    ),
    "T26 a chat group": ([mail(f"Chat: {n}", more=CHAT) for n in range(3)], "aaa"),
    "T27 bulk never falls back to the subject": (
        [mail("News", "1@x", more=BULK), mail("Re: News", "2@x", more=BULK)],
        "ab",
    ),
    "T28 siblings of an unseen parent": (
        [mail("Lunch?", "old@x"), mail("Re: Lunch?", "2@x", "1@x", author=CAROL), mail("Re: Lunch?", "3@x", "1@x")],
        "abb",
    ),
}


def shape(found: list[Message]) -> str:
    """Conversations as letters, in order of first appearance."""
    threads = [Message.objects.values_list("thread_id", flat=True).get(pk=one.pk) for one in found]
    order = list(dict.fromkeys(threads))
    return "".join("abcdefgh"[order.index(thread)] for thread in threads)


def ready(box: Box, values: dict[str, Any]) -> messages.NewMessage:
    values = dict(values)
    if not values.pop("msgid_header", True):
        values["msgid"] = ""
    return box.new(**values)


@pytest.mark.parametrize("row", TABLE)
def test_the_table_one_message_at_a_time(box: Box, row: str) -> None:
    mails, expected = TABLE[row]
    found = [messages.append([ready(box, values)])[0] for values in mails]
    assert shape(found) == expected


@pytest.mark.parametrize("row", TABLE)
def test_the_table_in_one_batch(box: Box, row: str) -> None:
    mails, expected = TABLE[row]
    assert shape(messages.append([ready(box, values) for values in mails])) == expected


def test_t03_the_new_thread_continues_the_old_one(box: Box) -> None:
    old = box.receive(**mail("Budget", "1@x"))
    new = box.receive(**mail("New flat", "2@x", "1@x"))
    assert box.thread(new).continues_id == old.thread_id


def test_a_subject_changed_under_a_ghost_continues_nothing(box: Box) -> None:
    box.receive(**mail("Budget", "2@x", "1@x"))
    assert box.thread(box.receive(**mail("New flat", "3@x", "1@x"))).continues_id is None


@pytest.mark.parametrize("batch", [True, False])
def test_t09_two_threads_become_the_older_one_and_what_moved_is_announced_anew(box: Box, batch: bool) -> None:
    values = [mail("Lunch?", "1@x"), mail("Lunch?", "2@x"), mail("Re: Lunch?", "3@x", "1@x", "2@x")]
    if batch:
        assert shape(messages.append([ready(box, one) for one in values])) == "aaa"
        return
    one, two = (box.receive(**one) for one in values[:2])
    assert one.thread_id != two.thread_id
    before = changes.state(box.pk)
    three = box.receive(**values[2])
    assert shape([one, two, three]) == "aaa"
    assert three.thread_id == one.thread_id
    moved = Message.objects.get(pk=two.pk)
    told = changes.since(box.pk, before)
    assert told is not None
    assert told.emails.destroyed == [two.email_id]
    assert set(told.emails.created) == {moved.email_id, three.email_id}
    assert re.fullmatch(r"M\d+-1", moved.email_id)
    assert told.threads.destroyed == [two.thread_id]
    assert box.uid(moved, "inbox") == two.uids[box.mailbox("inbox").pk]
    assert box.mailbox("inbox").threads == 1


def test_t21_what_was_split_by_hand_stays_apart(box: Box) -> None:
    root = box.receive(**mail("Lunch?", "1@x"))
    part = box.receive(**mail("Re: Lunch?", "2@x", "1@x"))
    split = merging.split(box.pk, [part.pk])
    assert split.continues_id == root.thread_id
    to_part = box.receive(**mail("Re: Lunch?", "3@x", "1@x", "2@x"))
    to_root = box.receive(**mail("Re: Lunch?", "4@x", "1@x"))
    again = box.receive(**mail("Re: Lunch?", "5@x", "1@x", "2@x", "3@x"))
    assert shape([root, part, to_part, to_root, again]) == "abbab"


def test_what_was_merged_by_hand_stays_together(box: Box) -> None:
    one, two = box.receive(**mail("Roof", "1@x")), box.receive(**mail("Cake", "2@x"))
    merging.merge(box.pk, [two.thread_id, one.thread_id])
    replies = [box.receive(**mail("Re: Cake", "3@x", "2@x")), box.receive(**mail("Re: Roof", "4@x", "1@x"))]
    assert shape([one, two, *replies]) == "aaaa"
    assert Thread.objects.get().base_subjects == ["roof", "cake"]


@pytest.mark.parametrize("batch", [100, 7, 1_004])
def test_t24_a_thread_takes_a_thousand_messages(box: Box, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 1_000 if batch >= 100 else 20
    monkeypatch.setattr(threads, "MOST_MESSAGES", most)
    box.receive(**mail("Alarm", "1@x"))
    for start in range(0, most + 4, batch):
        messages.append([box.new(**mail("Alarm", "", "1@x")) for _ in range(min(batch, most + 4 - start))])
    first, second = Thread.objects.order_by("pk")
    assert (first.total, second.total, second.continues_id) == (most, 5, first.pk)


def test_a_member_split_needs_messages_of_one_conversation_and_leaves_some(box: Box) -> None:
    one, two = box.receive(**mail("Roof", "1@x")), box.receive(**mail("Cake", "2@x"))
    for ids in ([one.pk], [one.pk, two.pk], [], [10**9]):
        with pytest.raises(Thread.DoesNotExist):
            merging.split(box.pk, ids)


def test_spam_joins_but_merges_nothing_and_leads_nowhere(box: Box) -> None:
    one, two = box.receive(**mail("Lunch?", "1@x")), box.receive(**mail("Lunch?", "2@x"))
    spam = box.receive(**mail("Re: Lunch?", "3@x", "1@x", "2@x", role="junk", author=MALLORY))
    assert shape([one, two, spam]) == "abb"
    thread = box.thread(two)
    assert (thread.count, thread.total, thread.preview) == (1, 2, two.preview)


def test_an_automatic_reply_to_one_of_two_linked_threads_does_not_merge_them(box: Box) -> None:
    found = [box.receive(**mail("Budget", "1@x")), box.receive(**mail("New flat", "2@x", "1@x"))]
    found.append(box.receive(**mail("Away", "3@x", "1@x", "2@x", more=REPLIED)))
    assert shape(found) == "abb"


def test_a_poisoned_id_is_ignored(box: Box) -> None:
    messages.append([box.new(**mail(f"Subject {n % 6}", "", "broken@x")) for n in range(60)])
    assert Thread.objects.count() == 6 + 60 - 51  # the 51st use was one too many
    late = box.receive(**mail("Subject 1", "", "broken@x"))
    assert box.thread(late).total == 1


def test_one_id_leads_to_so_many_threads_and_no_more(box: Box) -> None:
    messages.append([box.new(**mail(f"Subject {n}", "same@x", text=str(n))) for n in range(80)])
    assert Reference.objects.filter(msgid="same@x").count() == 50
    assert Message.objects.count() == 80


def test_threads_of_two_accounts_never_touch(box: Box) -> None:
    bob = Box(BOB)
    batch = [box.new(**mail("Lunch?", "1@x")), bob.new(**mail("Re: Lunch?", "2@x", "1@x"))]
    assert shape(messages.append(batch)) == "ab"


def test_a_chain_of_replies_with_clocks_going_wrong_is_shown_in_order(box: Box) -> None:
    box.now = NOON
    root = box.receive(**mail("Lunch?", "1@x", received_at=NOON + timedelta(minutes=5)))
    reply = box.receive(**mail("Re: Lunch?", "2@x", "1@x", received_at=NOON + timedelta(minutes=2)))
    answer = box.receive(**mail("Re: Lunch?", "3@x", "1@x", "2@x", received_at=NOON + timedelta(minutes=1)))
    shown = messages.conversation(box.pk, box.thread(root).pk)
    assert [one.pk for one in shown] == [root.pk, reply.pk, answer.pk]


def test_a_reply_is_never_shown_above_its_parent_within_ten_minutes(box: Box) -> None:
    reply = box.receive(**mail("Re: Lunch?", "2@x", "1@x", received_at=NOON))
    root = box.receive(**mail("Lunch?", "1@x", received_at=NOON + timedelta(minutes=5)))
    late = box.receive(**mail("Re: Lunch?", "3@x", "1@x", received_at=NOON + timedelta(minutes=6)))
    assert [one.pk for one in messages.conversation(box.pk, root.thread_id)] == [root.pk, reply.pk, late.pk]
