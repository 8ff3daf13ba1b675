"""METADATA and QUOTA over IMAP: what is too much is refused with the code that says so."""

from __future__ import annotations

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import annotations
from tests.imapd.conftest import Client, Connect, letter


def test_values_that_are_too_large_or_too_many_are_refused_and_nothing_is_set(
    inbox: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = b"x" * (annotations.LARGEST + 1)
    said = inbox.say(b'SETMETADATA INBOX (/private/a "a" /private/b {%d+}\r\n%b)' % (len(large), large))
    assert b" NO [METADATA MAXSIZE 65536]" in said[-1]
    monkeypatch.setattr(annotations, "MOST", 1)
    assert b" NO [METADATA TOOMANY]" in inbox.say('SETMETADATA INBOX (/private/a "a" /private/b "b")')[-1]
    assert inbox.ok("GETMETADATA (DEPTH infinity) INBOX /private") == []


def test_what_alice_notes_is_hers_alone(inbox: Client, connect: Connect, bob: Account) -> None:
    inbox.ok('SETMETADATA "" (/private/comment "Mine")')
    inbox.ok('SETMETADATA INBOX (/shared/comment "Mine")')
    other = connect().login("bob")
    assert other.ok('GETMETADATA "" /private/comment') == [b'* METADATA "" (/private/comment NIL)']
    assert other.ok("GETMETADATA INBOX /shared/comment") == [b"* METADATA INBOX (/shared/comment NIL)"]


def test_names_and_values_cannot_break_a_response(inbox: Client) -> None:
    value = b'")\r\n* BYE \0\xff'
    inbox.ok(b"SETMETADATA INBOX (/private/a ~{%d+}\r\n%b)" % (len(value), value))
    assert inbox.ok("GETMETADATA INBOX /private/a") == [b"* METADATA INBOX (/private/a ~{%d}\r\n%b)" % (len(value), value)]
    assert b" BAD " in inbox.say(b"GETMETADATA INBOX {14+}\r\n/private/a\r\nb)")[-1]


def test_a_quota_is_told_in_units_of_1024_octets(inbox: Client, alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=10_000)
    used = -(-5 * len(letter(1)) // 1_024)
    told = b'* QUOTA "" (STORAGE %d 10)' % used
    assert inbox.ok("GETQUOTAROOT INBOX") == [b'* QUOTAROOT INBOX ""', told]
    assert inbox.ok('GETQUOTA ""') == [told]
    assert b" NO [NONEXISTENT]" in inbox.say("GETQUOTA others")[-1]
    assert b" NO [NOPERM]" in inbox.say('SETQUOTA "" (STORAGE 99999999)')[-1]
    assert b" NO [OVERQUOTA]" in inbox.say("APPEND INBOX {20000}")[-1]
