"""Every address of the web door, asked for by strangers and by another member."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail.urls import urlpatterns

OPEN = {"favicon", "sign-in", "sign-out"}
PAGES = [one for one in urlpatterns if "jmap" not in str(one.pattern)]  # for the API see jmap/test_foreign.py


def address(pattern: URLPattern, thread: int, message: int, label: int) -> str:
    route = str(pattern.pattern)
    for name, value in (
        ("<slug:place>", "inbox"), ("<int:mailbox_id>", label), ("<int:thread_id>", thread), ("<int:message_id>", message),
        ("<str:part>", "2"), ("<str:number>", "2"), ("<path:name>", "plan.txt"), ("<slug:section>", "writing"),
    ):  # fmt: skip
        route = route.replace(name, str(value))
    assert "<" not in route, f"{route}: teach this test the new kind of number"
    return f"/{route}"


@pytest.fixture
def theirs(bob: Account) -> tuple[int, int, int]:
    """A conversation, a message and a label of bob's."""
    label = mailboxes.create(bob.pk, "Secret plans")
    letter = Letter("Carol <carol@elsewhere.example>", "the secret words", files=[("plan.txt", "text/plain", b"the secret file")])
    thread = conversation(bob, "Secret subject", letter, labels=[label])
    return thread.pk, Message.objects.get(thread=thread).pk, label.pk


@pytest.mark.parametrize("pattern", [one for one in PAGES if one.name not in OPEN], ids=lambda one: one.name)
def test_a_stranger_is_sent_to_sign_in(theirs: tuple[int, int, int], pattern: URLPattern) -> None:
    for method in ("get", "post"):
        response = getattr(Client(), method)(address(pattern, *theirs))
        assert response.status_code in (302, 405)
        assert b"secret" not in response.content
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("pattern", [one for one in PAGES if "<int:" in str(one.pattern)], ids=lambda one: one.name)
def test_what_is_another_members_does_not_exist(web: Client, theirs: tuple[int, int, int], pattern: URLPattern) -> None:
    for method in ("get", "post"):
        response = getattr(web, method)(address(pattern, *theirs))
        assert response.status_code in (404, 405)
        assert b"ecret" not in response.content
    assert web.get(address(pattern, *theirs)).status_code in (404, 405)


@pytest.mark.parametrize("field", ["reply", "forward", "draft"])
def test_nobody_answers_or_passes_on_anothers_mail(web: Client, theirs: tuple[int, int, int], field: str) -> None:
    assert web.get("/compose", {field: theirs[1]}).status_code == 404


def test_nobody_attaches_anothers_file(web: Client, alice: Account, theirs: tuple[int, int, int]) -> None:
    form = {
        "author": alice.login,
        "to": "carol@elsewhere.example",
        "subject": "x",
        "text": "x",
        "keep": f"{theirs[1]}:2",
        "do": "save",
    }
    web.post("/compose", form)
    assert not Message.objects.get(account=alice).attachments


@pytest.mark.parametrize("act", ["archive", "trash", "report_spam", "mark_unread", "star", "delete_for_ever"])
def test_an_act_on_anothers_mail_changes_nothing(web: Client, theirs: tuple[int, int, int], act: str) -> None:
    before = Message.objects.filter(pk=theirs[1]).values().get()
    web.post("/act", {"do": act, "thread": theirs[0], "message": theirs[1], "sure": "yes"})
    assert Message.objects.filter(pk=theirs[1]).values().get() == before


def test_nobody_labels_with_anothers_label(web: Client, alice: Account, theirs: tuple[int, int, int]) -> None:
    thread = conversation(alice, "Mine", Letter())
    page = web.post("/act", {"do": f"add_label {theirs[2]}", "thread": thread.pk}, follow=True)
    assert b"no such label" in page.content


def test_a_search_finds_only_ones_own_mail(web: Client, theirs: tuple[int, int, int]) -> None:
    assert b"Secret subject" not in web.get("/search", {"q": "secret in:anywhere"}).content


def test_nobody_undoes_what_another_did(web: Client, bob: Account, theirs: tuple[int, int, int]) -> None:
    from mailsuite.mailstore import actions

    action = actions.archive(bob.pk, [theirs[0]])
    web.post("/undo", {"action": f"undo-{action.pk}"})
    action.refresh_from_db()
    assert not action.undone
