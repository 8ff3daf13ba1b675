"""The document inside a message's frame, and who may have it."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_account, add_domain
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Message
from tests.corpora import corpus
from tests.webmail.store import Letter, conversation, member
from webmail.rendering.body import POLICY, Rendered, View, has_html, render
from webmail.rendering.dark import Treatment

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
    assert "not loaded" not in client.get(f"/m/{letter.pk}/body?notes=0").content.decode()
    assert "alert" not in shown
    image = client.get(f"/m/{letter.pk}/inline/2")
    assert (image["Content-Type"], image.content) == ("image/png", PNG)
    for tag in (response["ETag"], f"W/{response['ETag']}"):
        known = client.get(f"/m/{letter.pk}/body", headers={"If-None-Match": tag})
        assert (known.status_code, known["Content-Security-Policy"]) == (304, POLICY), "a browser takes the policy from here too"


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


def reply(quoted: str) -> tuple[Client, Message, Message]:
    alice = member("alice")
    letters = [Letter(text=SAID, ago=timedelta(hours=3)), Letter(text="plain", html=quoted)]
    thread = conversation(alice, "Roof", *letters)
    first, second = thread.messages.order_by("received_at")
    return client_of(alice), first, second


SAID = "The roof leaks above the kitchen window again, and nobody called."
QUOTED = f"<p>I call.</p><blockquote type=cite><p>{SAID}</p></blockquote>"


def test_a_quotation_is_folded_until_it_is_asked_for(db: None) -> None:
    client, _, second = reply(QUOTED)
    folded = client.get(f"/m/{second.pk}/body?theme=dark")
    assert (folded["Mailsuite-Quotes"], folded["Mailsuite-Theme"]) == ("folded", "mapped")
    assert "I call." in folded.content.decode()
    assert SAID not in folded.content.decode()
    address = re.search(r'href="([^"]*)" title="Show quoted text"', folded.content.decode())
    assert address
    shown = client.get(f"/m/{second.pk}/body{unescape(address[1])}")
    assert (shown["Mailsuite-Quotes"], shown["Mailsuite-Theme"]) == ("shown", "mapped")
    assert SAID in shown.content.decode()
    assert shown["ETag"] != folded["ETag"]


def test_a_message_in_plain_text_is_shown_in_the_frame_too(db: None) -> None:
    client, first, _ = reply(QUOTED)
    response = client.get(f"/m/{first.pk}/body")
    assert response["Mailsuite-Quotes"] == "none"
    assert "kitchen window" in response.content.decode()


def test_a_quotation_in_plain_text_is_folded_in_the_frame_too() -> None:
    content = f"Content-Type: text/plain\r\n\r\nI call.\r\n\r\nAlice wrote:\r\n> {SAID}\r\n".encode()
    view = View(earlier=lambda: [SAID])
    folded, shown = render(content, view=view), render(content, view=replace(view, folded=False))
    assert folded.quoted
    assert shown.quoted
    assert SAID not in folded.html
    assert SAID in shown.html
    assert not render(content).quoted


def test_a_forward_is_not_folded(db: None) -> None:
    alice = member("alice")
    letters = [Letter(text=SAID, ago=timedelta(hours=3)), Letter(text="plain", html=QUOTED)]
    message = conversation(alice, "Fwd: Roof", *letters).messages.latest("received_at")
    Message.objects.filter(pk=message.pk).update(subject="Fwd: Roof")
    assert client_of(alice).get(f"/m/{message.pk}/body")["Mailsuite-Quotes"] == "none"


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_a_long_mail_is_shown_to_its_end(kind: str) -> None:
    """F65: 5 MB; with so many tags that its text must do, and without."""
    few = "<p>" + "word " * 990_000 + "</p><p>the end</p>"
    many = "<p>some words</p>\n" * 280_000 + "<p>the end</p>"
    for long in (few, many):
        assert len(long) > 4_900_000
        assert "the end" in render(f"Content-Type: text/{kind}\r\n\r\n{long}".encode()).html


def test_a_sender_s_mail_keeps_its_own_colours_where_the_member_said_so(db: None) -> None:
    client, _, second = reply(QUOTED)
    dark = client.get(f"/m/{second.pk}/body?theme=dark")
    assert dark["Mailsuite-Theme"] == "mapped"
    assert dark["Cache-Control"] == "private, no-cache"
    named = client.get(f"/m/{second.pk}/body?theme=dark&notes=0&images=0")
    assert named["Cache-Control"] == "private, max-age=300", "who names what was decided may load it ahead"
    client.post(f"/m/{second.pk}/sender", {"do": "light", "next": "/"})
    after = client.get(f"/m/{second.pk}/body?theme=dark", headers={"If-None-Match": dark["ETag"]})
    assert (after.status_code, after["Mailsuite-Theme"]) == (200, "light")


@pytest.mark.parametrize(
    "sheet",
    [
        "a" * 250_000 + ">{background:#000}",
        ("a" * 1_000 + ">,") * 240 + "p{background:#000}",
        "a~" * 120_000 + "{background:#000}",
        "\x00" * 250_000 + ">{background:#000}",
    ],
)
def test_selectors_as_long_as_a_sheet_are_read_once(sheet: str) -> None:
    assert dark(f"<style>{sheet}</style><p>Hello").treatment in Treatment


ASKED = "@media (prefers-color-scheme: dark)"


@pytest.mark.parametrize(
    ("sheet", "treatment"),
    [
        (f"{ASKED} {{ p {{ color: #eee }} }}", Treatment.OWN),
        (f"@media screen {{ {ASKED} {{ p {{ margin: 0 }} .x {{ background-color: #222 }} }} }}", Treatment.OWN),
        (f"{ASKED.replace('dark', 'light')} {{ p {{ color: #111 }} }}", Treatment.MAPPED),
        (f"{ASKED} {{ p {{ margin: 0 }} }} p {{ color: #111 }}", Treatment.MAPPED),
        (":root { color-scheme: light dark }", Treatment.MAPPED),
        ("@media " * 30_000 + "(prefers-color-scheme: dark) {}", Treatment.MAPPED),
        ("@media (prefers-color-scheme:dark)" * 7_000 + "{}", Treatment.MAPPED),
        ("@media (prefers-color-scheme:dark) {p{" + "x-" * 100_000 + "}}", Treatment.MAPPED),
    ],
)
def test_a_mail_brings_its_own_dark_where_a_rule_for_it_paints(sheet: str, treatment: Treatment) -> None:
    assert dark(f"<style>{sheet}</style><p>Hello").treatment == treatment


def dark(html: str) -> Rendered:
    return render(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode(), view=View(dark=True))
