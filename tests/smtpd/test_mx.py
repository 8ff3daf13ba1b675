"""Mail from strangers, as they send it over a real connection."""

from __future__ import annotations

import asyncio
import re

import pytest
from django.conf import settings

from mailsuite.accounts.models import Account, Address, AliasTarget
from mailsuite.bridge import in_db
from mailsuite.queue.models import Envelope, Recipient
from mailsuite.smtpd.mx import BlobSink, Directory
from mailsuite.smtpd.transaction import Transaction
from tests.dns_server import DnsServer
from tests.smtpd.conftest import LETTER, Connect, accepted


async def test_a_letter_for_alice_is_in_the_queue_byte_for_byte_once_it_is_answered_with_250(connect: Connect) -> None:
    client = await connect()
    reply = await client.send(LETTER)
    [(envelope, content, recipients)] = await accepted()
    assert reply == f"250 2.0.0 Accepted as {envelope.pk}"
    assert content == LETTER
    assert recipients == ["alice@example.org"]
    assert envelope.reverse_path == "carol@elsewhere.example"
    assert envelope.origin == Envelope.Origin.MX


async def test_the_trace_stands_beside_the_content_and_names_the_only_recipient(connect: Connect) -> None:
    client = await connect()
    await client.send(LETTER)
    [(envelope, _, _)] = await accepted()
    trace = bytes(envelope.trace).decode()
    results, _, received = trace.partition("Received: ")
    assert results.startswith(f"Authentication-Results: {settings.HOSTNAME};")
    assert received.startswith("from client.elsewhere.example ([127.0.0.1])")
    assert "with ESMTP id " in re.sub(r"\r\n\t", " ", trace)
    assert "for <alice@example.org>;" in trace
    assert trace.endswith("+0000\r\n")


async def test_two_recipients_are_not_named_in_the_trace(connect: Connect) -> None:
    client = await connect()
    await client.send(LETTER, "alice@example.org", "bob@example.org")
    [(envelope, _, recipients)] = await accepted()
    assert recipients == ["alice@example.org", "bob@example.org"]
    assert b" for <" not in bytes(envelope.trace)


async def test_ehlo_names_every_extension_and_no_password_is_asked_for(connect: Connect) -> None:
    client = await connect(ehlo=False)
    lines = (await client.say("EHLO x")).split("\n")
    words = [line[4:] for line in lines[1:]]
    assert words == [
        f"SIZE {settings.MESSAGE_SIZE_LIMIT}",
        "PIPELINING",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "CHUNKING",
        "DSN",
        "STARTTLS",
    ]
    assert (await client.login()).startswith("502 5.5.1")


@pytest.mark.parametrize("address", ["nobody@example.org", "NOBODY+tag@EXAMPLE.ORG"])
async def test_an_unknown_recipient_is_refused_with_550_5_1_1(connect: Connect, address: str) -> None:
    client = await connect()
    await client.envelope()
    assert (await client.say(f"RCPT TO:<{address}>")).startswith("550 5.1.1 ")
    assert (await client.say("DATA")).startswith("503 5.5.1 ")


@pytest.mark.parametrize(
    "address",
    [
        "dave@elsewhere.example",
        "dave%elsewhere.example@elsewhere.example",
        "dave@[192.0.2.1]",
        "@example.org:dave@elsewhere.example",
    ],
)
async def test_nobody_is_relayed_for(connect: Connect, address: str) -> None:
    client = await connect()
    await client.envelope()
    assert (await client.say(f"RCPT TO:<{address}>")).startswith("550 5.7.1 ")


async def test_the_other_recipients_get_a_message_that_one_refused_recipient_does_not(connect: Connect) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    assert (await client.say("RCPT TO:<nobody@example.org>")).startswith("550")
    await client.say("DATA")
    client.write(LETTER + b".\r\n")
    assert (await client.read()).startswith("250 2.0.0")
    [(_, _, recipients)] = await accepted()
    assert recipients == ["alice@example.org"]


async def test_an_alias_becomes_a_row_for_each_of_its_targets_and_remembers_what_was_asked_for(connect: Connect) -> None:
    client = await connect()
    await client.send(LETTER, "team@example.org", "away@example.org")
    rows = await in_db(lambda: list(Recipient.objects.order_by("pk").values_list("address", "original", "account__login")))
    assert rows == [
        ("alice@example.org", "team@example.org", "alice@example.org"),
        ("bob@example.org", "team@example.org", "bob@example.org"),
        ("carol@elsewhere.example", "away@example.org", None),
    ]


