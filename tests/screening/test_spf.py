"""SPF with a real DNS server that is slow, ill or hostile."""

from __future__ import annotations

import pytest

from mailsuite.net.dns import get_resolver
from mailsuite.screening import spf
from tests.dns_server import DnsServer

CLIENT = "192.0.2.7"


async def result(reverse_path: str = "carol@elsewhere.example", ip: str = CLIENT) -> str:
    return (await spf.check(get_resolver(), ip, "mail.elsewhere.example", reverse_path)).result


async def test_names_are_followed_to_addresses(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 mx include:provider.example -all")
    nameserver.add("elsewhere.example", "MX", "10 mx.elsewhere.example", "20 nowhere.elsewhere.example")
    nameserver.add("mx.elsewhere.example", "CNAME", "host.elsewhere.example")
    nameserver.add("host.elsewhere.example", "A", CLIENT)
    nameserver.add("host.elsewhere.example", "AAAA", "2001:db8::7")
    nameserver.add("provider.example", "TXT", [b"v=spf1 ip4:203.0.113.0/24 ", b"~all"])
    assert await result() == "pass"
    assert await result(ip="2001:db8::7") == "pass"
    assert await result(ip="203.0.113.200") == "pass"
    assert await result(ip="198.51.100.1") == "fail"


async def test_a_name_of_the_host_itself_counts_only_both_ways(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 ptr -all")
    nameserver.add("7.2.0.192.in-addr.arpa", "PTR", "liar.elsewhere.example")
    assert await result() == "fail"
    nameserver.add("liar.elsewhere.example", "A", CLIENT)
    assert await result() == "pass"


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED"])
async def test_trouble_is_a_temperror_wherever_it_comes(nameserver: DnsServer, fault: str) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 a:trouble.example -all")
    nameserver.fail("trouble.example", fault)
    assert await result() == "temperror"
    nameserver.fail("elsewhere.example", fault)
    assert await result() == "temperror"


@pytest.mark.parametrize("local", ["a\\.b", "ü", '"', "x" * 64, "%{d}", "a b"])
async def test_a_strange_local_part_is_only_a_name_that_does_not_exist(nameserver: DnsServer, local: str) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 exists:%{l}.users.elsewhere.example -all")
    assert await result(f"{local}@elsewhere.example") == "fail"


async def test_a_record_that_includes_itself_in_a_circle_ends(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 include:b.example -all")
    nameserver.add("b.example", "TXT", "v=spf1 include:elsewhere.example -all")
    assert await result() == "permerror"
    assert len(nameserver.queries) <= 12


async def test_a_record_that_fans_out_is_stopped(nameserver: DnsServer) -> None:
    for name in range(12):
        nameserver.add(f"m{name}.example", "MX", *(f"10 h{host}.m{name}.example" for host in range(10)))
        for host in range(10):
            nameserver.add(f"h{host}.m{name}.example", "A", "203.0.113.1")
    nameserver.add("elsewhere.example", "TXT", "v=spf1 " + " ".join(f"mx:m{name}.example" for name in range(12)) + " -all")
    assert await result() == "permerror"
    assert len(nameserver.queries) <= 1 + 10 * 11


async def test_a_huge_record_is_a_permerror(nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 " + "ip4:192.0.2.1 " * 4_000 + "-all")
    assert await result() == "permerror"
