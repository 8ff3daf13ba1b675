"""A JMAP client of alice's: it calls methods and gives back their responses."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from webmail.jmap import ids

CORE = "urn:ietf:params:jmap:core"
Call = Callable[..., list[Any]]


@pytest.fixture
def me(alice: Account) -> str:
    """Her account's id."""
    return ids.name("A", alice.pk)


@pytest.fixture
def call(web: Client) -> Call:
    """`call(("Mailbox/get", {...}), ...)`: the responses as [name, arguments], in order; every capability is in use."""

    def do(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
        using = list(web.get("/jmap/session").json()["capabilities"])
        request = {"using": using, "methodCalls": [[name, given, f"c{place}"] for place, (name, given) in enumerate(calls)]}
        response = web.post("/jmap/api", request, content_type="application/json")
        assert response.status_code == 200, response.content
        return [[name, said] for name, said, _ in response.json()["methodResponses"]]

    return do


def basic(login: str, secret: str) -> dict[str, str]:
    """The header by which a program comes in (RFC 7617)."""
    return {"Authorization": f"Basic {base64.b64encode(f'{login}:{secret}'.encode()).decode()}"}
