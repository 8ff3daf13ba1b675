"""Mail to other hosts: real ones take it, and those that misbehave cost nothing but time."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
import trustme
from django.conf import settings as live

from mailsuite.blobs import store
from mailsuite.delivery.remote import PATIENCE, deliver
from mailsuite.delivery.route import Letter, Outcome, Remote
from mailsuite.delivery.smtp_channel import Patience
from mailsuite.net import tls
from mailsuite.queue.models import Envelope, Recipient
from tests.delivery import remote_hosts
from tests.delivery.remote_hosts import Hosts, Kept, content_of, polite
from tests.dns_server import DnsServer
from tests.smuggling import SMUGGLED, TRICKS, TRUE_END

LETTER = b"From: alice@example.org\r\nTo: carol@elsewhere.example\r\nSubject: tea\r\n\r\n.dots\r\n..\r\nFour o'clock?\r\n"
HOP = Remote("elsewhere.example")
QUICK = Patience(connect=2, greeting=0.5, command=0.5, block=0.5, end_of_data=0.5, quit=0.2)


@pytest_asyncio.fixture
async def hosts(nameserver: DnsServer, settings: Any) -> AsyncIterator[Hosts]:
    """Hosts on loopback; mx1 and mx2 of elsewhere.example are 127.0.0.1 and 127.0.0.2."""
    nameserver.add("elsewhere.example", "MX", "10 mx1.elsewhere.example", "20 mx2.elsewhere.example")
    nameserver.add("mx1.elsewhere.example", "A", "127.0.0.1")
    nameserver.add("mx2.elsewhere.example", "A", "127.0.0.2")
    settings.HOSTNAME = "mail.example.org"
    servers = Hosts()
    yield servers
    servers.close()


def letter(*recipients: str, content: bytes = LETTER, prefix: bytes = b"Received: x\r\n", **fields: Any) -> Letter:
    """A letter as the worker has it after leasing."""
    draft = store.draft(content)
    blob = store.unsaved(draft)
    fields = {"reverse_path": "alice@example.org"} | fields
    wishes = {"notify": fields.pop("notify", ""), "orcpt": fields.pop("orcpt", "")}
    envelope = Envelope(blob=blob, **fields)
    rows = [Recipient(address=one, **wishes) for one in recipients or ("carol@elsewhere.example",)]
    return Letter(envelope, tuple(rows), prefix)


async def delivered(hosts: Hosts, *letters: Letter, hop: Remote = HOP, patience: Patience = PATIENCE) -> list[Outcome]:
    if hop.smarthost is None:
        live.REMOTE_PORT = hosts.port
    found = [outcome async for outcomes in deliver(hop, letters, patience) for outcome in outcomes]
    assert len(found) == sum(len(one.recipients) for one in letters)
    return found


async def told(hosts: Hosts, *letters: Letter, **options: Any) -> list[str]:
    return [str(outcome.reply) for outcome in await delivered(hosts, *letters, **options)]


async def test_a_letter_reaches_the_best_host_as_it_was_after_our_trace(hosts: Hosts) -> None:
    first, second = await hosts.keep(), await hosts.keep("127.0.0.2")
    [outcome] = await delivered(hosts, letter())
    assert first.messages == [("alice@example.org", ["carol@elsewhere.example"], b"Received: x\r\n" + LETTER)]
    assert second.messages == []
    assert str(outcome.reply) == "250 2.0.0 Kept, thank you"
    assert outcome.host == f"mx1.elsewhere.example [127.0.0.1]:{hosts.port}"
    assert outcome.tls == ""


@pytest.mark.parametrize("offers", [["PIPELINING"], []])
async def test_several_letters_go_over_one_connection_with_an_answer_for_each_recipient(hosts: Hosts, offers: list[str]) -> None:
    kept = await hosts.keep()
    kept.offers = offers
    kept.refuse = {"nobody@elsewhere.example": "550 5.1.1 Who?", "full@elsewhere.example": "452 4.2.2 Full"}
    replies = await told(
        hosts,
        letter("nobody@elsewhere.example"),
        letter("carol@elsewhere.example", "nobody@elsewhere.example", "full@elsewhere.example"),
        letter("dave@elsewhere.example"),
    )
    ok = "250 2.0.0 Kept, thank you"
    assert replies == ["550 5.1.1 Who?", ok, "550 5.1.1 Who?", "452 4.2.2 Full", ok]
    assert len(kept.sessions) == 1
    assert [recipients for _, recipients, _ in kept.messages] == [["carol@elsewhere.example"], ["dave@elsewhere.example"]]


async def test_tls_is_used_where_it_is_offered_whoever_signed_the_certificate(hosts: Hosts) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("other.example").configure_cert(context)
    kept = await hosts.keep(tls=context, require_starttls=True)
    [outcome] = await delivered(hosts, letter())
    assert outcome.reply.positive
    assert outcome.tls.startswith("TLSv1.3 TLS_")
    assert len(kept.messages) == 1


async def test_broken_tls_is_no_reason_not_to_deliver(hosts: Hosts) -> None:
    calls: list[int] = []

    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not calls:
            calls.append(1)
            writer.write(b"220 x\r\n")
            await reader.readline()
            writer.write(b"250-x\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 go\r\n")
            await reader.read(100)
            writer.write(b"this is no handshake\r\n")
        else:
            await polite(reader, writer)

    await hosts.script(broken)
    [outcome] = await delivered(hosts, letter(), patience=QUICK)
    assert outcome.reply.positive
    assert outcome.tls == ""


async def test_replies_slipped_in_before_tls_are_not_believed(hosts: Hosts) -> None:
    """CVE-2026-55558: an attacker appends plain-text replies to the 220, to be read as if they came through TLS."""
    calls = []

    async def mallory(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        if len(calls) > 1:
            await polite(reader, writer, {"RCPT": "550 5.1.1 the truth"})
            return
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250 forged ehlo\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n")
        await reader.read()

    await hosts.script(mallory)
    assert await told(hosts, letter(), patience=QUICK) == ["550 5.1.1 the truth"]


async def test_a_host_without_ehlo_gets_helo(hosts: Hosts) -> None:
    heard: list[bytes] = []

    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, {"EHLO": "500 what?"}, heard=heard)

    await hosts.script(old)
    assert await told(hosts, letter()) == ["250 2.0.0 OK"]
    assert heard[:3] == [b"EHLO mail.example.org\r\n", b"HELO mail.example.org\r\n", b"MAIL FROM:<alice@example.org>\r\n"]


async def test_dsn_wishes_size_and_8bit_are_passed_on_where_they_are_understood(hosts: Hosts) -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, {}, offers="\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 DSN", heard=heard)

    await hosts.script(talk)
    content = LETTER + "grün\r\n".encode()
    wishes = {"envid": "QQ+2B1", "ret": "HDRS", "notify": "SUCCESS,DELAY", "orcpt": "rfc822;Carol+2Btea@Elsewhere.Example"}
    [outcome] = await delivered(hosts, letter(content=content, **wishes))
    assert outcome.dsn
    size = len(b"Received: x\r\n" + content)
    assert heard[1] == f"MAIL FROM:<alice@example.org> SIZE={size} BODY=8BITMIME RET=HDRS ENVID=QQ+2B1\r\n".encode()
    orcpt = b"ORCPT=rfc822;Carol+2Btea@Elsewhere.Example"
    assert heard[2] == b"RCPT TO:<carol@elsewhere.example> NOTIFY=SUCCESS,DELAY " + orcpt + b"\r\n"


@pytest.mark.parametrize(
    ("offers", "fields", "reply"),
    [
        ("\r\n250 SIZE 50", {}, "552 5.3.4"),
        ("", {"content": "Subject: x\r\n\r\ngrün\r\n".encode()}, "554 5.6.3"),
        ("\r\n250 8BITMIME", {"reverse_path": "älice@example.org"}, "553 5.6.7"),
        ("\r\n250 8BITMIME", {"content": "Subject: grün\r\n\r\nx\r\n".encode(), "smtputf8": True}, "553 5.6.7"),
        ("\r\n250 8BITMIME", {"reverse_path": "a\r\nRSET@example.org"}, "553 5.1.3"),
    ],
)
async def test_what_a_host_cannot_take_fails_with_clear_words(
    hosts: Hosts, offers: str, fields: dict[str, Any], reply: str
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, {}, offers=offers)

    await hosts.script(talk)
    plain = letter("dave@elsewhere.example", content=b"x\r\n", prefix=b"")
    first, second = await told(hosts, letter(**fields), plain)
    assert first.startswith(reply)
    assert second == "250 2.0.0 OK"


async def test_smtputf8_is_used_where_it_is_needed_and_only_there(hosts: Hosts) -> None:
    kept = await hosts.keep()
    both = [letter(reverse_path="älice@example.org", smtputf8=True), letter(smtputf8=True)]
    assert all(outcome.reply.positive for outcome in await delivered(hosts, *both))
    assert ["SMTPUTF8" in options for options in kept.options] == [True, False]


@pytest.mark.parametrize(
    "trouble", ["refused", "greeting 421", "greeting 554", "garbage", "hang-up", "silence", "drip", "mail 421"]
)
async def test_the_next_host_is_called_when_one_fails(hosts: Hosts, trouble: str) -> None:
    async def bad(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if trouble.startswith("greeting"):
            writer.write(trouble.removeprefix("greeting ").encode() + b" go away\r\n")
            await reader.readline()
        elif trouble == "garbage":
            writer.write(bytes(range(256)) * 10 + b"\r\n")
        elif trouble == "silence":
            await reader.read()
        elif trouble == "drip":
            for letter in b"220 slowly, so slowly, that nobody should wait for it":
                writer.write(bytes([letter]))
                await asyncio.sleep(0.05)
        elif trouble == "mail 421":
            await polite(reader, writer, {"MAIL": "421 4.3.2 not now"})

    if trouble != "refused":
        await hosts.script(bad)
    second = await hosts.keep("127.0.0.2")
    [outcome] = await delivered(hosts, letter(), patience=QUICK)
    assert outcome.reply.positive
    assert outcome.host.startswith("mx2.elsewhere.example [127.0.0.2]")
    assert len(second.messages) == 1


async def test_a_host_that_is_lost_after_the_dot_is_not_answered_for_and_nobody_else_is_asked(hosts: Hosts) -> None:
    """Whether it has the message is not known: deferring may deliver it twice, anything else may lose it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, {"END": None})

    await hosts.script(talk)
    second = await hosts.keep("127.0.0.2")
    [reply] = await told(hosts, letter(), patience=QUICK)
    assert reply.startswith("451 4.4.2")
    assert second.messages == []