@pytest.mark.parametrize("hostname", ["example.org", "mail.example.org"])
async def test_postmaster_without_a_domain_is_somebody(connect: Connect, monkeypatch: pytest.MonkeyPatch, hostname: str) -> None:
    monkeypatch.setattr(settings, "HOSTNAME", hostname)
    client = await connect()
    await client.envelope()
    assert (await client.say("RCPT TO:<Postmaster>")).startswith("250 2.1.5")
    assert (await client.say("RCPT TO:<nobody@mail.example.org>")).startswith("550 5.7.1")


async def test_the_null_reverse_path_is_a_sender_like_any(connect: Connect) -> None:
    client = await connect()
    assert (await client.send(LETTER, sender="")).startswith("250")
    [(envelope, _, _)] = await accepted()
    assert envelope.reverse_path == ""


async def test_a_whole_pipelined_session_is_answered_in_order_and_in_few_packets(connect: Connect) -> None:
    client = await connect()
    client.write(
        b"MAIL FROM:<carol@elsewhere.example>\r\nRCPT TO:<nobody@example.org>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
    )
    codes = [(await client.read())[:9] for _ in range(4)]
    assert codes == ["250 2.1.0", "550 5.1.1", "250 2.1.5", "354 End d"]
    client.write(LETTER + b".\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n" + LETTER + b".\r\nNOOP\r\nQUIT\r\n")
    codes = [(await client.read())[:9] for _ in range(7)]
    assert codes == ["250 2.0.0", "250 2.1.0", "250 2.1.5", "354 End d", "250 2.0.0", "250 2.0.0", "221 2.0.0"]
    assert await client.gone()
    assert len(await accepted()) == 2


