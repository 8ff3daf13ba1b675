"""The resolver against a real DNS server, well and ill."""

from __future__ import annotations

import asyncio
import contextlib
import gc

import pytest

from mailsuite.net.dns import DnsTrouble, NoSuchName, Resolver, get_resolver
from tests.dns_server import GARBAGE, SILENT, TRUNCATED, DnsServer


@pytest.fixture
def server(nameserver: DnsServer) -> DnsServer:
    nameserver.add("example.org", "MX", "20 backup.example.org", "10 mx.example.org")
    nameserver.add("example.org", "TXT", "v=spf1 mx -all", [b"two ", b"strings"])
    nameserver.add("mx.example.org", "A", "192.0.2.1")
    nameserver.add("mx.example.org", "AAAA", "2001:db8::1")
    return nameserver


def impatient(server: DnsServer) -> Resolver:
    return Resolver(server.host_port, timeout=0.1, lifetime=0.25)


async def test_each_kind_of_record_comes_as_plain_values(server: DnsServer) -> None:
    server.add("1.2.0.192.in-addr.arpa", "PTR", "MX.example.org")
    resolver = get_resolver()
    assert await resolver.mx("example.org") == [(10, "mx.example.org"), (20, "backup.example.org")]
    assert sorted(await resolver.txt("example.org")) == [b"two strings", b"v=spf1 mx -all"]
    assert await resolver.a("mx.example.org.") == ["192.0.2.1"]
    assert await resolver.aaaa("MX.EXAMPLE.ORG") == ["2001:db8::1"]
    assert await resolver.ptr("192.0.2.1") == ["mx.example.org"]


async def test_a_null_mx_has_an_empty_host(server: DnsServer) -> None:
    server.add("never.example", "MX", "0 .")
    assert await get_resolver().mx("never.example") == [(0, "")]


async def test_no_such_name_and_no_such_record_are_two_things(server: DnsServer) -> None:
    with pytest.raises(NoSuchName):
        await get_resolver().a("nowhere.example.org")
    assert await get_resolver().a("example.org") == []


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..example", "x." * 130 + "example", "bücher.example", ".example"])
async def test_a_name_that_cannot_be_does_not_exist(server: DnsServer, name: str) -> None:
    with pytest.raises(NoSuchName):
        await get_resolver().txt(name)
    assert server.queries == []


async def test_a_backslash_is_a_character_like_others(server: DnsServer) -> None:
    with pytest.raises(NoSuchName):
        await get_resolver().txt(r"mx\.example.org")
    assert server.queries == [(r"mx\.example.org", "TXT")]


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED", "FORMERR", SILENT, GARBAGE])
async def test_every_fault_is_trouble_and_heals(server: DnsServer, fault: str) -> None:
    resolver = impatient(server)
    server.fail("example.org", fault)
    with pytest.raises(DnsTrouble):
        await resolver.a("mx.example.org")
    server.heal()
    assert await get_resolver().a("mx.example.org") == ["192.0.2.1"]


async def test_a_truncated_answer_is_asked_again_over_tcp(server: DnsServer) -> None:
    server.fail("example.org", TRUNCATED)
    assert await get_resolver().a("mx.example.org") == ["192.0.2.1"]


async def test_a_huge_record_arrives_whole(server: DnsServer) -> None:
    server.add("big.example", "TXT", "x" * 60_000)
    assert await get_resolver().txt("big.example") == [b"x" * 60_000]


async def test_a_chain_of_cnames_is_followed_and_a_circle_is_trouble(server: DnsServer) -> None:
    for here, there in ("a1", "a2"), ("a2", "a3"), ("a3", "mx"), ("b1", "b2"), ("b2", "b1"):
        server.add(f"{here}.example.org", "CNAME", f"{there}.example.org")
    assert await get_resolver().a("a1.example.org") == ["192.0.2.1"]
    with pytest.raises(DnsTrouble):
        await get_resolver().a("b1.example.org")


async def test_an_answer_is_kept_for_its_ttl_and_a_denial_too(server: DnsServer) -> None:
    server.ttl = 300
    resolver = get_resolver()
    for _ in range(3):
        assert await resolver.a("mx.example.org") == ["192.0.2.1"]
        with pytest.raises(NoSuchName):
            await resolver.a("nowhere.example")
    assert sorted(server.queries) == [("mx.example.org", "A"), ("nowhere.example", "A")]
    resolver.forget()
    await resolver.a("mx.example.org")
    assert len(server.queries) == 3


async def test_a_huge_answer_is_not_kept(server: DnsServer) -> None:
    server.ttl = 300
    server.add("big.example", "TXT", "x" * 60_000)
    for _ in range(2):
        assert len((await get_resolver().txt("big.example"))[0]) == 60_000
    assert server.queries.count(("big.example", "TXT")) == 4  # each time over UDP, then TCP


async def test_the_same_question_at_the_same_time_is_asked_once(server: DnsServer) -> None:
    answers = await asyncio.gather(*(get_resolver().a("mx.example.org") for _ in range(50)))
    assert answers == [["192.0.2.1"]] * 50
    assert server.queries == [("mx.example.org", "A")]


async def test_one_who_gives_up_does_not_take_the_answer_from_another(server: DnsServer) -> None:
    first = asyncio.create_task(get_resolver().a("mx.example.org"))
    second = asyncio.create_task(get_resolver().a("mx.example.org"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ["192.0.2.1"]


async def test_trouble_that_nobody_waits_for_is_silent(server: DnsServer, caplog: pytest.LogCaptureFixture) -> None:
    server.fail("", "SERVFAIL")
    resolver = get_resolver()
    task = asyncio.create_task(resolver.a("mx.example.org"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, *resolver._asked.values(), return_exceptions=True)
    gc.collect()
    assert not caplog.records


async def test_a_transaction_may_not_ask_without_end(server: DnsServer) -> None:
    limited = get_resolver().limited(questions=2, seconds=60)
    await limited.a("mx.example.org")
    await limited.aaaa("mx.example.org")
    with pytest.raises(DnsTrouble, match="too many"):
        await limited.a("mx.example.org")


async def test_a_transaction_may_not_wait_without_end(server: DnsServer) -> None:
    server.fail("", SILENT)
    with pytest.raises(DnsTrouble, match="out of time"):
        await Resolver(server.host_port, lifetime=60).limited(questions=10, seconds=0.05).a("mx.example.org")


async def test_while_dns_is_away_nobody_waits_long_for_it(server: DnsServer) -> None:
    resolver = Resolver(server.host_port, timeout=0.1, lifetime=0.6)
    server.fail("", SILENT)
    for _ in range(2):
        assert resolver._patience() == 0.6
        with pytest.raises(DnsTrouble, match="no answer"):
            await resolver.a("mx.example.org")
    assert resolver._patience() == 0.5


async def test_the_first_answer_ends_the_impatience(server: DnsServer) -> None:
    resolver = Resolver(server.host_port, lifetime=60)
    resolver._unanswered = 2
    while resolver._unanswered:  # a slow machine may need more than one probe
        with contextlib.suppress(DnsTrouble):
            await resolver.a("mx.example.org")
    assert resolver._patience() == 60


def test_each_event_loop_has_its_own_resolver(server: DnsServer) -> None:
    async def ask() -> list[str]:
        return await get_resolver().a("mx.example.org")

    assert asyncio.run(ask()) == asyncio.run(ask()) == ["192.0.2.1"]