async def test_a_host_that_hangs_up_after_each_message_is_called_again(hosts: Hosts) -> None:
    calls = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        seen = 0
        writer.write(b"220 x\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper()
            if verb == b"MAIL" and seen:
                writer.write(b"421 4.7.0 one is enough\r\n")
                return
            writer.write(b"354 go\r\n" if verb == b"DATA" else b"250 2.0.0 ok\r\n")
            if verb == b"DATA":
                await content_of(reader)
                writer.write(b"250 2.0.0 one\r\n")
                seen += 1

    await hosts.script(talk)
    assert await told(hosts, letter(), letter(), letter()) == ["250 2.0.0 one"] * 3
    assert len(calls) == 3


async def test_one_letter_that_a_host_cannot_bear_does_not_stop_the_others(hosts: Hosts) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        while line := await reader.readline():
            if b"poison" in line:
                return
            writer.write(b"354 go\r\n" if line.startswith(b"DATA") else b"250 2.0.0 ok\r\n")
            if line.startswith(b"DATA"):
                await content_of(reader)
                writer.write(b"250 2.0.0 fine\r\n")

    await hosts.script(talk)
    poison = letter("poison@elsewhere.example")
    outcomes = await delivered(hosts, poison, letter(), letter(), patience=QUICK)
    replies = {outcome.recipient.address: str(outcome.reply)[:9] for outcome in outcomes}
    assert replies["poison@elsewhere.example"].startswith("451 4.4")
    assert sum(outcome.reply.positive for outcome in outcomes) == 2


async def test_a_host_that_refuses_in_the_middle_of_the_content_is_quoted(hosts: Hosts) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        while line := await reader.readline():
            writer.write(b"354 go\r\n" if line.startswith(b"DATA") else b"250 2.0.0 ok\r\n")
            if line.startswith(b"DATA"):
                await reader.read(10_000)
                writer.write(b"552 5.3.4 enough\r\n")
                await writer.drain()
                await asyncio.sleep(0.1)
                return

    await hosts.script(talk)
    large = letter(content=b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 500_000 + b"\r\n")
    [reply] = await told(hosts, large, patience=replace(QUICK, block=5))
    assert reply == "552 5.3.4 enough"


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ({"MAIL": "550-5.7.1 We do not\r\n550 5.7.1 like you"}, "550 5.7.1 We do not like you"),
        ({"DATA": "451 4.3.0 later"}, "451 4.3.0 later"),
        ({"DATA": "554 5.5.1 no"}, "554 5.5.1 no"),
        ({"DATA": "250 2.0.0 sure"}, "451 4.5.0 The host answered out of turn: 250 2.0.0 sure"),
        ({"END": "354 more"}, "451 4.5.0 The host answered out of turn: 354 more"),
        ({"END": "550 5.6.0 spam \x1b[31m"}, "550 5.6.0 spam \\x1b[31m"),
        ({"RCPT": "552 too many"}, "452 4.5.3 too many"),
        ({"RCPT": "250-" + "x" * 900 + "\r\n250 ok"}, "250 2.0.0 OK"),
    ],
)
async def test_every_word_of_the_remote_is_kept(hosts: Hosts, answers: dict[str, str | None], reply: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, answers)

    await hosts.script(talk)
    assert await told(hosts, letter(), patience=QUICK) == [reply]


