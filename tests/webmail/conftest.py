"""Members of the tests' co-op, and a browser that is signed in."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from mailsuite.accounts.models import Account
from tests.webmail.store import member


@pytest.fixture
def alice(db: None) -> Account:
    cache.clear()
    return member("alice", "Alice Example")


@pytest.fixture
def bob(db: None) -> Account:
    return member("bob", "Bob Roe")


@pytest.fixture
def web(alice: Account) -> Client:
    """A browser in which alice is signed in, and that keeps to the simple view."""
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.cookies["view"] = "simple"
    client.force_login(alice)
    return client
