"""A store that is busy for a moment, and what nobody foresaw: answers stay true, and who can go on goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError

from mailsuite.accounts.models import Account
from mailsuite.imapd.commands import idle, status
from mailsuite.mailstore import selected
from mailsuite.mailstore.models import Message
from tests.imapd.conftest import Client, Connect, deliver, letter


@pytest.fixture
def busy_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """The next look at a mailbox fails. Returns a list that gets an entry with every look."""
    looks: list[int] = []
    look = selected.changed_since

    def busy(*known: int) -> selected.Delta | None:
        looks.append(known[1])
        if len(looks) == 1:
            raise OperationalError("database is locked")
        return look(*known)

    def begin() -> list[int]:
        monkeypatch.setattr(selected, "changed_since", busy)
        return looks

    return begin


def test_a_message_that_was_kept_is_answered_ok_though_the_look_after_it_failed(
    inbox: Client, alice: Account, busy_once: Callable[[], list[int]]
) -> None:
    busy_once()
    content = letter(6)
    assert b" OK [APPENDUID" in inbox.say(b"APPEND INBOX {%d+}\r\n%b" % (len(content), content))[-1]
    assert Message.objects.filter(account=alice).count() == 6
    assert b"* 6 EXISTS" in inbox.ok("NOOP"), "the next look makes up for it"


def test_a_move_that_was_made_is_answered_ok_though_the_look_after_it_failed(
    inbox: Client, busy_once: Callable[[], list[int]]
) -> None:
    busy_once()
    (moved,) = inbox.ok("MOVE 1 Archive")
    assert moved.startswith(b"* OK [COPYUID")
    assert b"* 1 EXPUNGE" in inbox.ok("NOOP")
    assert inbox.ok("SEARCH ALL") == [b"* SEARCH 1 2 3 4"]


def test_idle_goes_on_when_the_store_was_busy_for_a_moment(
    inbox: Client, alice: Account, busy_once: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "AGAIN_SECONDS", 0.05)
    looks = busy_once()
    inbox.send(b"x IDLE\r\n")
    assert inbox.read().startswith(b"+ ")
    deliver(alice, letter(6))
    assert inbox.read() == b"* 6 EXISTS"
    assert len(looks) > 1
    inbox.send(b"DONE\r\n")
    assert inbox.read().startswith(b"x OK")
    inbox.ok("NOOP")


def test_a_session_goes_on_after_an_idle_that_broke(inbox: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: int) -> None:
        raise ArithmeticError("nobody foresaw it")

    with monkeypatch.context() as patch:
        patch.setattr(selected, "changed_since", broken)
        inbox.send(b"x IDLE\r\n")
        assert inbox.read().startswith(b"+ ")
        assert inbox.read().startswith(b"x NO [SERVERBUG]")
    inbox.send(b"DONE\r\n")
    assert b" BAD " in inbox.read()
    assert inbox.ok("SEARCH 1") == [b"* SEARCH 1"]


@pytest.mark.parametrize("error", [TimeoutError("from below"), ConnectionRefusedError("from below")])
def test_what_fails_below_is_not_taken_for_the_clients_silence_or_loss(
    inbox: Client, error: OSError, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(status, "describe", failing)
    assert b" NO [SERVERBUG]" in inbox.say("STATUS Sent (MESSAGES)")[-1]
    assert "STATUS failed" in caplog.text
    inbox.ok("NOOP")


def test_a_handshake_that_fails_is_the_clients_loss(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    client = connect()
    client.read()
    client.ok("STARTTLS")
    client.send(b"this is no TLS\r\n")
    client._file.read()
    assert "broke" not in caplog.text
