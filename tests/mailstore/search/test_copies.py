"""How the store goes about IMAP's questions: by an index, or by one walk along the mailbox, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.search.copies import COLUMNS, find_copies
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Not, Or, Term
from mailsuite.mailstore.search.scope import copies_in
from tests.mailstore.search.corpus import CASES, write
from tests.plans import faults

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat(CASES["now"])
QUESTIONS = [
    EVERYTHING,
    Not(Term("flag", Message.SEEN)),
    Term("deleted", True),
    Term("keyword", "$label1"),
    Term("uids", ((1, 2), (4, 9))),
    Term("uid_in", tuple(range(1, 2_000, 2))),
    And((Term("after", "2026-01-01"), Term("before", "2026-03-01"))),
    Or((Term("larger", 1), Term("smaller", 5_000))),
    And((Term("sent_after", "2026-01-01"), Term("sent_before", "2026-03-01"))),
    Term("saved_before", "2026-03-01"),
    Term("modseq", 1),
    Term("contains", ("subject", "roof")),
    Term("contains", ("from", "bob")),
    Term("contains", ("body", "tomorrow")),
    Term("contains", ("text", "tomorrow")),
    Term("contains", ("header:message-id", "roof")),
    Term("email", (1, 0)),
]


@pytest.fixture
def inbox() -> Mailbox:
    alice = Account.objects.create(login=CASES["me"])
    write(alice, CASES["corpus"])
    return Mailbox.objects.get(account=alice, role="inbox")


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("columns", [("uid",), COLUMNS], ids=["uids", "all columns"])
def test_no_question_reads_a_whole_table(inbox: Mailbox, question: Node, columns: tuple[str, ...]) -> None:
    with CaptureQueriesContext(connection) as captured:
        find_copies(copies_in(inbox.account_id, [inbox.pk], now=NOW), question, columns)
    assert len(captured) <= 8
    if connection.vendor == "sqlite":  # PostgreSQL reads tables as small as these whole, rightly
        assert faults(captured.captured_queries, sorts=True) == []


def test_columns_come_in_order_of_uids_with_seconds_and_first_people(inbox: Mailbox) -> None:
    wanted = ["uid", "received", "sent", "to_address", "cc_address", "author_address", "message_id"]
    found = dict(zip(wanted, find_copies(copies_in(inbox.account_id, [inbox.pk], now=NOW), EVERYTHING, wanted), strict=True))
    assert list(found["uid"]) == [1, 2, 3, 4, 5]
    rows = Message.objects.filter(memberships__mailbox=inbox).order_by("memberships__uid")
    assert [str(at)[:19] for at in found["received"]] == [str(one.received_at)[:19] for one in rows]
    assert [str(at)[:19] for at in found["sent"]] == [str(one.sent_at or one.received_at)[:19] for one in rows]
    assert found["to_address"] == [one.people.get("to", [["", None]])[0][1] for one in rows]
    assert found["cc_address"] == [one.people.get("cc", [["", None]])[0][1] for one in rows]
    assert found["message_id"] == [one.message_id for one in rows]


def test_nobody_is_asked_through_another_accounts_mailbox(inbox: Mailbox) -> None:
    mallory = Account.objects.create(login="mallory@bad.example")
    assert [list(column) for column in find_copies(copies_in(mallory.pk, [inbox.pk]), EVERYTHING, ["uid", "subject"])] == [[], []]


def test_reading_says_how_far_it_has_come_and_can_be_ended(inbox: Mailbox) -> None:
    (blob,) = store.save([(store.draft(b"X-One: x\r\n\r\n"), 5)])
    Message.objects.update(blob=blob)
    told: list[tuple[int, int]] = []
    asked = Term("contains", ("header:x-none", "x"))
    scope = copies_in(inbox.account_id, [inbox.pk])
    find_copies(replace(scope, tell=lambda done, total: told.append((done, total))), asked, ["uid"])
    assert told == [(0, 5)]

    def end(done: int, total: int) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        find_copies(replace(scope, tell=end), asked, ["uid"])
