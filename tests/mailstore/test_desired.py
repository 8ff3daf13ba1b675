"""What a client wants a message to be in and to have, and what becomes of the message (product.md 3.9)."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.desired import Became, Impossible, Wish, fulfil
from mailsuite.mailstore.models import Membership, Message
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import Box

ALL, ARCHIVE, DRAFTS, INBOX, SENT, STARRED = "All Mail", "Archive", "Drafts", "INBOX", "Sent", "Starred"


@pytest.fixture
def box(box: Box) -> Box:
    box.label("Work")
    box.label("Home")
    return box


def keys(box: Box, names: object) -> frozenset[int] | None:
    if names is None:
        return None
    return frozenset(box.mailbox(name).pk for name in names.split() if name) if isinstance(names, str) else frozenset()


def wish(box: Box, whole: str | None = None, enter: str = "", leave: str = "", **words: object) -> Wish:
    """Mailboxes by role or name, divided by blanks."""
    return Wish(boxes=keys(box, whole), enter=keys(box, enter), leave=keys(box, leave), **words)


def put(box: Box, message: Message, wanted: Wish) -> set[str] | Impossible:
    result = fulfil(box.pk, {message.pk: wanted})[message.pk]
    assert list(verify(box.pk)) == []
    if isinstance(result, Became):
        assert result.after.boxes == set(Membership.objects.filter(message=message).values_list("mailbox_id", flat=True))
    message.refresh_from_db()
    return result if isinstance(result, Impossible) else box.where(message)


@pytest.mark.parametrize(
    ("start", "wanted", "becomes"),
    [
        ("inbox", {"whole": "archive"}, {ALL, ARCHIVE}),
        ("inbox", {"leave": "inbox"}, {ALL, ARCHIVE}),
        ("inbox", {"leave": "inbox", "enter": "archive"}, {ALL, ARCHIVE}),
        ("inbox", {"whole": "all"}, {ALL, ARCHIVE}),
        ("inbox", {"whole": "Work"}, {ALL, ARCHIVE, "Work"}),
        ("inbox", {"whole": "inbox Work"}, {ALL, INBOX, "Work"}),
        ("inbox", {"enter": "Work Home"}, {ALL, INBOX, "Work", "Home"}),
        ("inbox", {"whole": "trash"}, {"Trash"}),
        ("inbox", {"enter": "trash", "leave": "inbox"}, {"Trash"}),
        ("inbox", {"whole": "trash all"}, {"Trash"}),
        ("inbox", {"whole": "junk"}, {"Junk"}),
        ("inbox", {"whole": "flagged"}, {ALL, INBOX, STARRED}),
        ("inbox", {"enter": "flagged"}, {ALL, INBOX, STARRED}),
        ("inbox", {"whole": "sent"}, {ALL, SENT}),
        ("inbox", {"whole": "drafts"}, {ALL, DRAFTS}),
        ("archive", {"enter": "inbox"}, {ALL, INBOX}),
        ("archive", {"whole": "inbox"}, {ALL, INBOX}),
        ("archive", {"whole": "archive"}, {ALL, ARCHIVE}),
        ("drafts", {"whole": "sent"}, {ALL, SENT}),
        ("drafts", {"enter": "sent", "leave": "drafts", "drop": frozenset({"$draft"})}, {ALL, SENT}),
        ("drafts", {"drop": frozenset({"$draft"})}, {ALL, SENT}),
        ("drafts", {"whole": "inbox"}, {ALL, INBOX}),
        ("sent", {"enter": "inbox"}, {ALL, SENT, INBOX}),
        ("sent", {"enter": "archive"}, {ALL, SENT}),
        ("sent", {"whole": "drafts"}, {ALL, DRAFTS}),
        ("trash", {"whole": "inbox"}, {ALL, INBOX}),
        ("trash", {"whole": "junk"}, {"Junk"}),
        ("junk", {"whole": "inbox"}, {ALL, INBOX}),
        ("junk", {"whole": "Work"}, {ALL, ARCHIVE, "Work"}),
        ("junk", {"whole": "junk"}, {"Junk"}),
    ],
)
def test_where_a_message_is_put_says_what_it_is(box: Box, start: str, wanted: dict, becomes: set[str]) -> None:
    message = box.receive(role=start)
    assert put(box, message, wish(box, **wanted)) == becomes


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        ("inbox", {"whole": ""}),
        ("inbox", {"leave": "inbox all"}),
        ("inbox", {"enter": "trash"}),
        ("inbox", {"whole": "trash Work"}),
        ("inbox", {"whole": "junk inbox"}),
        ("inbox", {"whole": "trash junk"}),
        ("inbox", {"whole": "trash archive"}),
        ("inbox", {"enter": "archive"}),
        ("inbox", {"whole": "inbox archive"}),
        ("inbox", {"whole": "sent drafts"}),
        ("drafts", {"enter": "sent"}),
        ("trash", {"enter": "inbox"}),
        ("trash", {"enter": "junk"}),
        ("inbox", {"leave": "all"}),
        ("archive", {"leave": "archive"}),
        ("sent", {"leave": "sent"}),
    ],
)
def test_what_no_message_can_be_is_refused_with_a_sentence(box: Box, start: str, wanted: dict) -> None:
    message = box.receive(role=start)
    before = box.where(message)
    refused = put(box, message, wish(box, **wanted))
    assert isinstance(refused, Impossible)
    assert refused.reason.endswith(".")
    assert box.where(message) == before


def test_mailboxes_of_others_do_not_exist(box: Box) -> None:
    message, other = box.receive(), Box("bob@example.org")
    for wanted in (Wish(boxes=frozenset({other.mailbox("inbox").pk})), Wish(enter=frozenset({2**60}))):
        assert isinstance(put(box, message, wanted), Impossible)
    assert fulfil(other.pk, {message.pk: wish(other, "trash")}) == {}
    assert box.where(message) == {ALL, INBOX}


def test_what_comes_back_from_trash_has_what_it_had(box: Box) -> None:
    message = box.receive(labels=[box.mailbox("Work").pk])
    put(box, message, wish(box, "trash"))
    assert put(box, message, wish(box, "archive")) == {ALL, ARCHIVE, "Work"}
    put(box, message, wish(box, "trash"))
    assert put(box, message, wish(box, "inbox Home")) == {ALL, INBOX, "Work", "Home"}


def test_a_star_goes_only_where_starred_is_named_or_the_keyword(box: Box) -> None:
    message = box.receive(flags=Message.FLAGGED)
    assert put(box, message, wish(box, "archive")) == {ALL, ARCHIVE, STARRED}
    assert put(box, message, wish(box, leave="flagged")) == {ALL, ARCHIVE}
    assert put(box, message, wish(box, add=frozenset({"$flagged"}))) == {ALL, ARCHIVE, STARRED}
    assert put(box, message, wish(box, words=frozenset({"$seen"}))) == {ALL, ARCHIVE}


def test_keywords_are_compared_without_case_and_kept_as_first_written(box: Box) -> None:
    message = box.receive(keywords=["Blue", "$Forwarded"])
    put(box, message, wish(box, words=frozenset({"blue", "$forwarded", "$SEEN", "$mdnsent"})))
    assert (message.keywords, message.flags) == (["$Forwarded", "$MDNSent", "Blue"], Message.SEEN)
    put(box, message, wish(box, add=frozenset({"BLUE", "red"}), drop=frozenset({"$MdnSent", "$seen"})))
    assert (message.keywords, message.flags) == (["$Forwarded", "Blue", "red"], 0)


def test_too_many_keywords_are_refused(box: Box) -> None:
    message = box.receive()
    refused = put(box, message, wish(box, words=frozenset(f"k{n}" for n in range(101))))
    assert isinstance(refused, Impossible)
    assert refused.too_many


def test_the_junk_keyword_reports_and_notjunk_takes_it_back(box: Box) -> None:
    message = box.receive()
    assert put(box, message, wish(box, add=frozenset({"$junk"}))) == {"Junk"}
    assert put(box, message, wish(box, add=frozenset({"$notjunk"}), drop=frozenset({"$junk"}))) == {ALL, INBOX}


def test_many_messages_are_one_look_at_the_account(box: Box, django_assert_max_num_queries) -> None:
    ids = [box.receive().pk for _ in range(30)]
    with django_assert_max_num_queries(40):
        fulfil(box.pk, dict.fromkeys(ids, wish(box, "archive")))
    assert box.inside("inbox") == []


NAMES = [*mailboxes.NAMES, "Work", "Home"]
some = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(" ".join)
words = st.frozensets(st.sampled_from(["$seen", "$flagged", "$draft", "$junk", "$notjunk", "$muted", "x"]), max_size=3)
wishes = st.fixed_dictionaries(
    {}, optional={"whole": some, "enter": some, "leave": some, "words": words, "add": words, "drop": words}
)
step = st.tuples(st.integers(0, 5), wishes, st.sampled_from(["", "trash", "archive", "undo", "report_spam"]))


@given(starts=st.lists(st.sampled_from(list(mailboxes.NAMES)), min_size=6, max_size=6), steps=st.lists(step, max_size=12))
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_wished_for_the_store_is_whole(transactional_db: None, starts: list[str], steps: list) -> None:
    box = Box(f"alice{Message.objects.count()}.{os.urandom(4).hex()}@example.org")
    for name in ("Work", "Home"):
        box.label(name)
    mail = [box.receive(role=role, subject=f"Roof {n % 2}") for n, role in enumerate(starts)]
    for pick, wanted, act in steps:
        made = wish(box, **wanted)
        result = fulfil(box.pk, {mail[pick].pk: made})[mail[pick].pk]
        assert list(verify(box.pk)) == []
        if isinstance(result, Became):
            again = fulfil(box.pk, {mail[pick].pk: Wish(boxes=result.after.boxes, words=result.after.words)})[mail[pick].pk]
            assert isinstance(again, Became), "what a message is, it can be"
            assert again.before == again.after
        if act == "undo":
            actions.undo(box.pk)
        elif act:
            getattr(actions, act)(box.pk, message_ids=[mail[pick].pk])
        assert list(verify(box.pk)) == []
