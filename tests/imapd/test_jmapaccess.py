"""JMAPACCESS is for those whom the web door would let in, too (RFC 9698)."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from mailsuite import settings
from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_app_password
from mailsuite.mailstore.models import Mailbox, Message
from tests.imapd.conftest import Connect, RunningServer, deliver, letter

URL = "https://mail.example.org/.well-known/jmap"


def test_a_device_is_told_where_jmap_is_and_the_ids_are_the_same(server: RunningServer, connect: Connect, alice: Account) -> None:
    server.door.jmap = URL
    deliver(alice, letter(1))
    client = connect()
    assert b"JMAPACCESS" not in client.read()
    assert b"JMAPACCESS" in client.say(f"LOGIN alice@example.org {add_app_password(alice, 'phone')}")[-1]
    assert client.ok("GETJMAPACCESS") == [b'* JMAPACCESS "%b"' % URL.encode()]
    assert b" BAD " in client.say("GETJMAPACCESS now")[-1]
    selected = b" ".join(client.ok("SELECT INBOX"))
    assert re.search(rb"MAILBOXID \((\S+)\)", selected)[1].decode() == f"F{Mailbox.objects.get(role='inbox').pk}"  # type: ignore[index]
    found = re.search(rb"EMAILID \((\S+?)\)", client.ok("FETCH 1 (EMAILID)")[0])
    assert found
    assert found[1].decode() == Message.objects.get().email_id


def test_who_came_by_his_own_password_or_where_no_web_door_is_known_hears_nothing(
    server: RunningServer, connect: Connect, alice: Account
) -> None:
    server.door.jmap = URL
    own = connect().login()
    assert b"JMAPACCESS" not in own.ok("CAPABILITY")[0]
    assert b" BAD " in own.say("GETJMAPACCESS")[-1]
    server.door.jmap = ""
    device = connect()
    device.read()
    assert b"JMAPACCESS" not in device.say(f"LOGIN alice@example.org {add_app_password(alice, 'phone')}")[-1]
    assert b" BAD " in device.say("GETJMAPACCESS")[-1]


def test_the_url_is_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, read in (
        ("", ""),
        ("https://mail.example.org/", "https://mail.example.org"),
        ("http://[::1]:8025", "http://[::1]:8025"),
    ):
        monkeypatch.setenv("MAILSUITE_WEB_URL", value)
        assert settings.web_url("MAILSUITE_WEB_URL") == read
    for value in ("mail.example.org", "https://mail.example.org/mail", 'https://x"y', "ftp://x"):
        monkeypatch.setenv("MAILSUITE_WEB_URL", value)
        with pytest.raises(ImproperlyConfigured):
            settings.web_url("MAILSUITE_WEB_URL")
