"""SEARCH, SORT and THREAD over messages whose fields are chosen: what no transcript of plain letters can show."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsuite.accounts.models import Account
from mailsuite.imapd import progress
from mailsuite.imapd.selected import Selected
from mailsuite.mailstore import ancestry, mailboxes, snapshots
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import copies, substring
from mailsuite.mailstore.search.query import EVERYTHING, And, Not, Or, Term
from mailsuite.mailstore.search.scope import copies_in
from tests.imapd.conftest import Client, Connect, deliver, letter
from tests.mailstore.search.corpus import find_uids


def write(n: int = 0, **fields: str) -> bytes:
    """A message with these fields; `_` in a name is `-`."""
    fields = {"Message_ID": f"<{n}@x>", "From": "Bob <bob@example.org>", **fields}
    text = fields.pop("text", f"Text {n}.")
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


@pytest.fixture
def opened(connect: Connect, alice: Account) -> Any:
    def open_with(*contents: bytes) -> Client:
        deliver(alice, *contents)
        client = connect().login()
        client.ok("SELECT INBOX")
        return client

    return open_with


def numbers(client: Client, command: str) -> list[int]:
    """What a SEARCH or SORT finds."""
    answer = client.ok(command)[0].decode()
    assert answer.startswith(("* SEARCH", "* SORT")), answer
    return [int(one) for one in re.sub(r" \(MODSEQ \d+\)", "", answer).split()[2:]]


# --- keys ---


def test_a_day_sent_is_the_one_the_message_names_wherever_it_was_written(opened: Any) -> None:
    client = opened(
        write(1, Date="Mon, 23 Nov 2026 23:30:00 -0800"),
        write(2, Date="Tue, 24 Nov 2026 00:30:00 +1300"),
        write(3, Date="Mon, 23 Nov 2026 12:00:00 +0000"),
        write(4, Date="someday"),
        write(5),
    )
    assert numbers(client, "SEARCH SENTON 23-Nov-2026") == [1, 3]
    assert numbers(client, "SEARCH SENTBEFORE 24-Nov-2026") == [1, 3]
    assert numbers(client, "SEARCH SENTSINCE 24-Nov-2026") == [2]
    assert numbers(client, "SEARCH NOT SENTSINCE 24-Nov-2026") == [1, 3, 4, 5]
    assert numbers(client, "SEARCH OR SENTON 24-Nov-2026 NOT SENTBEFORE 1-Jan-2030") == [2, 4, 5]
    assert numbers(client, "SEARCH SENTSINCE 1-Jan-0001 SENTBEFORE 31-Dec-9999") == [1, 2, 3]


def test_the_last_day_that_can_be_written_is_a_day(opened: Any) -> None:
    client = opened(write(1))
    content = b"Subject: late\r\n\r\n"
    client.ok(b'APPEND INBOX "31-Dec-9999 12:00:00 +0000" {%d+}\r\n%b' % (len(content), content))
    assert numbers(client, "SEARCH ON 31-Dec-9999") == [2]
    assert numbers(client, "SEARCH NOT ON 31-Dec-9999") == [1]


def test_the_empty_string_finds_a_field_that_is_there(opened: Any) -> None:
    client = opened(write(1, Subject=""), write(2, X_A="b"), write(3, Subject="x", Cc="c@x.example"), write(4, To="a@x.example"))
    assert numbers(client, 'SEARCH HEADER Subject ""') == [1, 3]
    assert numbers(client, 'SEARCH HEADER X-A ""') == [2]
    assert numbers(client, 'SEARCH HEADER CC ""') == [3]
    assert numbers(client, 'SEARCH HEADER X-A "B"') == [2]
    assert numbers(client, 'SEARCH NOT HEADER To ""') == [1, 2, 3]
    for key in ("SUBJECT", "FROM", "TO", "CC", "BCC", "BODY", "TEXT"):
        assert numbers(client, f'SEARCH {key} ""') == [1, 2, 3, 4], key


def test_a_header_is_looked_for_in_all_of_a_mailbox(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(write(1, X_Mark="red"), *(write(n) for n in range(2, 6)), write(6, X_Mark="=?utf-8?q?gr=C3=BCn?=, red"))
    monkeypatch.setattr(substring, "SCANNED", 2)
    assert numbers(client, "SEARCH HEADER X-Mark red") == [1, 6]
    assert numbers(client, "SEARCH HEADER X-Mark GRUN 2:*") == [6]
    assert numbers(client, "SEARCH OR HEADER X-Mark grun HEADER Message-ID <2@x>") == [2, 6]


def test_text_is_also_what_stands_in_the_header(opened: Any) -> None:
    client = opened(write(1, X_Mark="Red-ish"), write(2, text="A reddish-brown roof"), write(3, Subject="red-ish"))
    assert numbers(client, "SEARCH TEXT red-ISH") == [1, 3]
    assert numbers(client, "SEARCH TEXT X-Mark:") == [1]
    assert numbers(client, "SEARCH NOT TEXT x-mark BODY roof") == [2]
    assert numbers(client, "SEARCH BODY x-mark") == []


def test_people_are_found_by_name_and_address(opened: Any) -> None:
    client = opened(
        write(1, From='"Ana \\"A\\" Müller" <ana@elsewhere.example>', To="undisclosed-recipients:;"),
        write(2, From="Bob <bob@example.org>", To="Ana <ana@elsewhere.example>, carol@elsewhere.example"),
        write(3, From="ana@elsewhere.example", Bcc="mallory@bad.example"),
    )
    assert numbers(client, "SEARCH FROM ana") == [1, 3]
    assert numbers(client, 'SEARCH FROM "muller <ana@"') == [1]
    assert numbers(client, "SEARCH TO ana") == [2]
    assert numbers(client, 'SEARCH TO "Ana <"') == [2]
    assert numbers(client, 'SEARCH FROM "\\"A\\""') == [1]
    assert numbers(client, "SEARCH BCC mallory") == [3]
    assert numbers(client, "SEARCH NOT FROM b TO carol") == []
    assert numbers(client, "SEARCH NOT FROM bob") == [1, 3]


def test_rev1_has_no_recent_messages_and_keywords_compare_without_case(opened: Any) -> None:
    client = opened(*(write(n) for n in range(1, 4)))
    client.ok("STORE 2 +FLAGS.SILENT ($Work \\Seen)")
    found = {
        key: numbers(client, f"SEARCH {key}") for key in ("NEW", "RECENT", "OLD", "KEYWORD $work", "UNKEYWORD $WORK", "UNSEEN")
    }
    assert found == {"NEW": [], "RECENT": [], "OLD": [1, 2, 3], "KEYWORD $work": [2], "UNKEYWORD $WORK": [1, 3], "UNSEEN": [1, 3]}


def test_an_email_id_of_before_a_merge_finds_nothing(opened: Any) -> None:
    client = opened(write(1), write(2))
    pk = Message.objects.order_by("pk").values_list("pk", flat=True)[0]
    assert numbers(client, f"SEARCH EMAILID M{pk}") == [1]
    Message.objects.filter(pk=pk).update(incarnation=2)
    assert numbers(client, f"SEARCH EMAILID M{pk}-2") == [1]
    for wrong in (f"M{pk}", f"M{pk}-1", f"X{pk}", f"M{pk}-x", "M" + "9" * 200):
        assert numbers(client, f"SEARCH EMAILID {wrong}") == [], wrong
    thread = client.ok("FETCH 2 THREADID")[0].split(b"(")[2].rstrip(b")").decode()
    assert numbers(client, f"SEARCH THREADID {thread}") == [2]
    assert numbers(client, f"SEARCH THREADID {thread.lower()}") == []


def test_a_search_by_modseq_tells_the_highest_and_switches_condstore_on(opened: Any) -> None:
    """RFC 7162 §3.1.5, §3.1.10."""
    client = opened(*(write(n) for n in range(1, 5)))
    client.ok("STORE 3 +FLAGS.SILENT (\\Seen)")
    client.ok("STORE 2 +FLAGS.SILENT (\\Seen)")
    enabled, plain = (line.decode() for line in client.ok("SEARCH MODSEQ 1"))
    assert enabled.startswith("* OK [HIGHESTMODSEQ ")
    highest = int(re.fullmatch(r"\* SEARCH 1 2 3 4 \(MODSEQ (\d+)\)", plain)[1])  # type: ignore[index]
    assert client.ok(f"SEARCH MODSEQ {highest}") == [f"* SEARCH 2 (MODSEQ {highest})".encode()]
    assert client.ok(f"SEARCH MODSEQ {highest + 1}") == [b"* SEARCH"]
    assert client.ok(f"SEARCH RETURN (ALL) MODSEQ {highest + 1}")[0].endswith(b'")')
    assert client.ok("SEARCH RETURN (MIN) MODSEQ 1 2:3")[0].endswith(b"MIN 2 MODSEQ %d" % highest)
    assert client.ok("SEARCH RETURN (MAX) MODSEQ 1 2:3")[0].endswith(b"MAX 3 MODSEQ %d" % (highest - 1))
    assert client.ok("SEARCH RETURN (MIN MAX) MODSEQ 1 2:3")[0].endswith(b"MODSEQ %d" % highest)
    assert client.ok("SORT RETURN (MIN) (REVERSE ARRIVAL) UTF-8 MODSEQ 1 2:3")[0].endswith(b"MIN 3 MODSEQ %d" % (highest - 1))
    assert b"MODSEQ" in client.ok("STORE 1 +FLAGS (\\Seen)")[0]


def test_who_speaks_imap4rev2_gets_esearch_responses(opened: Any) -> None:
    client = opened(*(write(n) for n in range(1, 5)))
    client.ok("ENABLE IMAP4rev2")
    assert client.ok("SEARCH UNSEEN")[0].endswith(b") ALL 1:4")
    assert client.ok("UID SEARCH 2:3")[0].endswith(b") UID ALL 2:3")
    assert client.ok("SEARCH SEEN")[0].endswith(b'")')
    assert client.ok("SEARCH RETURN (COUNT) ALL")[0].endswith(b"COUNT 4")


def test_who_enabled_utf8_names_no_charset(opened: Any) -> None:
    client = opened(write(1, Subject="Grüße"))
    koi = 'SEARCH CHARSET ISO-8859-1 SUBJECT "grü"'.encode("iso-8859-1")
    assert client.ok(koi) == [b"* SEARCH 1"]
    client.ok("ENABLE UTF8=ACCEPT")
    assert b" BAD " in client.say(koi)[-1]
    assert client.ok('SEARCH SUBJECT "grü"') == [b"* SEARCH 1"]


def test_a_large_set_of_single_messages_is_one_statement_and_has_an_end(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(*(write(n) for n in range(1, 241)))
    odd = ",".join(str(n) for n in range(1, 241, 2))
    assert numbers(client, f"SEARCH OR {odd} SEEN") == list(range(1, 241, 2))
    client.ok(f"SEARCH RETURN (SAVE) {odd}")
    assert numbers(client, "SEARCH NOT $") == list(range(2, 241, 2))
    monkeypatch.setattr("mailsuite.imapd.querying.MOST_NAMED", 200)
    assert b" NO [LIMIT]" in client.say("SEARCH RETURN (SAVE) OR $ NOT $")[-1]
    assert numbers(client, "SEARCH $") == []


# --- what the view answers, and what the store has to ---


def test_what_the_view_knows_is_not_looked_up(opened: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    client, other = opened(*(write(n) for n in range(1, 6))), connect().login()
    other.ok("SELECT INBOX")
    monkeypatch.setattr("mailsuite.imapd.searching.find_copies", None)
    assert numbers(client, "SEARCH ALL") == [1, 2, 3, 4, 5]
    assert numbers(client, "UID SEARCH UID 4:*,2") == [2, 4, 5]
    monkeypatch.undo()
    other.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
    other.ok("EXPUNGE")
    assert numbers(client, "SEARCH ALL") == [1, 3, 4, 5]
    assert numbers(client, "UID SEARCH 1:3") == [1, 3]


# --- SORT and THREAD ---


def test_messages_are_sorted_by_what_their_fields_say(opened: Any) -> None:
    client = opened(
        write(1, Subject="Re: [l] zebra", From="Zoe <b@x>", To="Amt <y@x>", Date="Mon, 23 Nov 2026 10:00:00 +0000"),
        write(2, Subject="apple", From="a@z.example", To="x@x, Zed <z@x>", Date="Mon, 23 Nov 2026 13:00:00 +0500"),
        write(3, Subject="Zebra", From="=?utf-8?q?=C3=84nne?= <c@x.example>", Cc="k@x.example", Date="nonsense"),
        write(4, Subject="(fwd)", From="Äa <A@b.example>", Cc="j@x.example", text="x" * 500),
    )
    asked = (
        "SUBJECT",
        "REVERSE SUBJECT",
        "FROM",
        "DISPLAYFROM",
        "TO",
        "DISPLAYTO",
        "CC",
        "DATE",
        "FROM REVERSE DATE",
    )
    found = {keys: numbers(client, f"SORT ({keys}) UTF-8 ALL") for keys in asked}
    assert found == {
        "SUBJECT": [4, 2, 1, 3],
        "REVERSE SUBJECT": [1, 3, 2, 4],
        "FROM": [2, 4, 1, 3],
        "DISPLAYFROM": [2, 4, 3, 1],
        "TO": [3, 4, 2, 1],
        "DISPLAYTO": [3, 4, 1, 2],
        "CC": [1, 2, 4, 3],
        "DATE": [2, 1, 3, 4],  # what names no date was sent when it came: RFC 5256 §2.2
        "FROM REVERSE DATE": [4, 2, 1, 3],
    }
    assert numbers(client, "SORT (REVERSE SIZE) UTF-8 ALL")[0] == 4
    assert numbers(client, "UID SORT (SUBJECT) UTF-8 SUBJECT zebra") == [1, 3]


def test_a_group_is_sorted_by_its_name(opened: Any) -> None:
    client = opened(
        write(1, To="zoe@x.example", Cc="b@x.example"),
        write(2, To="undisclosed recipients: ;", Message_ID=None),
        write(3, To='"my \\"Group\\"": zoe@x.example, amt@x.example;', Cc='"c@d" <a@x.example>'),
        write(4, To="amt@x.example, Group:;"),
        write(5),
    )
    assert numbers(client, "SORT (TO) UTF-8 ALL") == [5, 4, 3, 2, 1]
    assert numbers(client, "SORT (CC) UTF-8 ALL") == [2, 4, 5, 3, 1]


def test_who_answers_whom_is_known_through_what_is_not_there(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(
        write(1, Subject="a"),
        write(2, Subject="b", References="<1@x> <gone@x>", In_Reply_To="<gone@x>"),
        write(3, Subject="c", References="<1@x>\r\n <gone@x>\r\n <2@x>"),
        write(4, Subject="d", In_Reply_To="nonsense <3@x> (Bob)"),
        write(5, Subject="Re: a"),
        write(6, Subject="e", References="<lost@x>"),
        write(7, Subject="f", References="<lost@x>"),
    )
    expected = [b"* THREAD (1 (2 3 4)(5))((6)(7))"]
    assert client.ok("THREAD REFERENCES UTF-8 ALL") == expected
    assert client.ok("UID THREAD REFERENCES UTF-8 NOT 2") == [b"* THREAD (1 (3 4)(5))((6)(7))"]
    assert client.ok("THREAD ORDEREDSUBJECT UTF-8 ALL") == [b"* THREAD (1 5)(2)(3)(4)(6)(7)"]
    Message.objects.update(ancestors=None)
    assert client.ok("THREAD REFERENCES UTF-8 ALL") == expected
    monkeypatch.setattr(ancestry, "header_blocks", lambda pks: iter(()))
    assert client.ok("THREAD REFERENCES UTF-8 ALL") != expected


def test_a_thread_that_cannot_be_made_leaves_no_half_line(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(write(1))

    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(ancestry, "read", busy)
    (answer,) = client.say("THREAD REFERENCES UTF-8 ALL")
    assert b" NO [UNAVAILABLE] " in answer


# --- INPROGRESS ---


@pytest.fixture
def slow_header(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Reading headers goes on when the event is set; how far it has come is told at each message."""
    go_on = threading.Event()
    read = substring.header_blocks

    def slowly(pks: Any) -> Iterator[tuple[int, bytes]]:
        for number, found in enumerate(read(pks)):
            if number == 1:
                assert go_on.wait(60)
            yield found

    monkeypatch.setattr(substring, "header_blocks", slowly)
    monkeypatch.setattr(substring, "TOLD", 1)
    yield go_on
    go_on.set()


