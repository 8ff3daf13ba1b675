"""Greeting, order of commands, limits, TLS, time and the end of a conversation."""

from __future__ import annotations

import asyncio
import gc
import re

import pytest

from mailsuite.smtpd import limits
from mailsuite.smtpd.commands import Commands
from mailsuite.smtpd.server import Server
from tests.smtpd.conftest import LETTER, Connect, accepted


async def test_every_reply_but_greeting_and_hello_has_an_enhanced_code(connect: Connect) -> None:
    client = await connect()
    lines = [
        "NOOP",
        "RSET",
        "RSET x",
        "VRFY alice",
        "VRFY",
        "EXPN team",
        "HELP",
        "",
        "BOGUS",
        "MAIL",
        "MAIL FROM:",
        "MAIL FROM:<a b>",
        "MAIL FROM:<carol@elsewhere.example> FOO=1",
        "MAIL FROM:<carol@elsewhere.example> BODY=BINARYMIME",
        "RCPT TO:<alice@example.org>",
        "DATA",
        "MAIL FROM:<carol@elsewhere.example>",
        "MAIL FROM:<carol@elsewhere.example>",
        "RCPT TO:<alice@example.org> NOTIFY=NEVER,DELAY",
        "RCPT TO:<alice>",
        "RCPT TO:<alice@example.org>",
        "DATA x",
        "STARTTLS x",
        "QUIT",
    ]
    for line in lines:
        reply = await client.say(line)
        assert re.match(r"([245])[0-9][0-9] \1\.[0-9]+\.[0-9]+ \S", reply), (line, reply)
    assert await client.gone()


async def test_nothing_goes_without_a_greeting(connect: Connect) -> None:
    client = await connect(ehlo=False)
    assert (await client.say("MAIL FROM:<>")).startswith("503 5.5.1")
    assert (await client.say("HELO")).startswith("501 5.5.4")
    assert (await client.say("HELO old.elsewhere.example")).startswith("250 ")
    assert (await client.say("MAIL FROM:<> SIZE=5")).startswith("501 5.5.4")
    assert (await client.send(LETTER, sender="")).startswith("250")
    [(envelope, _, _)] = await accepted()
    assert b"with SMTP id" in bytes(envelope.trace).replace(b"\r\n\t", b" ")


async def test_a_client_that_cannot_stop_making_mistakes_is_sent_away(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ERRORS", 3)
    client = await connect()
    for _ in range(3):
        assert (await client.say("MAIL FROM:nonsense nonsense")).startswith("5")
    client.write(b"MAIL FROM:<\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\n")
    assert (await client.read()).startswith("553")
    assert (await client.read()).startswith("421 4.7.0")
    assert await client.gone()


@pytest.mark.parametrize("length", [20_000, 200_000])
async def test_a_command_that_is_too_long_is_refused_and_the_next_one_is_heard(connect: Connect, length: int) -> None:
    client = await connect()
    assert (await client.say("MAIL FROM:<" + "x" * length)).startswith("500 5.5.2")
    assert (await client.say("NOOP")).startswith("250")


async def test_bytes_that_are_no_text_are_no_address(connect: Connect) -> None:
    client = await connect()
    assert (await client.say(b"MAIL FROM:<\xff\xfe@elsewhere.example> SMTPUTF8")).startswith("553 5.1.7")
    assert (await client.say(b"\xff\xfe\x00")).startswith("500 5.5.2")


async def test_starttls_begins_anew_and_the_trace_tells_the_cipher(connect: Connect) -> None:
    client = await connect()
    await client.say("MAIL FROM:<carol@elsewhere.example>")
    await client.starttls()
    assert (await client.say("RCPT TO:<alice@example.org>")).startswith("503 5.5.1")
    assert (await client.say("MAIL FROM:<>")).startswith("503 5.5.1")
    assert "STARTTLS" not in await client.say("EHLO client.elsewhere.example")
    assert (await client.say("STARTTLS")).startswith("503 5.5.1")
    await client.send(LETTER)
    [(envelope, _, _)] = await accepted()
    assert b"with ESMTPS (TLSv1.3 " in bytes(envelope.trace).replace(b"\r\n\t", b" ")


async def test_commands_that_were_slipped_in_before_tls_are_dropped(connect: Connect) -> None:
    """CVE-2011-0411 and its many children: what an attacker adds in plain text must not count as said inside TLS."""
    from mailsuite.net import tls

    client = await connect()
    client.write(b"STARTTLS\r\nEHLO mallory.example\r\nMAIL FROM:<mallory@elsewhere.example>\r\n")
    assert (await client.read()).startswith("220")
    await client.writer.start_tls(tls.client_context(verify=False))
    assert (await client.say("RCPT TO:<alice@example.org>")).startswith("503 5.5.1")


async def test_a_client_that_says_nonsense_instead_of_a_handshake_is_dropped_and_others_are_served(connect: Connect) -> None:
    client = await connect()
    await client.say("STARTTLS")
    client.write(b"EHLO again\r\n" * 10)
    await asyncio.wait_for(client.reader.read(), 20)
    other = await connect()
    assert (await other.send(LETTER)).startswith("250")


async def test_a_client_that_says_nothing_is_told_and_dropped(connect: Connect, server: Server) -> None:
    client = await connect()
    [conversation] = server._conversations
    conversation._timeout_cb()  # too early: it only looks when to look again
    assert (await client.say("NOOP")).startswith("250")
    conversation._deadline = 0.0
    conversation._timeout_cb()
    assert (await client.read()).startswith("421 4.4.2")
    assert await client.gone()


async def test_every_piece_of_a_slow_upload_buys_more_time(connect: Connect, server: Server) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    await client.say("DATA")
    [conversation] = server._conversations
    before = conversation._deadline
    client.write(b"Subject: slow\r\n")
    while conversation._deadline == before:
        await asyncio.sleep(0.01)
    client.write(b"\r\nbody\r\n.\r\n")
    assert (await client.read()).startswith("250")


async def test_too_many_connections_of_one_network_are_turned_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = limits.Crowd(most_for_network=2)
    assert crowd.enter("192.0.2.1")
    assert crowd.enter("192.0.2.200")
    assert not crowd.enter("192.0.2.3")
    assert crowd.enter("198.51.100.1")
    assert crowd.enter("2001:db8::1")
    assert all(crowd.enter("127.0.0.1") for _ in range(10))
    crowd.leave("192.0.2.1")
    assert crowd.enter("192.0.2.3")


async def test_one_that_is_turned_away_hears_421_and_no_greeting(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.Crowd, "enter", lambda self, client: False)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.numbers[0])
    assert (await reader.read()).startswith(b"421 4.7.0 ")
    writer.close()