async def test_a_reply_of_a_megabyte_is_not_listened_to(hosts: Hosts) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write((b"250-" + b"x" * 500 + b"\r\n") * 2_000 + b"250 x\r\n")
        await reader.read()

    await hosts.script(talk)
    [reply] = await told(hosts, letter(), patience=QUICK)
    assert reply.startswith("451 4.4.1") or "longer than" in reply


async def test_a_pipelining_host_that_takes_data_for_nobody_gets_an_empty_end(hosts: Hosts) -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers: dict[str, str | None] = {"RCPT": "550 5.1.1 who?", "END": "554 5.5.1 no valid recipients"}
        await polite(reader, writer, answers, offers="\r\n250 PIPELINING", heard=heard)

    await hosts.script(talk)
    assert await told(hosts, letter(), letter()) == ["550 5.1.1 who?"] * 2
    assert heard.count(b"") == 2  # the contents of both
    assert heard.count(b"RSET\r\n") == 1


async def test_more_recipients_than_a_transaction_bears_go_in_several(hosts: Hosts) -> None:
    kept = await hosts.keep()
    everybody = [f"reader{n}@elsewhere.example" for n in range(250)]
    outcomes = await delivered(hosts, letter(*everybody))
    assert [len(recipients) for _, recipients, _ in kept.messages] == [100, 100, 50]
    assert [outcome.recipient.address for outcome in outcomes] == everybody


