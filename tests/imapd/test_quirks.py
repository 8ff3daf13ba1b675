"""Clients that break with what they asked for do without it, and so does everybody where the operator says so."""

from __future__ import annotations

import zlib

from mailsuite.accounts.models import Account
from mailsuite.imapd import quirks
from mailsuite.imapd.quirks import NUMBERS_AFTER_UIDONLY, Quirks
from tests.imapd.conftest import Client, Connect, RunningServer, deliver, letter


def enabled(client: Client, word: str) -> bool:
    return word.encode() in client.ok(f"ENABLE {word}")[0]


def test_who_promises_uids_and_sends_numbers_is_not_asked_to_promise_again(
    connect: Connect, alice: Account, bob: Account
) -> None:
    deliver(alice, letter(1))
    for _ in range(2):  # once may be a mistake of somebody's
        client = connect().login()
        assert enabled(client, "UIDONLY")
        client.ok("SELECT INBOX")
        for _ in range(3):
            assert b"BAD [UIDREQUIRED]" in client.say("FETCH 1 FLAGS")[-1]
    again, other = connect().login(), connect().login("bob")
    assert b"UIDONLY" not in again.ok("CAPABILITY")[0]
    assert not enabled(again, "UIDONLY")
    again.ok("SELECT INBOX")
    assert again.ok("FETCH 1 FLAGS") == [b"* 1 FETCH (FLAGS ())"]
    assert b"UIDONLY" in other.ok("CAPABILITY")[0]
    assert enabled(other, "UIDONLY")


def test_after_a_day_it_may_have_been_mended() -> None:
    now = 0.0
    seen = Quirks(nobody=frozenset({"SORT"}), clock=lambda: now)
    assert seen.hidden(1) == {"SORT"}
    seen.seen(1, NUMBERS_AFTER_UIDONLY, "one connection")
    seen.seen(1, NUMBERS_AFTER_UIDONLY, "one connection")
    assert seen.hidden(1) == {"SORT"}
    seen.seen(1, NUMBERS_AFTER_UIDONLY, "another")
    assert seen.hidden(1) == {"SORT", "UIDONLY"}
    assert seen.hidden(2) == seen.hidden(None) == {"SORT"}
    now = quirks.FORGOTTEN_AFTER + 1
    assert seen.hidden(1) == {"SORT"}
    assert not seen._until


def test_the_operator_can_hide_a_capability(server: RunningServer, connect: Connect) -> None:
    server.door.quirks.nobody = frozenset({"CONDSTORE", "IMAP4REV2", "COMPRESS=DEFLATE"})
    client = connect()
    assert b"IMAP4rev2" not in client.read()
    client.say('LOGIN alice@example.org "correct horse"')
    shown = client.ok("CAPABILITY")[0].split()
    assert not {b"CONDSTORE", b"IMAP4rev2", b"COMPRESS=DEFLATE"}.intersection(shown)
    assert b"IMAP4rev1" in shown
    assert not enabled(client, "IMAP4rev2")
    assert b"NO [CANNOT]" in client.say("COMPRESS DEFLATE")[-1]


def test_a_mechanism_that_is_hidden_is_refused_and_login_stays(server: RunningServer, connect: Connect) -> None:
    server.door.quirks.nobody = frozenset({"AUTH=PLAIN"})
    client = connect()
    greeting = client.read()
    assert b"AUTH=" not in greeting
    assert b"LOGINDISABLED" not in greeting
    assert b"NO [CANNOT]" in client.say("AUTHENTICATE PLAIN =")[-1]
    client.ok('LOGIN alice@example.org "correct horse"')


def test_a_slash_after_a_mailboxs_name_is_forgiven(connect: Connect) -> None:
    client = connect().login()
    client.ok("CREATE Projects/")
    client.ok('SELECT "Projects/"')
    client.ok("STATUS Projects/ (MESSAGES)")


def test_a_client_that_flushes_halfway_through_an_octet_is_read(connect: Connect) -> None:
    client = connect().login()
    client.ok("COMPRESS DEFLATE")
    packer, reader = zlib.compressobj(6, zlib.DEFLATED, -15), zlib.decompressobj(-15)
    for n in range(20):
        client.send(packer.compress(b"x%d NOOP\r\n" % n) + packer.flush(zlib.Z_PARTIAL_FLUSH))
        heard = b""
        while not heard.endswith(b"\r\n"):
            heard += reader.decompress(client._socket.recv(1_000))
        assert heard.startswith(b"x%d OK" % n)
