"""What can be known of an address before a letter leaves: its domain, and whether another one was meant (product.md 5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.people.models import Person
from tests.dns_server import SILENT, DnsServer
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.jmap.shapes import problems
from webmail.jmap import recipient
from webmail.jmap.types import writing


@pytest.fixture
def check(call: Call, me: str, nameserver: DnsServer):
    nameserver.add("elsewhere.example", "MX", "10 mx.elsewhere.example")
    nameserver.add("bare.example", "A", "192.0.2.7")
    nameserver.add("six.example", "AAAA", "2001:db8::7")
    nameserver.add("silent.example", "MX", "0 .")
    nameserver.add("words.example", "TXT", "nothing here")

    def do(*emails: str) -> list[dict[str, Any]]:
        said = one(call, "Recipient/check", me, emails=list(emails))
        assert problems(said, writing.RecipientCheckResponse) == []
        return said["list"]

    return do


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("carol@elsewhere.example", "ok"),
        ("Carol@ELSEWHERE.example", "ok"),
        ("x@bare.example", "ok"),
        ("x@six.example", "ok"),
        ("x@silent.example", "noMail"),
        ("x@words.example", "noMail"),
        ("x@nowhere.example", "noDomain"),
        ("x@bücher.example", "noDomain"),
        ("alice@example.org", "ok"),
        ("Alice+tag@example.org", "ok"),
        ("nobody@example.org", "nobody"),
        ("x@[192.0.2.1]", "unknown"),
        ("no address", "invalid"),
        ("", "invalid"),
        ("x@" + "a." * 200 + "example", "invalid"),
        ("(" * 1_000_000, "invalid"),
    ],
)
def test_a_domain_is_looked_up(check, email: str, status: str) -> None:
    [said] = check(email)
    assert (said["email"], said["status"]) == (email, status)


def test_a_slip_is_seen_though_the_domain_exists(check, nameserver: DnsServer) -> None:
    nameserver.add("gmial.com", "MX", "10 mx.squatter.example")
    [said] = check("ana.silva+x@gmial.com")
    assert (said["status"], said["meant"]) == ("ok", "ana.silva+x@gmail.com")


def test_a_domain_that_was_written_to_before_was_meant(check, alice: Account) -> None:
    Person.objects.create(account=alice, folded="bob@gmal.com", address="bob@gmal.com", written=1, version=1)
    assert check("ana@gmal.com")[0]["meant"] is None


def test_our_own_domain_is_one_that_may_be_meant(check) -> None:
    assert check("bob@exampel.org")[0]["meant"] == "bob@example.org"


def test_addresses_that_nobody_reads_are_named(check) -> None:
    assert [said["isRead"] for said in check("noreply@elsewhere.example", "carol@elsewhere.example")] == [False, True]


def test_where_dns_does_not_answer_it_is_not_known(check, nameserver: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipient, "SECONDS", 0.3)
    nameserver.fail("slow.example", SILENT)
    nameserver.fail("broken.example")
    said = check("x@slow.example", "x@broken.example", "carol@elsewhere.example")
    assert [one["status"] for one in said] == ["unknown", "unknown", "ok"]


def test_an_answer_is_kept_for_a_while(check, nameserver: DnsServer) -> None:
    check("carol@elsewhere.example", "dan@elsewhere.example")
    asked = len(nameserver.queries)
    assert asked == 1
    check("erin@elsewhere.example")
    assert len(nameserver.queries) == asked


def test_only_so_many_domains_are_asked_for_in_a_minute(check, nameserver: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipient, "A_MINUTE", 2)
    said = [*check("x@a.example", "x@b.example", "x@c.example"), *check("x@d.example")]
    assert [one["status"] for one in said].count("unknown") == 2
    assert {name for name, _ in nameserver.queries} == {"a.example", "b.example"}


def test_wrong_arguments_are_refused(call: Call, me: str) -> None:
    assert refused(call, "Recipient/check", me) == "invalidArguments"
    assert refused(call, "Recipient/check", me, emails="x") == "invalidArguments"
    assert refused(call, "Recipient/check", me, emails=["x"] * 51) == "requestTooLarge"