async def test_large_content_is_streamed_and_arrives_exactly(hosts: Hosts) -> None:
    kept = await hosts.keep(data_size_limit=20_000_000)
    content = b"Subject: large\r\n\r\n" + b".0123456789abcdef\r\n" * 200_000
    assert await told(hosts, letter(content=content)) == ["250 2.0.0 Kept, thank you"]
    assert kept.messages[0][2] == b"Received: x\r\n" + content


@pytest.fixture
def smarthost(settings: Any) -> Any:
    settings.SMARTHOST_USER, settings.SMARTHOST_PASSWORD = "house", "secret"
    return settings


async def _relay(hosts: Hosts, authority: trustme.CA) -> Kept:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return await hosts.keep(
        tls=context,
        auth_required=True,
        auth_callback=lambda mechanism, login, password: (login, password) == (b"house", b"secret"),
    )


@pytest.mark.parametrize("password", ["secret", "wrong"])
async def test_the_smart_host_gets_our_password_inside_tls_that_proves_its_name(
    hosts: Hosts, smarthost: Any, nameserver: DnsServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    authority = trustme.CA()
    nameserver.add("localhost", "A", "127.0.0.1")
    kept = await _relay(hosts, authority)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(tls, "_verifying", lambda: trusting)
    smarthost.SMARTHOST_PASSWORD = password
    [outcome] = await delivered(hosts, letter(), hop=Remote("", ("localhost", hosts.port)), patience=QUICK)
    if password == "secret":
        assert outcome.reply.positive
        assert outcome.tls.startswith("TLSv1.3")
        assert len(kept.messages) == 1
    else:
        assert str(outcome.reply).startswith("454 4.7.0 The smart host refused our login: 535")


async def test_the_smart_host_without_a_proven_name_does_not_get_our_password(
    hosts: Hosts, smarthost: Any, nameserver: DnsServer
) -> None:
    nameserver.add("localhost", "A", "127.0.0.1")
    kept = await _relay(hosts, trustme.CA())
    [outcome] = await delivered(hosts, letter(), hop=Remote("", ("localhost", hosts.port)), patience=QUICK)
    assert outcome.reply.temporary
    assert "TLS failed" in outcome.reply.text
    assert kept.messages == []


async def test_no_content_ends_early_for_any_host_however_it_reads(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts that take bare CR or LF for a line's end, or drop NUL, find one lone dot as well: the last."""
    heard: list[bytes] = []
    monkeypatch.setattr(remote_hosts, "content_of", lambda reader: reader.readuntil(TRUE_END))
    await hosts.script(lambda reader, writer: polite(reader, writer, heard=heard))
    contents = [LETTER + b"hello" + trick + SMUGGLED for trick in [*TRICKS, TRUE_END]]
    outcomes = await delivered(hosts, *(letter(content=content) for content in contents))
    assert {str(outcome.reply) for outcome in outcomes} == {"250 2.0.0 OK"}
    sent = [wire for wire in heard if wire.startswith(b"Received: x")]
    assert len(sent) == len(contents)
    for wire in sent:
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
        for seen in (wire, wire.replace(b"\0", b""), wire.replace(b"\0", b" ")):
            lines = re.split(rb"\r\n|\r|\n", seen)
            assert (lines.count(b"."), lines[-2:]) == (1, [b".", b""])
