"""What a page tells the application, so that it need not ask."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from mailsuite.accounts import identities
from mailsuite.accounts.models import Account

pytestmark = pytest.mark.django_db


def _told(web: Client) -> dict:
    web.cookies["view"] = ""
    [text] = re.findall(r'<script[^>]*id="boot"[^>]*>(.*?)</script>', web.get("/").content.decode(), re.S)
    return json.loads(text)


def test_as_whom_one_writes_is_told_as_the_api_tells_it(alice: Account, web: Client) -> None:
    identities.change(alice, identities.of(alice)[0], text="-- \nAlice", html="<p>Alice</p>")
    account = _told(web)["accountId"]
    call = {"using": ["urn:ietf:params:jmap:submission"], "methodCalls": [["Identity/get", {"accountId": account}, "0"]]}
    [[_, answer, _]] = web.post("/jmap/api", call, content_type="application/json").json()["methodResponses"]
    assert _told(web)["identities"] == answer["list"]


def test_signatures_that_would_weigh_on_every_page_are_asked_for_when_one_writes(alice: Account, web: Client) -> None:
    identities.change(alice, identities.of(alice)[0], html="<p>" + "x" * 5_000)
    assert "identities" not in _told(web)
