"""The page about trusting a message: what it warns of, and what a member decides about its sender."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from tests.webmail.store import Letter, conversation

PASS: dict[str, Any] = {"auth": {"dmarc": {"result": "pass"}}}


def kept(account: Account, **more: Any) -> Message:
    letter = Letter(**{"who": "Shop <news@shop.example>", "decision": PASS, **more})
    return conversation(account, "Chairs", letter).messages.get()


def page(web: Client, message: Message) -> str:
    return web.get(f"/t/{message.thread_id}").content.decode()


def decide(web: Client, message: Message, act: str, **more: str) -> str:
    response = web.post(f"/m/{message.pk}/sender", {"do": act, "next": f"/t/{message.thread_id}", **more}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_is_told_of_and_may_be_fine(web: Client, alice: Account) -> None:
    message = kept(alice, text="Buy gift cards for me.")
    assert "First message from this person, and it speaks of money." in page(web, message)
    assert "You will not be warned of this again." in decide(web, message, "fine", signal="P6")
    assert "it speaks of money" not in page(web, message)


def test_what_is_dangerous_waits_behind_its_reason_without_links(web: Client, alice: Account) -> None:
    message = kept(alice, who='"billing@bank.example" <x@evil.example>', html="<a href='https://evil.example'>Pay</a>")
    shown = page(web, message)
    assert "Show without links" in shown
    assert "The name says billing@bank.example. The real sender is x@evil.example." in shown
    assert shown.count("<iframe") == shown.count("&amp;links=0") + shown.count("&links=0") == 1
    body = web.get(f"/m/{message.pk}/body?links=0").content.decode()
    assert "Show and enable links" in body
    assert 'href="https://evil.example"' not in body
    assert 'href="https://evil.example"' in web.get(f"/m/{message.pk}/body?links=1").content.decode()


def test_images_are_shown_once_or_always_and_that_is_taken_back_in_settings(web: Client, alice: Account) -> None:
    message = kept(alice, html="<img src='https://shop.example/a.png' width=300>")
    body = web.get(f"/m/{message.pk}/body").content.decode()
    assert '<a href="?theme=light&amp;images=1">Show images</a>' in body or "images=1" in body
    assert "are shown from now on" in decide(web, message, "images")
    assert "/img/" in web.get(f"/m/{message.pk}/body").content.decode()
    settings = web.get("/settings/senders").content.decode()
    assert "Images are always shown" in settings
    [choice] = choices.everything(alice.pk)
    assert "Taken back." in web.post("/settings", {"form": "take-back", "choice": choice.pk}, follow=True).content.decode()
    assert choices.everything(alice.pk) == []


def test_a_sender_is_blocked(web: Client, alice: Account) -> None:
    message = kept(alice)
    assert "Block this sender" in page(web, message)
    assert "goes to Trash" in decide(web, message, "block")
    assert "Block this sender" not in page(web, message)
    assert choices.blocking([(alice.pk, "news@shop.example")])


@pytest.mark.parametrize(
    ("field", "says"), [("<https://shop.example/u>", "Open their page"), ("<mailto:u@shop.example>", "Unsubscribed by mail")]
)
def test_a_list_is_left(web: Client, alice: Account, field: str, says: str) -> None:
    message = kept(alice, headers={"List-Unsubscribe": field})
    assert "Unsubscribe" in page(web, message)
    assert says in decide(web, message, "unsubscribe")
    assert ("You unsubscribed from this list" in page(web, message)) == ("mail" in says)


def test_what_is_no_list_is_not_left_and_no_act_is_made_up(web: Client, alice: Account) -> None:
    message = kept(alice)
    assert "no way to unsubscribe" in decide(web, message, "unsubscribe")
    for act in ("", "explode", "(" * 100_000):
        assert web.post(f"/m/{message.pk}/sender", {"do": act}).status_code == 400
    decide(web, message, "fine", signal="P99")
    assert choices.everything(alice.pk) == []
    assert web.get(f"/m/{message.pk}/sender").status_code == 405


def test_nobody_decides_for_another(web: Client, alice: Account, bob: Account) -> None:
    message = kept(alice)
    client = Client()
    assert client.post(f"/m/{message.pk}/sender", {"do": "block"}).status_code == 302
    client.force_login(bob)
    assert client.post(f"/m/{message.pk}/sender", {"do": "block"}).status_code == 404
    made = choices.choose(alice.pk, "a@b.example", "blocked")
    client.post("/settings", {"form": "take-back", "choice": made.pk})
    assert choices.everything(alice.pk) == [made]
    assert choices.everything(bob.pk) == []


def test_there_is_an_end_to_choices(web: Client, alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 0)
    assert "must be taken back first" in decide(web, kept(alice), "block")
