"""What was searched for is marked in what was found, and nothing in it is taken for HTML (RFC 8621 §5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import keep, letter, one, refused
from webmail.jmap.search_snippet import window


def snippet(call: Call, me: str, email: str, filter: Any) -> tuple[str | None, str | None]:
    [found] = one(call, "SearchSnippet/get", me, emailIds=[email], filter=filter)["list"]
    assert set(found) == {"emailId", "subject", "preview"}
    return found["subject"], found["preview"]


@pytest.mark.parametrize(
    ("filter", "subject", "preview"),
    [
        ({"text": "soup"}, "<mark>Soup</mark> &amp; &lt;b&gt;", "We eat <mark>soup</mark> &lt;i&gt; today."),
        ({"subject": "soup"}, "<mark>Soup</mark> &amp; &lt;b&gt;", None),
        ({"body": "soup"}, None, "We eat <mark>soup</mark> &lt;i&gt; today."),
        ({"text": '"eat soup"'}, None, "We <mark>eat soup</mark> &lt;i&gt; today."),
        ({"text": "tod*"}, None, "We eat soup &lt;i&gt; <mark>today</mark>."),
        ({"body": '"eat so*"'}, None, "We <mark>eat soup</mark> &lt;i&gt; today."),
        ({"from": "soup"}, None, None),
        ({"operator": "NOT", "conditions": [{"text": "soup"}]}, None, None),
        (
            {"operator": "AND", "conditions": [{"text": "today"}, {"subject": "b"}]},
            "Soup &amp; &lt;<mark>b</mark>&gt;",
            "We eat soup &lt;i&gt; <mark>today</mark>.",
        ),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_what_was_searched_for_is_marked(
    call: Call, alice: Account, me: str, filter: Any, subject: str | None, preview: str | None
) -> None:
    message = keep(alice, letter("Soup & <b>", "We eat\nsoup <i> today."))
    found = snippet(call, me, message.email_id, filter)
    assert (found[0], found[1] and found[1].strip()) == (subject, preview)


@pytest.mark.parametrize("around", ["<&>", "é", "𝄞", "word ", "\n"])
def test_a_preview_has_no_more_than_255_bytes_and_its_mark(around: str) -> None:
    text = around * 300 + " needle " + around * 300
    start = text.index("needle")
    found = window(text, [(start, start + 6)])
    assert found is not None
    assert "<mark>needle</mark>" in found
    assert len(found.encode()) <= 255


def test_a_match_that_is_longer_than_a_preview_is_cut() -> None:
    found = window("é" * 1000, [(0, 1000)])
    assert found is not None
    assert found.startswith("<mark>é")
    assert len(found.encode()) <= 255


def test_snippets_of_foreign_mail_are_not_found(call: Call, alice: Account, bob: Account, me: str) -> None:
    foreign = keep(bob, letter("Secret", "secret"))
    said = one(call, "SearchSnippet/get", me, emailIds=[foreign.email_id, "x"], filter={"text": "secret"})
    assert (said["list"], said["notFound"]) == ([], [foreign.email_id, "x"])
    assert refused(call, "SearchSnippet/get", me) == "invalidArguments"
    assert refused(call, "SearchSnippet/get", me, emailIds=[], filter={"size": 1}) == "unsupportedFilter"
    assert refused(call, "SearchSnippet/get", me, emailIds=[], filter={"body": " " * 9_000_000}) == "unsupportedFilter"
    assert refused(call, "SearchSnippet/get", me, emailIds=["M1"] * 1000) == "requestTooLarge"


def test_many_snippets_take_no_more_queries_than_one(call: Call, alice: Account, me: str) -> None:
    found = [keep(alice, letter("Soup", "soup", number=number)).email_id for number in range(20)]

    def queries(emails: list[str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            one(call, "SearchSnippet/get", me, emailIds=emails, filter={"text": "soup"})
        return len(captured)

    assert queries(found) == queries(found[:1])
