"""What a query finds, on whichever database the tests run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.search import find as finding
from mailsuite.mailstore.search.find import find, relax
from mailsuite.mailstore.search.listing import Listing
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Not, Or, Term
from tests.mailstore.search.corpus import CASES, find_uids, write

pytestmark = pytest.mark.django_db
NOW, ZONE = datetime.fromisoformat(CASES["now"]), ZoneInfo(CASES["zone"])


@pytest.fixture
def alice() -> Account:
    return Account.objects.create(login=CASES["me"])


def message(name: str, **more: Any) -> dict[str, Any]:
    plain = {"id": name, "thread": name, "from": ["Bob", "bob@example.org"], "subject": name, "body": "", "mailboxes": ["inbox"]}
    return {**plain, "received": "2026-01-01T00:00:00Z", **more}


@pytest.mark.parametrize("few", [finding.FEW, 0], ids=["looked up", "walked to"])
def test_queries_find_what_the_table_says(alice: Account, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    threads, _ = write(alice, CASES["corpus"])
    names = {pk: name for name, pk in threads.items()}
    wrong = []
    for case in CASES["find"]:
        page = find(alice.pk, case["query"], now=NOW, zone=ZONE)
        found = [names[pk] for pk in page.thread_ids], page.in_spam_and_trash if case["aside"] is not None else None
        if found != (case["threads"], case["aside"]) or page.count != len(case["threads"]) or not page.exact:
            wrong.append((case, found))
    assert not wrong


def messages_of(account_id: int, query: Node) -> list[int]:
    """Keys of what is found in all places, oldest first."""
    names = Listing(account_id, query, Mailbox.objects.filter(account_id=account_id)).everything()
    return sorted(int(name[1:].partition("-")[0]) for name in names)


def test_nobody_finds_the_mail_of_another(alice: Account) -> None:
    bob = Account.objects.create(login="bob@example.org")
    write(alice, CASES["corpus"])
    threads, _ = write(bob, [message("roof")])
    for query in ("roof", "-nothing", "", "in:inbox", "is:unread", "has:nouserlabels", "in:anywhere"):
        assert find(bob.pk, query).thread_ids == [threads["roof"]], query
    assert messages_of(bob.pk, EVERYTHING) == list(Message.objects.filter(account=bob).values_list("pk", flat=True))


def test_an_account_without_mail_finds_nothing(alice: Account) -> None:
    page = find(alice.pk, "roof")
    assert (page.thread_ids, page.count, bool(page.cursor)) == ([], 0, False)


@pytest.mark.parametrize("query", ["roof ", "in:inbox", "in:anywhere roof "])
def test_pages_follow_one_another_without_gap_or_repetition(alice: Account, query: str) -> None:
    start = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    same_time = [message(f"m{n}", subject="roof", received=(start + timedelta(hours=n // 3)).isoformat()) for n in range(10)]
    write(alice, same_time)
    whole = find(alice.pk, query).thread_ids
    seen, before = [], None
    while True:
        page = find(alice.pk, query, limit=3, before=before)
        seen += page.thread_ids
        before = page.cursor
        if not bool(page.cursor):
            break
    assert seen == whole
    assert len(whole) == 10


def test_newest_first_even_if_old_mail_was_imported_last(alice: Account) -> None:
    years = {"new": "2026", "old": "2020"}
    threads, _ = write(alice, [message(n, subject="roof", received=f"{year}-01-01T00:00:00Z") for n, year in years.items()])
    assert find(alice.pk, "roof").thread_ids == [threads["new"], threads["old"]]


def test_many_are_counted_about(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "COUNTED", 5)
    write(alice, [message(f"m{n}", subject="roof", received=f"2026-01-01T00:{n:02}:00Z") for n in range(20)])
    page = find(alice.pk, "roof ", limit=2)
    assert (page.count, page.exact) == (20, False)


def test_a_label_that_there_is_not_is_hinted_at(alice: Account) -> None:
    write(alice, [message("m", mailboxes=["Work", "Needs Action"])])
    assert [hint.text for hint in find(alice.pk, "label:wrok").hints] == ["No label wrok. **label:Work**?"]
    assert [hint.text for hint in find(alice.pk, "in:needs-action label:xyzzy").hints] == ["No label xyzzy."]


def test_nothing_found_says_which_term_to_drop(alice: Account) -> None:
    write(alice, [message("m1", subject="roof"), message("m2", subject="roof and wall")])
    assert find(alice.pk, "roof has:pdf from:bob ").count == 0
    (offer,) = relax(alice.pk, "roof has:pdf from:bob ")
    assert (offer.without, offer.query, offer.count) == ("has:pdf", "roof from:bob", 2)
    assert relax(alice.pk, "nothing ") == []


def test_a_search_takes_few_statements(alice: Account) -> None:
    write(alice, CASES["corpus"])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        find(alice.pk, "from:ana tiles in:inbox label:garden has:pdf", now=NOW, zone=ZONE)
    assert len(captured) <= 8


# --- messages, as IMAP asks ---


@pytest.fixture
def inbox(alice: Account) -> Mailbox:
    write(alice, CASES["corpus"])
    return Mailbox.objects.get(account=alice, role="inbox")


def uids(mailbox: Mailbox, query: Node) -> list[str]:
    """The names of the messages found, through their UIDs."""
    rows = dict(mailbox.memberships.values_list("uid", "message__message_id"))
    return [rows[uid].removesuffix("@example.org") for uid in find_uids(mailbox, query, now=NOW)]


ALL = ["roof-3", "dinner-1", "news-1", "notice-1", "japan-1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (EVERYTHING, ALL),
        (Term("flag", Message.SEEN), ALL[1:]),
        (Not(Term("flag", Message.SEEN)), ALL[:1]),
        (Term("is", "unread"), ALL[:1]),
        (Term("uids", ((1, 1), (4, 9))), ["roof-3", "notice-1", "japan-1"]),
        (Term("deleted", True), []),
        (And((Term("contains", ("from", "BOB@exam")), Term("flag", Message.FLAGGED))), ["dinner-1"]),
        (Term("contains", ("subject", "inner and a mov")), ["dinner-1"]),
        (Term("contains", ("subject", "予報")), ["japan-1"]),
        (Term("contains", ("to", "carol")), ["dinner-1"]),
        (Term("contains", ("cc", "bob")), ["roof-3"]),
        (Term("contains", ("body", "opcor")), ["dinner-1"]),
        (Term("contains", ("body", "movie")), []),
        (Term("contains", ("text", "movie")), ["dinner-1"]),
        (Term("contains", ("text", "https://shop.example")), ["news-1"]),
        (Or((Term("contains", ("subject", "sale")), Term("contains", ("body", "tomorrow")))), ["roof-3", "news-1"]),
        (Not(Term("contains", ("from", "elsewhere"))), ["dinner-1", "news-1", "notice-1"]),
        (Term("sent_after", "2026-03-03"), ["notice-1", "japan-1"]),
        (And((Term("after", "2026-02-01"), Term("before", "2026-03-02"))), ["dinner-1", "news-1"]),
        (Term("larger", 1001), []),
        (Term("keyword", "$label1"), []),
        (Term("modseq", 2), []),
        (Term("newer_than", "500000s"), ["japan-1"]),
        (Term("contains", ("header:message-id", "dinner-1@")), ["dinner-1"]),
        (Term("never-heard-of", "x"), []),
    ],
    ids=str,
)
def test_messages_of_a_mailbox_are_found_one_by_one(inbox: Mailbox, query: Node, found: list[str]) -> None:
    assert uids(inbox, query) == found


def test_a_message_is_found_in_all_places_where_no_mailbox_is_named(inbox: Mailbox) -> None:
    assert len(messages_of(inbox.account_id, Term("contains", ("subject", "roof")))) == 5


def test_a_header_field_is_read_from_the_message(alice: Account) -> None:
    _, messages = write(alice, [message("m1"), message("m2")])
    content = b"X-Colour: =?utf-8?q?Gr=C3=BCn?=\r\nX-Empty:\r\nSubject: x\r\n\r\nX-Body: green\r\n"
    (blob,) = store.save([(store.draft(content), 1)])
    Message.objects.filter(pk=messages["m2"]).update(blob=blob, trace=b"Received: from mx\r\n")
    asked = {"x-colour": "grün", "x-empty": "", "received": "mx", "x-body": "green"}
    found = {name: messages_of(alice.pk, Term("contains", (f"header:{name}", text))) for name, text in asked.items()}
    assert found == {"x-colour": [messages["m2"]], "x-empty": [messages["m2"]], "received": [messages["m2"]], "x-body": []}


def test_a_search_with_very_many_hits_is_no_long_statement(inbox: Mailbox) -> None:
    everything = tuple(range(1, 300_000))
    assert uids(inbox, Term("ids", everything)) == ALL
    assert uids(inbox, Term("ids", ())) == []