async def test_a_client_that_closes_its_side_at_once_is_still_answered(connect: Connect) -> None:
    client = await connect(ehlo=False)
    client.write(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n" + LETTER + b".\r\nQUIT\r\n")
    client.writer.write_eof()
    replies = [(await client.read())[:3] for _ in range(6)]
    assert replies == ["250", "250", "250", "354", "250", "221"]
    assert await client.gone()


async def test_a_connection_that_breaks_within_data_leaves_nothing(connect: Connect) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    await client.say("DATA")
    client.write(LETTER)
    await client.writer.drain()
    client.writer.transport.abort()
    other = await connect()
    assert (await other.send(LETTER, "bob@example.org")).startswith("250")
    assert [recipients for _, _, recipients in await accepted()] == [["bob@example.org"]]


async def test_so_many_large_letters_are_under_way_at_once_and_no_more(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlobSink, "most_large", 1)
    large = LETTER + b"0123456789abc\r\n" * 50_000
    first, second, third = [await connect() for _ in range(3)]
    await first.envelope("alice@example.org")
    await first.say("DATA")
    first.write(large)
    async with asyncio.timeout(20):
        while not BlobSink.large:
            await asyncio.sleep(0.01)
    assert (await second.send(large)).startswith("452 4.3.1")
    assert (await third.send(LETTER)).startswith("250")
    first.write(b".\r\n")
    assert (await first.read()).startswith("250")
    assert (await second.send(large, "bob@example.org")).startswith("250")
    assert sorted(content for _, content, _ in await accepted()) == sorted([large, LETTER, large])
    await third.envelope("alice@example.org")
    await third.say("DATA")
    third.write(large)
    await third.writer.drain()
    third.writer.transport.abort()
    async with asyncio.timeout(20):
        while BlobSink.large:
            await asyncio.sleep(0.01)


async def test_dsn_wishes_are_kept_as_they_were_written(connect: Connect) -> None:
    client = await connect()
    assert (await client.say("MAIL FROM:<carol@elsewhere.example> RET=hdrs ENVID=QQ+2B314159 BODY=8BITMIME")).startswith("250")
    rcpt = "RCPT TO:<alice@example.org> NOTIFY=success,DELAY ORCPT=rfc822;Alice.Smith+2Btea@Example.Org"
    assert (await client.say(rcpt)).startswith("250")
    await client.say("DATA")
    client.write(LETTER + b".\r\n")
    await client.read()
    [(envelope, _, _)] = await accepted()
    row = await in_db(lambda: Recipient.objects.get())
    assert (envelope.ret, envelope.envid, envelope.body_8bit) == ("HDRS", "QQ+2B314159", True)
    assert (row.notify, row.orcpt) == ("SUCCESS,DELAY", "rfc822;Alice.Smith+2Btea@Example.Org")


async def test_a_thousand_recipients_are_taken_and_the_next_is_asked_to_come_later(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailsuite.smtpd.limits.MOST_RECIPIENTS", 3)
    client = await connect()
    await client.envelope(*[f"alice+{n}@example.org" for n in range(3)])
    assert (await client.say("RCPT TO:<bob@example.org>")).startswith("452 4.5.3")


async def test_a_message_that_has_made_too_many_hops_is_refused(connect: Connect) -> None:
    client = await connect()
    looping = b"Received: from a by b; Mon, 1 Jan 2026 00:00:00 +0000\r\n" * (settings.HOP_LIMIT + 1) + LETTER
    assert (await client.send(looping)).startswith("554 5.4.6")
    assert await accepted() == []


async def test_ten_messages_of_ten_clients_are_committed_together(connect: Connect) -> None:
    clients = [await connect() for _ in range(10)]
    replies = await asyncio.gather(*(client.send(LETTER) for client in clients))
    assert all(reply.startswith("250 2.0.0") for reply in replies)
    assert len(await accepted()) == 10


async def test_smtputf8_addresses_need_the_parameter(connect: Connect) -> None:
    client = await connect()
    assert (await client.say("MAIL FROM:<жук@elsewhere.example>")).startswith("553 5.6.7")
    assert (await client.say("MAIL FROM:<жук@elsewhere.example> SMTPUTF8")).startswith("250")
    assert (await client.say("RCPT TO:<alice@example.org>")).startswith("250")
    await client.say("DATA")
    client.write(LETTER + b".\r\n")
    await client.read()
    [(envelope, _, _)] = await accepted()
    assert envelope.smtputf8
    assert envelope.reverse_path == "жук@elsewhere.example"
    assert b"with UTF8SMTP" in bytes(envelope.trace).replace(b"\r\n\t", b" ")


async def test_a_forgery_of_a_domain_with_p_reject_is_refused_and_not_queued(connect: Connect, nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 -all")
    nameserver.add("_dmarc.elsewhere.example", "TXT", "v=DMARC1; p=reject")
    client = await connect()
    assert (await client.send(LETTER)).startswith("550 5.7.1 ")
    large = LETTER + b"x" * 78 + b"\r\n" + b"y" * 300_000 + b"\r\n"
    assert (await client.send(large)).startswith("550 5.7.1 ")
    assert await accepted() == []


async def test_what_a_domain_asks_to_distrust_is_taken_and_marked_as_junk(connect: Connect, nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 -all")
    nameserver.add("_dmarc.elsewhere.example", "TXT", "v=DMARC1; p=quarantine")
    client = await connect()
    await client.starttls()
    await client.say("EHLO client.elsewhere.example")
    assert (await client.send(LETTER)).startswith("250")
    [(envelope, _, _)] = await accepted()
    assert envelope.verdict["junk"] is True


async def test_a_full_mailbox_is_told_before_the_content_comes(connect: Connect, members: dict[str, Account]) -> None:
    await in_db(Account.objects.filter(login="alice@example.org").update, quota=1_000)
    client = await connect()
    await client.say("MAIL FROM:<carol@elsewhere.example> SIZE=2000")
    assert (await client.say("RCPT TO:<alice@example.org>")).startswith("452 4.2.2")
    assert (await client.say("RCPT TO:<bob@example.org>")).startswith("250")
    await client.say("RSET")
    assert (await client.send(LETTER)).startswith("250")


async def test_many_names_of_a_large_alias_are_not_kept_in_memory(members: dict[str, Account]) -> None:
    def grow() -> None:
        team = Address.objects.get(local_part="team")
        AliasTarget.objects.bulk_create(AliasTarget(address=team, target=f"n{n}@elsewhere.example") for n in range(30))

    await in_db(grow)
    directory, transaction = Directory(), Transaction()
    found = [await directory.find(f"team+{n}@example.org") for n in range(3)]
    assert [len(one.destinations) for one in found] == [32, 32, 32]
    assert directory._known == {}
    assert [len(transaction.fresh(one.destinations)) for one in found] == [32, 0, 0]