def test_a_long_search_says_that_it_goes_on(opened: Any, slow_header: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.05)
    client = opened(*(write(n) for n in range(1, 4)))
    client.send(b"slow SEARCH HEADER X-A b\r\n")
    said = client.read()
    assert re.fullmatch(rb'\* OK \[INPROGRESS \("slow" \d+ (3|NIL)\)\] .*', said)
    while b" 3)" not in said:
        said = client.read()
    slow_header.set()
    while (said := client.read()).startswith(b"* OK [INPROGRESS"):
        pass
    assert said == b"* SEARCH"
    assert client.read().startswith(b"slow OK")


def test_a_search_that_nobody_waits_for_ends(
    opened: Any, slow_header: threading.Event, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOOK", 0.02)
    ended = threading.Event()
    tell = progress.Progress.tell

    def told(self: progress.Progress, done: int, total: int | None = None) -> None:
        try:
            tell(self, done, total)
        except progress.Abandoned:
            ended.set()
            raise

    monkeypatch.setattr(progress.Progress, "tell", told)
    client = opened(*(write(n) for n in range(1, 6)))
    (session,) = server.door.sessions
    client.send(b"slow SEARCH HEADER X-A b\r\n")
    client.close()
    for _ in range(1_000):
        if session.wire.closed:
            break
        threading.Event().wait(0.02)
    assert session.wire.closed
    threading.Event().wait(0.2)  # the look that notices it
    slow_header.set()
    assert ended.wait(30)


# --- against a model, on whichever database the tests run ---

LEAVES = st.sampled_from(
    [
        (Term("flag", Message.SEEN), lambda n: n % 2 == 0),
        (Term("deleted", True), lambda n: n % 3 == 0),
        (Term("uids", ((2, 4), (7, 7))), lambda n: n in (2, 3, 4, 7)),
        (Term("uid_in", (1, 5, 8)), lambda n: n in (1, 5, 8)),
        (Term("contains", ("subject", "etter 1")), lambda n: n in (1, 10, 11, 12)),
        (Term("contains", ("from", "bob")), lambda n: True),
        (Term("contains", ("header:x-none", "")), lambda n: False),
        (Term("contains", ("body", "letter 3")), lambda n: n == 3),
        (Term("sent_before", "2026-11-24"), lambda n: True),
        (Term("sent_after", "2026-11-24"), lambda n: False),
        (EVERYTHING, lambda n: True),
    ]
)


def _not(one: Any) -> Any:
    return Not(one[0]), lambda n: not one[1](n)


def _both(kind: Any, judge: Any) -> Any:
    return lambda some: (kind(tuple(tree for tree, _ in some)), lambda n: judge(holds(n) for _, holds in some))


TREES = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(_not)
        | st.lists(inner, min_size=1, max_size=3).map(_both(And, all))
        | st.lists(inner, min_size=1, max_size=3).map(_both(Or, any))
    ),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=TREES)
