"""Which hosts are called for a domain, asked of a real DNS server."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.delivery.hosts import NoHost, targets
from mailsuite.delivery.route import Remote
from tests.dns_server import SILENT, DnsServer


async def _called(domain: str) -> list[tuple[str, str]]:
    return [(target.name, target.address) async for target in targets(Remote(domain))]


async def _refusal(domain: str) -> str:
    with pytest.raises(NoHost) as refused:
        await _called(domain)
    return str(refused.value.reply)


async def test_hosts_are_called_by_preference_and_both_families_by_turns(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "MX", "20 b.elsewhere.example", "10 a.elsewhere.example")
    nameserver.add("a.elsewhere.example", "A", "192.0.2.1", "192.0.2.2")
    nameserver.add("a.elsewhere.example", "AAAA", "2001:db8::1")
    nameserver.add("b.elsewhere.example", "A", "192.0.2.3")
    first, *middle, last = await _called("elsewhere.example")
    assert first == ("a.elsewhere.example", "2001:db8::1")
    assert sorted(middle) == [("a.elsewhere.example", "192.0.2.1"), ("a.elsewhere.example", "192.0.2.2")]
    assert last == ("b.elsewhere.example", "192.0.2.3")


async def test_equal_hosts_share_the_load(nameserver: DnsServer) -> None:
    names = [f"mx{n}.elsewhere.example" for n in range(4)]
    nameserver.add("elsewhere.example", "MX", *(f"10 {name}" for name in names))
    for name in names:
        nameserver.add(name, "A", "192.0.2.1")
    firsts = {(await _called("elsewhere.example"))[0][0] for _ in range(60)}
    assert len(firsts) > 1


async def test_a_domain_without_mx_is_its_own_host(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "A", "192.0.2.1")
    assert await _called("elsewhere.example") == [("elsewhere.example", "192.0.2.1")]


@pytest.mark.parametrize(("domain", "address"), [("[192.0.2.9]", "192.0.2.9"), ("[IPv6:2001:db8::9]", "2001:db8::9")])
async def test_an_address_literal_needs_no_dns(nameserver: DnsServer, domain: str, address: str) -> None:
    assert await _called(domain) == [(domain, address)]
    assert nameserver.queries == []


async def test_a_null_mx_is_final(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "MX", "0 .")
    assert (await _refusal("elsewhere.example")).startswith("556 5.1.10")


async def test_a_domain_that_does_not_exist_is_final(nameserver: DnsServer) -> None:
    assert (await _refusal("elsewhere.example")).startswith("550 5.1.2")


@pytest.mark.parametrize("how", ["SERVFAIL", "REFUSED", SILENT])
async def test_dns_trouble_is_never_final(nameserver: DnsServer, how: str, settings: Any) -> None:
    nameserver.fail("elsewhere.example", how)
    assert (await _refusal("elsewhere.example")).startswith("451 4.4.3")


async def test_a_host_without_address_is_final_only_if_every_host_is_so(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "MX", "10 a.elsewhere.example", "20 b.other.example")
    assert (await _refusal("elsewhere.example")).startswith("550 5.4.4")
    nameserver.fail("other.example")
    assert (await _refusal("elsewhere.example")).startswith("451 4.4.3")


async def test_where_we_are_a_host_of_the_domain_only_better_ones_are_called(nameserver: DnsServer, settings: Any) -> None:
    settings.HOSTNAME = "mail.example.org"
    nameserver.add("elsewhere.example", "MX", "10 a.elsewhere.example", "20 mail.example.org", "30 c.elsewhere.example")
    for name in ("a.elsewhere.example", "mail.example.org", "c.elsewhere.example"):
        nameserver.add(name, "A", "192.0.2.1")
    assert [name for name, _ in await _called("elsewhere.example")] == ["a.elsewhere.example"]
    nameserver.add("loop.example", "MX", "10 mail.example.org")
    assert (await _refusal("loop.example")).startswith("554 5.4.6")
