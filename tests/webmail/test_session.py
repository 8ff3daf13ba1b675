"""Sign in, sign out, and pages that ask for it."""

from __future__ import annotations

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from tests.webmail.store import PASSWORD

RIGHT = {"login": "alice@example.org", "password": PASSWORD}


@pytest.fixture
def stranger(alice: Account) -> Client:
    return Client(enforce_csrf_checks=False)


def test_the_right_password_opens_the_inbox(stranger: Client) -> None:
    response = stranger.post("/sign-in", RIGHT, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert b"<h1><bdi>Inbox</bdi></h1>" in response.content


def test_a_wrong_password_says_so_and_keeps_the_address(stranger: Client) -> None:
    response = stranger.post("/sign-in", {**RIGHT, "password": "wrong"})
    assert response.status_code == 403
    assert b"do not fit together" in response.content
    assert b'value="alice@example.org"' in response.content
    assert stranger.get("/").status_code == 302


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(stranger: Client) -> None:
    wrong = stranger.post("/sign-in", {**RIGHT, "password": "wrong"})
    unknown = stranger.post("/sign-in", {"login": "nobody@example.org", "password": "wrong"})
    assert unknown.status_code == wrong.status_code
    assert b"do not fit together" in unknown.content


def test_guessing_is_slowed_down(stranger: Client) -> None:
    for n in range(10):
        stranger.post("/sign-in", {**RIGHT, "password": f"guess {n}"})
    response = stranger.post("/sign-in", {**RIGHT, "password": "one more"})
    assert response.status_code == 429
    assert b"quarter of an hour" in response.content


def test_after_sign_in_one_comes_to_the_page_one_wanted(stranger: Client) -> None:
    response = stranger.get("/in/starred?page=2")
    assert response.headers["Location"] == "/sign-in?next=%2Fin%2Fstarred%3Fpage%3D2"
    assert stranger.post("/sign-in", {**RIGHT, "next": "/in/starred?page=2"}).headers["Location"] == "/in/starred?page=2"


@pytest.mark.parametrize(
    "elsewhere", ["https://mallory.example/", "//mallory.example/", "javascript:alert(1)", "\\\\mallory.example"]
)
def test_sign_in_leads_to_no_other_host(stranger: Client, elsewhere: str) -> None:
    assert stranger.post("/sign-in", {**RIGHT, "next": elsewhere}).headers["Location"] == "/"


def test_sign_out_ends_the_session_and_clears_the_browsers_cache(web: Client) -> None:
    response = web.post("/sign-out")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert web.get("/").status_code == 302


def test_sign_out_by_a_link_does_nothing(web: Client) -> None:
    assert web.get("/sign-out").status_code == 405
    assert web.get("/").status_code == 200


def test_a_form_without_its_token_is_refused(alice: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in", RIGHT)
    assert response.status_code == 403
    assert b"This form has expired" in response.content


def test_the_demo_shows_its_sign_ins_and_nothing_else_does(stranger: Client, settings) -> None:
    assert b"demo-alice" not in stranger.get("/sign-in").content
    settings.DEMO = True
    assert b"demo-alice" in stranger.get("/sign-in").content
