"""Which emails are found, in which order and window, and how a list is kept up to date (RFC 8621 §4.4, §4.5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.search import listing
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import keep, letter, one, refused
from webmail.jmap import email_query, ids
from webmail.jmap.email_filter import MOST_TEXT, words_of

HOUR = timedelta(hours=1)
PDF = (
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the plan.\n--b\nContent-Type: application/pdf; name=plan.pdf\n"
    "Content-Disposition: attachment\n\nX\n--b--\n"
)


def box(account: Account, name: str) -> str:
    found = Mailbox.objects.get(account=account, role=name) if name in Mailbox.Role.values else Mailbox.objects.get(name=name)
    return ids.name("F", found.pk)


@pytest.fixture
def cast(alice: Account) -> dict[str, str]:
    """Five messages by what they are called here; two of them, and the answer, are one conversation."""
    work = mailboxes.create(alice.pk, "Work")
    lunch = keep(alice, letter("Lunch?", "Shall we eat soup?", number=1, author="Bob <bob@example.org>"), flags=Message.SEEN)
    more = (
        "References: <1@x.example>\nCc: carol@elsewhere.example\nX-Kind: answer of sorts\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n"
    )
    answer = keep(alice, letter("Re: Lunch?", "Yes, dumplings.", number=2, more=more, author="Zoe <me@x.example>"), after=HOUR)
    plan = keep(
        alice,
        f"From: carol@elsewhere.example\nTo: Aaron <a@example.org>\nSubject: a plan\n{PDF}",
        after=2 * HOUR,
        labels=[work.pk],
    )
    flags = Message.FLAGGED | Message.ANSWERED
    star = keep(alice, letter("Star", "me too", number=4), after=3 * HOUR, flags=flags, keywords=["Later"], role="archive")
    gone = keep(alice, letter("Gone", "soup " * 500, number=5), after=4 * HOUR, role="trash")
    named = {"lunch": lunch, "answer": answer, "plan": plan, "star": star, "gone": gone}
    return {name: message.email_id for name, message in named.items()}


def found(call: Call, me: str, cast: dict[str, str], **arguments: Any) -> list[str]:
    names = {email: name for name, email in cast.items()}
    return [names[one_id] for one_id in one(call, "Email/query", me, **arguments)["ids"]]


CONDITIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "gone star plan answer lunch"),
    ({"before": "2026-11-23T13:00:00Z"}, "lunch"),
    ({"after": "2026-11-23T15:00:00Z"}, "gone star"),
    ({"after": "2026-11-23T16:00:00.5+01:00"}, "gone"),
    ({"after": "0001-01-01T00:00:00Z", "before": "9999-12-31T23:59:59Z"}, "gone star plan answer lunch"),
    ({"minSize": 2000}, "gone"),
    ({"maxSize": 2000, "after": "2026-11-23T14:00:00Z"}, "star plan"),
    ({"minSize": 2**53 - 1}, ""),
    ({"hasKeyword": "$seen"}, "lunch"),
    ({"hasKeyword": "$SEEN"}, "lunch"),
    ({"hasKeyword": "later"}, "star"),
    ({"notKeyword": "$answered"}, "gone plan answer lunch"),
    ({"notKeyword": "LATER"}, "gone plan answer lunch"),
    ({"someInThreadHaveKeyword": "$seen"}, "answer lunch"),
    ({"allInThreadHaveKeyword": "$seen"}, ""),
    ({"allInThreadHaveKeyword": "later"}, "star"),
    ({"noneInThreadHaveKeyword": "$seen"}, "gone star plan"),
    ({"hasAttachment": True}, "plan"),
    ({"hasAttachment": False}, "gone star answer lunch"),
    ({"text": "soup"}, "gone lunch"),
    ({"text": "carol"}, "plan answer"),
    ({"text": "eat soup"}, "lunch"),
    ({"text": '"eat soup"'}, "lunch"),
    ({"text": "'soup eat'"}, ""),
    ({"text": "SOUP !?"}, "gone lunch"),
    ({"text": "!?"}, ""),
    ({"text": ""}, "gone star plan answer lunch"),
    ({"from": "bob@example.org"}, "gone star lunch"),
    ({"from": "me"}, "answer"),
    ({"to": "aaron"}, "plan"),
    ({"to": "carol"}, ""),
    ({"cc": "carol@elsewhere.example"}, "answer"),
    ({"bcc": "carol"}, ""),
    ({"subject": "lunch"}, "answer lunch"),
    ({"subject": "soup"}, ""),
    ({"body": "dumplings"}, "answer"),
    ({"body": "lunch"}, ""),
    ({"header": ["X-Kind"]}, "answer"),
    ({"header": ["x-kind", "OF sorts"]}, "answer"),
    ({"header": ["X-Kind", "nothing"]}, ""),
    ({"header": ["Subject", "a plan"]}, "plan"),
    ({"operator": "OR", "conditions": [{"subject": "star"}, {"hasAttachment": True}]}, "star plan"),
    ({"operator": "NOT", "conditions": [{"subject": "star"}, {"hasAttachment": True}]}, "gone answer lunch"),
    ({"operator": "NOT", "conditions": []}, "gone star plan answer lunch"),
    ({"operator": "OR", "conditions": []}, ""),
    ({"operator": "AND", "conditions": []}, "gone star plan answer lunch"),
    ({"operator": "AND", "conditions": [{"text": "soup"}, {"operator": "NOT", "conditions": [{"hasKeyword": "$seen"}]}]}, "gone"),
]


@pytest.mark.parametrize(("filter", "names"), CONDITIONS, ids=[str(one) for one, _ in CONDITIONS])
def test_each_condition_finds_what_it_says(call: Call, me: str, cast: dict[str, str], filter: dict[str, Any], names: str) -> None:
    assert found(call, me, cast, filter=filter) == names.split()
    said = one(call, "Email/query", me, filter=filter, calculateTotal=True, limit=1)
    assert said["total"] == len(names.split())


@pytest.mark.parametrize("few", [0, 2_000])
def test_mailboxes_are_conditions(
    call: Call, alice: Account, me: str, cast: dict[str, str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FEW", few)  # walked to, and looked up
    for name, names in (("inbox", "plan answer lunch"), ("Work", "plan"), ("archive", "star"), ("trash", "gone"), ("junk", "")):
        asked = {"filter": {"inMailbox": box(alice, name)}, "calculateTotal": True}
        assert found(call, me, cast, **asked) == names.split()
        assert one(call, "Email/query", me, **asked)["total"] == len(names.split())
    others = [box(alice, name) for name in ("inbox", "all")]
    assert found(call, me, cast, filter={"inMailboxOtherThan": others}) == ["gone", "star", "plan"]
    assert found(call, me, cast, filter={"inMailbox": box(alice, "inbox"), "inMailboxOtherThan": others}) == ["plan"]
    assert found(call, me, cast, filter={"inMailboxOtherThan": []}) == ["gone", "star", "plan", "answer", "lunch"]


def test_a_foreign_mailbox_holds_nothing(call: Call, me: str, cast: dict[str, str], bob: Account) -> None:
    keep(bob, letter("Secret"))
    assert found(call, me, cast, filter={"inMailbox": box(bob, "inbox")}) == []
    assert found(call, me, cast, filter={"inMailbox": "nothing"}) == []
    assert found(call, me, cast, filter={"text": "secret"}) == []


ORDERS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"property": "receivedAt"}], "lunch answer plan star gone"),
    ([{"property": "receivedAt", "isAscending": False}], "gone star plan answer lunch"),
    ([{"property": "size", "isAscending": False}], "gone"),
    ([{"property": "sentAt", "isAscending": False}], "answer"),
    ([{"property": "from"}, {"property": "receivedAt"}], "lunch star gone plan answer"),
    ([{"property": "to"}, {"property": "receivedAt"}], "plan lunch answer star gone"),
    ([{"property": "subject"}, {"property": "receivedAt"}], "plan gone lunch answer star"),
    ([{"property": "subject", "collation": "i;ascii-casemap"}, {"property": "size"}], "plan gone"),
    ([{"property": "hasKeyword", "keyword": "$flagged", "isAscending": False}, {"property": "receivedAt"}], "star lunch"),
    ([{"property": "hasKeyword", "keyword": "later"}, {"property": "receivedAt"}], "lunch answer plan gone star"),
    (
        [{"property": "someInThreadHaveKeyword", "keyword": "$seen", "isAscending": False}, {"property": "receivedAt"}],
        "lunch answer plan",
    ),
    ([{"property": "allInThreadHaveKeyword", "keyword": "$flagged"}, {"property": "subject"}], "plan gone lunch answer star"),
]


@pytest.mark.parametrize(("sort", "names"), ORDERS, ids=[str(one) for one, _ in ORDERS])
def test_each_order(call: Call, me: str, cast: dict[str, str], sort: list[dict[str, Any]], names: str) -> None:
    wanted = names.split()
    listed = found(call, me, cast, sort=sort)
    assert listed[: len(wanted)] == wanted
    assert sorted(listed) == sorted(cast)
    assert found(call, me, cast, sort=sort, position=1, limit=2) == listed[1:3]
    assert found(call, me, cast, sort=sort, position=-2, limit=1) == listed[-2:-1]
    before = max(listed.index("plan") - 1, 0)
    assert found(call, me, cast, sort=sort, anchor=cast["plan"], anchorOffset=-1, limit=1) == [listed[before]]


def test_conversations_are_collapsed_to_their_first_email(call: Call, alice: Account, me: str, cast: dict[str, str]) -> None:
    assert found(call, me, cast, collapseThreads=True) == ["gone", "star", "plan", "answer"]
    assert found(call, me, cast, collapseThreads=True, sort=[{"property": "receivedAt"}]) == ["lunch", "plan", "star", "gone"]
    assert found(call, me, cast, collapseThreads=True, sort=[{"property": "subject"}], position=1, limit=2) == ["gone", "lunch"]
    inbox = {"inMailbox": box(alice, "inbox")}
    said = one(call, "Email/query", me, filter=inbox, collapseThreads=True, calculateTotal=True)
    assert (len(said["ids"]), said["total"]) == (2, 2)
    assert one(call, "Email/query", me, collapseThreads=True, calculateTotal=True)["total"] == 4


def test_a_long_conversation_does_not_hide_those_behind_it(call: Call, alice: Account, me: str) -> None:
    first = keep(alice, letter("Other", number=900))
    for number in range(70):
        keep(alice, letter("Re: Long", number=number, more="References: <0@x.example>\n"), after=HOUR + timedelta(minutes=number))
    said = one(call, "Email/query", me, collapseThreads=True, limit=2)
    assert said["ids"][1] == first.email_id


def nested(levels: int, leaf: str = "text") -> dict[str, Any]:
    """A filter with so many operators in one another."""
    found: dict[str, Any] = {leaf: "soup"}
    for _ in range(levels):
        found = {"operator": "NOT", "conditions": [found, {leaf: "dumplings"}]}
    return found


@pytest.mark.parametrize("leaf", ["text", "hasKeyword", "someInThreadHaveKeyword"])
def test_the_deepest_filter_that_is_taken_is_answered(call: Call, me: str, cast: dict[str, str], leaf: str) -> None:
    assert set(found(call, me, cast, filter=nested(8, leaf))) <= set(cast)


def test_the_widest_filter_that_is_taken_is_answered(call: Call, me: str, cast: dict[str, str]) -> None:
    words = [{"text": " ".join(f"a{n}b{m}" for m in range(100)), "subject": f"c{n}", "minSize": n} for n in range(150)]
    assert found(call, me, cast, filter={"operator": "OR", "conditions": words}) == []
    assert found(call, me, cast, filter={"operator": "NOT", "conditions": words}, limit=1) == ["gone"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"filter": {"size": 1}}, "unsupportedFilter"),
        ({"filter": {"before": "yesterday"}}, "invalidArguments"),
        ({"filter": {"before": 5}}, "invalidArguments"),
        ({"filter": {"minSize": None}}, "invalidArguments"),
        ({"filter": {"minSize": -1}}, "invalidArguments"),
        ({"filter": {"text": 1}}, "invalidArguments"),
        ({"filter": {"text": "a " * 1000}}, "unsupportedFilter"),
        ({"filter": {"text": " " * 9_000_000}}, "unsupportedFilter"),
        ({"filter": {"subject": "x" * (MOST_TEXT + 1)}}, "unsupportedFilter"),
        ({"filter": {"header": ["Subject", "x" * (MOST_TEXT + 1)]}}, "unsupportedFilter"),
        ({"filter": {"hasKeyword": "a b"}}, "invalidArguments"),
        ({"filter": {"hasAttachment": "yes"}}, "invalidArguments"),
        ({"filter": {"header": []}}, "invalidArguments"),
        ({"filter": {"header": ["a:b"]}}, "invalidArguments"),
        ({"filter": {"inMailbox": 1}}, "invalidArguments"),
        ({"filter": {"inMailboxOtherThan": "F1"}}, "invalidArguments"),
        ({"filter": {"operator": "AND", "conditions": [{"text": "a"}] * 1000}}, "unsupportedFilter"),
        (
            {"filter": {"operator": "OR", "conditions": [{"someInThreadHaveKeyword": f"k{n}"} for n in range(11)]}},
            "unsupportedFilter",
        ),
        ({"filter": {"operator": "OR", "conditions": [{"header": ["X-A", f"{n}"]} for n in range(6)]}}, "unsupportedFilter"),
        ({"filter": nested(9)}, "unsupportedFilter"),
        ({"sort": [{"property": "hasKeyword", "keyword": "a"}] * 21}, "invalidArguments"),
        ({"sort": [{"property": "threadId"}]}, "unsupportedSort"),
        ({"sort": [{"property": "hasKeyword"}]}, "unsupportedSort"),
        ({"sort": [{"property": "size", "keyword": "a"}]}, "unsupportedSort"),
        ({"sort": [{"property": "size", "collation": "i;octet"}]}, "unsupportedSort"),
        ({"anchor": "M999"}, "anchorNotFound"),
        ({"limit": -1}, "invalidArguments"),
        ({"collapseThreads": 1}, "invalidArguments"),
    ],
)
def test_what_cannot_be_asked_is_refused(call: Call, me: str, arguments: dict[str, Any], kind: str) -> None:
    assert refused(call, "Email/query", me, **arguments) == kind


@pytest.mark.parametrize("text", [" ", '"', "'", "\\", '" ', "' ", '\\" ', "\"'", "x "])
def test_words_are_read_once_however_they_are_written(text: str) -> None:
    assert len(words_of(text * 500_000 + " soup")) <= 500_001


def test_hostile_words_find_nothing_and_break_nothing(call: Call, me: str, cast: dict[str, str]) -> None:
    for text in ('"', "''", "a\x00b", "NEAR(a b)", 'soup" OR *', "%' --", "x" * 10_000, "ﷺ" * 500):
        for name in ("text", "from", "subject", "body"):
            assert set(found(call, me, cast, filter={name: text})) <= set(cast)
        assert found(call, me, cast, filter={"header": ["Subject", text]}) == []


# --- changes ---


def apply(results: Sequence[str], said: dict[str, Any]) -> list[str]:
    kept = [name for name in results if name not in said["removed"]]
    for added in said["added"]:
        kept.insert(added["index"], added["id"])
    return kept


SEEN, STARRED = {"hasKeyword": "$seen"}, {"someInThreadHaveKeyword": "$flagged"}


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("filter", [None, {"notKeyword": "$seen"}, "inbox", STARRED, {"text": "hello"}])
def test_changes_lead_from_the_old_results_to_the_new(call: Call, alice: Account, me: str, collapse: bool, filter: Any) -> None:
    """Whatever happens, a client that applies what it is told has what it would have got by asking anew."""
    chance = random.Random(f"{collapse} {filter}")
    filter = {"inMailbox": box(alice, filter)} if isinstance(filter, str) else filter
    sort = [{"property": "hasKeyword", "keyword": "$flagged", "isAscending": False}, {"property": "receivedAt"}]
    asked: dict[str, Any] = {"filter": filter, "sort": sort, "collapseThreads": collapse}
    for number in range(6):
        arrive(alice, number)
    before = one(call, "Email/query", me, **asked)
    for number in range(6, 14):
        for _ in range(chance.randrange(3)):
            happen(alice, chance)
        if chance.random() < 0.5:
            arrive(alice, number)
        said = one(call, "Email/queryChanges", me, sinceQueryState=before["queryState"], calculateTotal=True, **asked)
        now = one(call, "Email/query", me, calculateTotal=True, **asked)
        assert apply(before["ids"], said) == now["ids"]
        assert (said["newQueryState"], said["total"]) == (now["queryState"], now["total"])
        before = now


def arrive(account: Account, number: int) -> None:
    more = f"References: <{number // 2 * 2}@x.example>\n" if number % 2 else ""
    keep(account, letter(f"Number {number // 2}", number=number, more=more), after=timedelta(minutes=number))


def happen(account: Account, chance: random.Random) -> None:
    message = chance.choice(list(Message.objects.filter(account=account).order_by("pk")))
    does = [actions.trash, actions.archive, actions.star, actions.unstar, actions.mark_read, actions.mark_unread, actions.restore]
    if message.place == Message.Place.TRASH:
        does.append(actions.delete_for_ever)
    chance.choice(does)(account.pk, message_ids=[message.pk])


def test_changes_that_are_too_many_or_too_old_are_not_told(call: Call, alice: Account, me: str) -> None:
    before = one(call, "Email/query", me)["queryState"]
    for number in range(4):
        arrive(alice, number)
    assert refused(call, "Email/queryChanges", me, sinceQueryState=before, maxChanges=3) == "tooManyChanges"
    assert len(one(call, "Email/queryChanges", me, sinceQueryState=before, maxChanges=4)["added"]) == 4
    assert refused(call, "Email/queryChanges", me, sinceQueryState="999999") == "cannotCalculateChanges"
    assert refused(call, "Email/queryChanges", me) == "invalidArguments"


def test_a_list_is_read_again_where_mail_came_while_it_was_read(
    call: Call, alice: Account, me: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a client would be told later of what it has already, or never of what it has not."""
    read, coming = email_query._window, [7]

    def window(asked: Any, found: Any) -> Any:
        result = read(asked, found)
        if coming:
            arrive(alice, coming.pop())
        return result

    arrive(alice, 0)
    monkeypatch.setattr(email_query, "_window", window)
    said = one(call, "Email/query", me, filter={"header": ["Subject", "number"]})
    assert len(said["ids"]) == 2
    assert one(call, "Email/queryChanges", me, sinceQueryState=said["queryState"])["added"] == []


# --- cost ---


def test_a_page_of_the_inbox_takes_few_queries_however_much_is_in_it(call: Call, alice: Account, me: str) -> None:
    asked = {"filter": {"inMailbox": box(alice, "inbox")}, "collapseThreads": True, "limit": 50, "calculateTotal": True}

    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            one(call, "Email/query", me, **asked)
        return [query["sql"] for query in captured]

    arrive(alice, 0)
    few = queries()
    for number in range(1, 60):
        arrive(alice, number)
    assert len(queries()) == len(few)
    assert len(few) <= 12, few
