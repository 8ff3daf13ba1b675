"""Messages on paper: all of a conversation in one place, each text once, nothing of the application."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail.rendering import printed
from webmail.rendering.sanitise import Clean, sanitise

SAID = "The roof leaks above the kitchen window again, and nobody called."
STYLE = "<style>p { color: #b3261e }</style>"
ANSWER = f"{STYLE}<p>I call.</p><blockquote type=cite><p>{SAID}</p></blockquote><script>alert(1)</script>"
LETTERS = [
    Letter(text=SAID, ago=timedelta(hours=3), files=[("plan.txt", "text/plain", b"x")]),
    Letter(text="plain", html=ANSWER, ago=timedelta(hours=2)),
    Letter(text="Not sent yet", draft=True, ago=timedelta(hours=1)),
]


def test_a_conversation_is_printed_with_each_text_once(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", *LETTERS)
    response = web.get(f"/t/{thread.pk}/print")
    page = response.content.decode()
    assert page.count(SAID) == 1
    assert [
        word for word in ("I call.", "plan.txt", "<h1><bdi>Roof", "Bob Roe &lt;bob@example.org&gt;") if word not in page
    ] == []
    assert "Not sent yet" not in page
    assert "alert" not in page
    assert "@scope (#mailsuite-1) { p { color: #b3261e } }" in page
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "allow-scripts" not in response["Content-Security-Policy"]


def test_a_message_is_printed_whole(web: Client, alice: Account) -> None:
    message = conversation(alice, "Roof", *LETTERS).messages.order_by("received_at")[1]
    page = web.get(f"/m/{message.pk}/print").content.decode()
    assert "I call." in page
    assert page.count(SAID) == 1


@pytest.mark.parametrize("kind", ["m", "t"])
def test_nobody_prints_another_s_mail(web: Client, alice: Account, bob: Account, kind: str) -> None:
    thread = conversation(alice, "Roof", LETTERS[0])
    where = f"/{kind}/{thread.pk if kind == 't' else Message.objects.get().pk}/print"
    assert web.get(where).status_code == 200
    other = Client()
    assert other.get(where).status_code == 302
    other.force_login(bob)
    assert other.get(where).status_code == 404
    assert web.post(where).status_code == 405


HOSTILE = [
    "} body { display: none } p {",
    "p { } }",
    "a { ",
    'p { quotes: "{" } } body { color: red } x {',
    "\\{ {} } body {} x {",
]


@pytest.mark.parametrize("sheet", HOSTILE)
def test_no_mail_s_styles_reach_another_mail(sheet: str) -> None:
    assert "@scope" not in printed.page("Roof", [printed.Sheet([], Clean("<p>x</p>", sheet))])
    page = printed.page("Roof", [printed.Sheet([], sanitise(f"<style>{sheet}</style><p>x"))])
    assert not re.search(r"[{}]\s*}\s*body", page.partition("@scope")[2].partition("</style>")[0])


LEAVING = "article:first-of-type > div, .mailsuite-head dd{display:none}"


@pytest.mark.parametrize(
    "sheet",
    [
        f"a url({{) }} {LEAVING}",
        f"a u\\72l({{) }} {LEAVING}",
        f"a:is(url({{)) }} {LEAVING}",
        f"a[url({{)] }} {LEAVING}",
        f"a url('{{') }} {LEAVING}",
        f"a url({{ ') }} {LEAVING}",
        f"a }} {LEAVING}",
        f"a ) }} {LEAVING}",
        f"@media url({{) }} {LEAVING} x {{ p {{ color: red }} }}",
        f"@media url({{) x {{ p {{ color: red }} }} }} {LEAVING}",
        f"p {{ width: (url({{)) }} }} {LEAVING}",
        f"p {{ width: calc((url({{))) }} a }} {LEAVING}",
    ],
)
def test_a_brace_that_browsers_do_not_count_opens_no_way_out_of_a_mail_s_styles(sheet: str) -> None:
    made = sanitise(f"<style>{sheet}</style><p>x").sheet
    assert "url(" not in made
    assert LEAVING.partition("{")[0] not in made
    assert made.count("{") == made.count("}")


@pytest.mark.parametrize("sheet", ["", "p { color: red }", '@media (min-width: 1px) { p { quotes: "}" "{" } }'])
def test_a_mail_keeps_its_own_styles_on_paper(sheet: str) -> None:
    assert f"{{ {sheet} }}" in printed.page("Roof", [printed.Sheet([], Clean("<p>x</p>", sheet))])