def test_any_query_finds_what_one_would_find_message_by_message(twelve: Any, tree: Any) -> None:
    asked, holds = tree
    assert find_uids(twelve, asked) == [n for n in range(1, 13) if holds(n)]


@pytest.fixture
def twelve(alice: Account) -> Any:
    deliver(alice, *(letter(n) for n in range(1, 13)))
    inbox = mailboxes.find(alice.pk, "INBOX")
    for copy in inbox.memberships.select_related("message"):
        Message.objects.filter(pk=copy.message_id).update(flags=Message.SEEN if copy.uid % 2 == 0 else 0)
        inbox.memberships.filter(pk=copy.pk).update(deleted=copy.uid % 3 == 0)
    return inbox


def test_a_search_takes_few_statements_however_many_keys_and_mailboxes_it_has(alice: Account, twelve: Any) -> None:
    boxes = [box.pk for box in mailboxes.list_all(alice.pk)]
    asked = And(tuple(Term("contains", ("subject", f"letter {n}")) for n in range(40)))
    with CaptureQueriesContext(connection) as captured:
        copies.find_copies(copies_in(alice.pk, boxes), asked, ["mailbox", "uid", "modseq"])
    assert len(captured) <= 5
    with CaptureQueriesContext(connection) as captured:
        rows = copies.find_copies(copies_in(alice.pk, boxes), EVERYTHING, list(copies.COLUMNS))
    assert len(captured) <= 4
    assert len(rows[0]) == 24  # in Inbox and in All Mail
    view = Selected(snapshots.snapshot(twelve), read_only=True)
    assert list(view.uids) == list(range(1, 13))
