"""Signatures of messages on their way in, with keys in a real DNS server."""

from __future__ import annotations

import asyncio
import threading

import pytest

from mailsuite.net.dns import get_resolver
from mailsuite.protocol import dkim as standard
from mailsuite.screening import dkim
from mailsuite.screening.dkim import DkimResult, Incoming
from tests.dns_server import TRUNCATED, DnsServer

PRIVATE, PUBLIC = standard.new_key()
KEY = "s1._domainkey.elsewhere.example"
LETTER = b"From: carol@elsewhere.example\r\nSubject: Hello\r\n\r\nHello.\r\n"


def signed(content: bytes = LETTER, domain: str = "elsewhere.example") -> bytes:
    return standard.sign(content, domain, "s1", PRIVATE, signed_at=1_795_000_000) + content


async def verify(content: bytes) -> list[DkimResult]:
    return await dkim.verify(Incoming.read(content), get_resolver())


async def test_what_is_not_signed_asks_nothing(nameserver: DnsServer) -> None:
    assert await verify(LETTER) == []
    assert nameserver.queries == []


async def test_a_result_says_who_signed(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "TXT", standard.dns_value(PUBLIC))
    (found,) = await verify(signed())
    assert (found.result, found.domain, found.selector, found.algorithm) == ("pass", "elsewhere.example", "s1", "rsa-sha256")
    assert len(found.value) == 8


async def test_a_key_behind_a_chain_of_names_and_over_tcp_is_found(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "CNAME", "k1.provider.example")
    nameserver.add("k1.provider.example", "CNAME", "k2.provider.example")
    nameserver.add("k2.provider.example", "TXT", standard.dns_value(PUBLIC))
    nameserver.fail("elsewhere.example", TRUNCATED)
    assert [found.result for found in await verify(signed())] == ["pass"]


@pytest.mark.parametrize("records", [["nonsense"], [b"\xff" * 60_000], ["v=DKIM1; p="], ["x"] * 50], ids=range(4))
async def test_a_record_that_is_no_key_is_a_permerror(nameserver: DnsServer, records: list[str]) -> None:
    nameserver.add(KEY, "TXT", *records)
    assert [found.result for found in await verify(signed())] == ["permerror"]


async def test_one_good_key_beside_another_record_is_enough(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "TXT", "v=verification-of-something", standard.dns_value(PUBLIC))
    assert [found.result for found in await verify(signed())] == ["pass"]


async def test_no_key_is_a_permerror_and_no_answer_a_temperror(nameserver: DnsServer) -> None:
    assert [(found.result, found.reason) for found in await verify(signed())] == [("permerror", "no key in DNS")]
    nameserver.fail("elsewhere.example", "SERVFAIL")
    assert [found.result for found in await verify(signed())] == ["temperror"]


async def test_a_hundred_signatures_cost_no_more_than_eight(nameserver: DnsServer) -> None:
    content = LETTER
    for number in range(100):
        content = signed(LETTER, f"d{number}.example").removesuffix(LETTER) + content
    assert len(await verify(content)) == 8
    assert len(nameserver.queries) == 8


async def test_one_bad_signature_hides_no_good_one(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "TXT", standard.dns_value(PUBLIC))
    content = b"DKIM-Signature: v=1; nonsense\r\nDKIM-Signature:\r\n" + signed()
    assert [found.result for found in await verify(content)] == ["permerror", "permerror", "pass"]


async def test_a_large_body_is_hashed_beside_the_event_loop(nameserver: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    nameserver.add(KEY, "TXT", standard.dns_value(PUBLIC))
    threads = []
    hash_now = dkim._hash_now
    monkeypatch.setattr(dkim, "_hash_now", lambda *given: threads.append(threading.current_thread()) or hash_now(*given))
    large = signed(LETTER + b"line \t of  text \r\n" * 200_000)
    assert [found.result for found in await verify(large)] == ["pass"]
    assert [found.result for found in await verify(signed())] == ["pass"]
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


async def test_many_messages_at_once_share_one_question(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "TXT", standard.dns_value(PUBLIC))
    found = await asyncio.gather(*(verify(signed()) for _ in range(20)))
    assert {one.result for (one,) in found} == {"pass"}
    assert len(nameserver.queries) == 1


async def test_a_header_without_end_is_cut_off(nameserver: DnsServer) -> None:
    nameserver.add(KEY, "TXT", standard.dns_value(PUBLIC))
    chunks = (b"X: y\r\n" * 10_000 for _ in range(100))
    message = Incoming.read(chunks)
    assert len(message.header) <= 1_100_000
    assert await dkim.verify(message, get_resolver()) == []
