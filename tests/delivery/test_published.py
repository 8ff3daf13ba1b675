"""An operator hears what is missing in DNS, as the world sees it."""

from __future__ import annotations

import asyncio
import io

import pytest
from django.core.management import CommandError, call_command

from mailsuite.accounts.models import DkimKey, Domain
from mailsuite.accounts.provision import add_domain, dns_records
from mailsuite.delivery.published import Finding, State, check
from mailsuite.net.dns import Resolver
from mailsuite.protocol.dkim import dns_value, new_key
from tests.dns_server import DnsServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def domain(nameserver: DnsServer, settings: object) -> Domain:
    """example.org, with every record published as we asked for it."""
    settings.HOSTNAME = "mx.example.org"  # type: ignore[attr-defined]
    domain = add_domain("example.org")
    for record in dns_records(domain):
        nameserver.add(record.name, record.type, record.value)
    return domain


def states(domain: Domain, server: DnsServer) -> dict[str, State]:
    records, keys = dns_records(domain), list(DkimKey.objects.select_related("domain"))

    async def look() -> list[Finding]:
        return await check(records, keys, Resolver(server.host_port))

    return {f"{found.record.type} {found.record.name}": found.state for found in asyncio.run(look())}


def test_what_was_published_as_asked_is_fine(domain: Domain, nameserver: DnsServer) -> None:
    assert set(states(domain, nameserver).values()) == {State.OK}
    out = io.StringIO()
    call_command("checkdomain", "example.org", stdout=out)
    assert "missing" not in out.getvalue()


def test_what_is_not_there_is_missing_and_the_command_fails(domain: Domain, nameserver: DnsServer) -> None:
    nameserver.remove("_dmarc.example.org")
    nameserver.remove("example.org", "MX")
    found = states(domain, nameserver)
    assert (found["TXT _dmarc.example.org"], found["MX example.org"]) == (State.MISSING, State.MISSING)
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("checkdomain", "example.org", stdout=out)
    assert "adddomain example.org --show" in out.getvalue()


def test_a_key_that_is_not_ours_is_wrong(domain: Domain, nameserver: DnsServer) -> None:
    key = domain.dkim_keys.get()
    nameserver.remove(str(key))
    nameserver.add(str(key), "TXT", dns_value(new_key()[1]))
    assert states(domain, nameserver)[f"TXT {key}"] is State.WRONG
    nameserver.remove(str(key))
    nameserver.add(str(key), "TXT", "nonsense")
    assert states(domain, nameserver)[f"TXT {key}"] is State.WRONG


def test_two_spf_records_and_another_mx_are_wrong(domain: Domain, nameserver: DnsServer) -> None:
    nameserver.add("example.org", "TXT", "v=spf1 +all")
    nameserver.remove("example.org", "MX")
    nameserver.add("example.org", "MX", "10 mx.elsewhere.example")
    found = states(domain, nameserver)
    assert (found["TXT example.org"], found["MX example.org"]) == (State.WRONG, State.WRONG)


def test_no_answer_is_no_finding(domain: Domain, nameserver: DnsServer) -> None:
    nameserver.fail("", "SERVFAIL")
    assert set(states(domain, nameserver).values()) == {State.UNKNOWN}


def test_a_domain_that_is_not_ours_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="not a domain of ours"):
        call_command("checkdomain", "elsewhere.example")
