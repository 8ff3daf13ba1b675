"""What every response carries, whatever it shows."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from webmail.wsgi_bridge import TOO_LARGE


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page", "/settings"])
def test_every_page_has_a_policy_that_runs_only_our_scripts(web: Client, path: str) -> None:
    response = web.get(path)
    policy = response.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_page_with_mail_is_kept_by_no_shared_cache(web: Client) -> None:
    assert web.get("/").headers["Cache-Control"] == "private, no-cache"


def test_pages_have_neither_inline_script_nor_inline_style(web: Client) -> None:
    for path in ("/", "/settings", "/labels", "/search", "/compose"):
        page = web.get(path).content
        assert b"<style" not in page
        assert b" style=" not in page
        assert b"<script>" not in page
        assert b" onclick" not in page


def test_a_request_that_was_too_large_gets_a_page_that_says_so(web: Client) -> None:
    response = web.post("/compose", {}, **{TOO_LARGE: True})
    assert response.status_code == 413
    assert b"still in the form" in response.content


def test_an_unknown_address_gets_a_page_of_our_own(web: Client) -> None:
    response = web.get("/no-such-page")
    assert response.status_code == 404
    assert b"Nothing here" in response.content


def test_an_error_of_ours_gets_a_page_without_details(web: Client, monkeypatch) -> None:
    monkeypatch.setattr("webmail.views.lists.rows.page", lambda *_, **__: 1 / 0)
    web.raise_request_exception = False
    response = web.get("/")
    assert response.status_code == 500
    assert b"Your mail is safe" in response.content
    assert b"ZeroDivisionError" not in response.content


def test_long_pages_are_compressed_for_browsers_that_can(web: Client) -> None:
    assert web.get("/", HTTP_ACCEPT_ENCODING="gzip").headers["Content-Encoding"] == "gzip"


@override_settings(BEHIND_PROXY=True)
def test_behind_a_proxy_the_client_is_the_one_the_proxy_names_last(web: Client) -> None:
    response = web.get("/", HTTP_X_FORWARDED_FOR="203.0.113.66, 192.0.2.7", HTTP_X_FORWARDED_PROTO="https")
    assert response.wsgi_request.META["REMOTE_ADDR"] == "192.0.2.7"
    assert response.wsgi_request.is_secure()


def test_without_a_proxy_nobody_names_his_own_address(web: Client) -> None:
    response = web.get("/", HTTP_X_FORWARDED_FOR="203.0.113.66", HTTP_X_FORWARDED_PROTO="https")
    assert response.wsgi_request.META["REMOTE_ADDR"] == "192.0.2.1"
    assert not response.wsgi_request.is_secure()


def test_the_icon_is_found_by_who_read_no_page_that_names_it() -> None:
    found = Client().get("/favicon.ico").headers["Location"]
    assert found.endswith(".svg")
    assert finders.find(found.removeprefix(settings.STATIC_URL))
