"""The document inside a message's frame, and who may have it."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_account, add_domain
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Message
from tests.corpora import corpus
from webmail.rendering.body import POLICY, has_html, render

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
LETTER = (
    b"From: Carol <carol@elsewhere.example>\r\nTo: alice@example.org\r\nSubject: Photos\r\nMessage-ID: <1@elsewhere.example>\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Look: <img src='cid:Pic@x'> <img src='https://track.example/1.gif'>\r\n"
    b"<img src='cid:prog@x'><script>alert(1)</script></p>\r\n"
    b"--b\r\nContent-Type: image/png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(PNG).replace(b"\n", b"\r\n")
    + b"--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <prog@x>\r\n\r\n"
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>\r\n"
    b"--b--\r\n"
)


def account(name: str) -> Account:
    made = add_account(f"{name}@example.org", "correct horse")
    mailboxes.ensure(made.pk)
    return made


@pytest.fixture
def letter(db: None) -> Message:
    add_domain("example.org")
    alice = account("alice")
    [blob] = store.save([(store.draft(LETTER), 0)])
    [message] = messages.append([messages.NewMessage(alice.pk, blob, LETTER)])
    assert isinstance(message, Message)
    return message


def client_of(who: Account) -> Client:
    client = Client()
    client.force_login(who)
    return client


def test_a_frame_has_the_message_its_images_and_a_policy_of_its_own(letter: Message) -> None:
    client = client_of(letter.account)
    response = client.get(f"/m/{letter.pk}/body")
    shown = response.content.decode()
    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "script" not in POLICY.replace("'none'", "")
    assert f'src="/m/{letter.pk}/inline/2"' in shown
    assert "track.example" not in shown
    assert "1 image from elsewhere not loaded" in shown
    assert "alert" not in shown
    image = client.get(f"/m/{letter.pk}/inline/2")
    assert (image["Content-Type"], image.content) == ("image/png", PNG)
    assert client.get(f"/m/{letter.pk}/body", headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["inline/3", "inline/1", "inline/9", "inline/x" * 50])
def test_nothing_but_a_raster_image_is_served_inline(letter: Message, path: str) -> None:
    assert client_of(letter.account).get(f"/m/{letter.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["body", "inline/2"])
def test_nobody_else_sees_into_the_frame(letter: Message, path: str) -> None:
    assert client_of(account("bob")).get(f"/m/{letter.pk}/{path}").status_code == 404
    assert Client().get(f"/m/{letter.pk}/{path}").status_code == 302
    assert client_of(letter.account).post(f"/m/{letter.pk}/{path}").status_code == 405


def test_what_is_too_deep_is_shown_as_text() -> None:
    deep = b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5_000 + b"the words"
    rendered = render(deep)
    assert rendered.as_text
    assert "the words" in rendered.html
    assert has_html(deep)
    assert not has_html(b"Subject: x\r\n\r\nplain")


@pytest.mark.parametrize("pack", ["mime-torture", "html-mail"])
def test_every_message_of_the_corpora_gets_a_document(pack: str) -> None:
    for path in sorted(corpus(pack).rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            content = b"Content-Type: text/html\r\n\r\n" + content if path.suffix == ".html" else content
            assert render(content).html.startswith("<!doctype html>"), path