async def test_a_stopping_server_tells_the_idle_at_once_and_lets_a_message_finish(connect: Connect, server: Server) -> None:
    idle, busy = await connect(), await connect()
    await busy.envelope("alice@example.org")
    await busy.say("DATA")
    stopping = asyncio.create_task(server.stop())
    assert (await idle.read()).startswith("421 4.3.2")
    busy.write(LETTER + b".\r\n")
    assert (await busy.read()).startswith("250 2.0.0 Accepted")
    assert (await busy.read()).startswith("421 4.3.2")
    await asyncio.wait_for(stopping, 5)
    assert len(await accepted()) == 1


async def test_a_stopped_server_leaves_nobody_behind(connect: Connect, server: Server) -> None:
    stuck = await connect()
    await stuck.envelope("alice@example.org")
    await stuck.say("DATA")
    await server.stop(0.1)
    assert await stuck.gone()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", server.numbers[0])


async def test_an_error_that_nobody_foresaw_is_temporary_and_the_connection_lives(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Commands, arg: str | None) -> None:
        raise RuntimeError("never happens")

    monkeypatch.setattr(Commands, "smtp_VRFY", broken)
    client = await connect()
    assert (await client.say("VRFY x")).startswith("451 4.3.0")
    assert (await client.say("NOOP")).startswith("250")


async def test_clients_that_vanish_or_talk_nonsense_leave_no_traceback(
    connect: Connect, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for words in (b"", b"EHLO \xff\xfe\r\n", b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nhalf a let"):
        for ending in ("abort", "write_eof"):
            client = await connect(ehlo=False)
            client.write(words * (1 if b"DATA" in words else 50))
            await client.writer.drain()
            if ending == "abort":
                client.writer.transport.abort()
            else:
                client.writer.write_eof()
                while await client.reader.read(65_536):
                    pass
    for port in (1, 2):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.numbers[port])
        writer.write(b"STARTTLS\r\nGET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()
    while server._conversations:
        await asyncio.sleep(0.01)
    gc.collect()
    await asyncio.sleep(0)
    assert [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"] == []


async def test_a_name_that_is_no_text_is_no_trouble(connect: Connect) -> None:
    client = await connect(ehlo=False)
    assert "250" in await client.say(b"EHLO \xff\xfe(comment)" + b"x" * 400)
    assert (await client.send(LETTER)).startswith("250")
    [(envelope, _, _)] = await accepted()
    assert bytes(envelope.trace).isascii()


async def test_a_client_that_talks_without_listening_is_made_to_wait(connect: Connect, server: Server) -> None:
    client = await connect()
    [conversation] = server._conversations
    client.write(b"NOOP\r\n" * 400_000)
    for _ in range(200):
        await asyncio.sleep(0.001)
        assert len(conversation._held) <= limits.MOST_HELD
    for _ in range(1_000):
        assert await client.read() == "250 2.0.0 OK"
