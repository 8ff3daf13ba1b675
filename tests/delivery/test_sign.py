"""What leaves us is signed so that others can check it."""

from __future__ import annotations

import subprocess
import sys

import dkim as dkimpy
import pytest

from mailsuite.accounts.models import DkimKey, Domain
from mailsuite.delivery.sign import sign
from mailsuite.protocol.dkim import dns_value, new_key
from tests.dns_server import DnsServer

pytestmark = pytest.mark.django_db

MESSAGE = (
    b"From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: Potatoes,\r\n  \tfolded \r\n"
    b"Date: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
    b"List-Unsubscribe: <https://example.org/u>\r\nX-Own: not signed\r\n\r\n"
    b"Two  sacks \t of them. \r\n\r\n.\r\n\r\n\r\n"
)

# The dkimverify program reads /etc/resolv.conf; this is the same program with the resolver of the test.
DKIMVERIFY = """
import runpy, sys, dns.resolver
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = [sys.argv[1]], int(sys.argv[2])
dns.resolver.default_resolver = resolver
sys.argv[1:] = []
runpy.run_module("dkim.dkimverify", run_name="__main__")
"""


@pytest.fixture
def domain(nameserver: DnsServer) -> Domain:
    domain = Domain.objects.create(name="example.org")
    add_key(domain, "s1", nameserver)
    return domain


def add_key(domain: Domain, selector: str, nameserver: DnsServer, state: str = DkimKey.State.ACTIVE) -> DkimKey:
    private, public = new_key()
    nameserver.add(f"{selector}._domainkey.{domain.name}", "TXT", dns_value(public))
    return DkimKey.objects.create(domain=domain, selector=selector, private_pem=private, public_key=public, state=state)


def dkimverify(content: bytes, server: DnsServer) -> bool:
    host, port = server.host_port
    command = [sys.executable, "-c", DKIMVERIFY, host, str(port)]
    run = subprocess.run(command, input=content, capture_output=True, check=False)
    assert run.stdout.strip() == b"signature ok" or b"ValidationError" in run.stderr, run.stderr
    return run.returncode == 0


def lookup(key: DkimKey) -> object:
    return lambda name, timeout=5: dns_value(key.public_key).encode()


def test_dkimverify_is_content_with_our_signature(domain: Domain, nameserver: DnsServer) -> None:
    signed = sign(MESSAGE, "Example.ORG")
    assert signed.endswith(MESSAGE)
    assert dkimverify(signed, nameserver)
    assert ("s1._domainkey.example.org", "TXT") in nameserver.queries


def test_dkimverify_sees_a_changed_body(domain: Domain, nameserver: DnsServer) -> None:
    assert not dkimverify(sign(MESSAGE, "example.org").replace(b"Two", b"Ten"), nameserver)


@pytest.mark.parametrize("name", [b"From", b"Subject", b"To", b"Cc", b"Reply-To", b"Content-Type", b"Message-ID"])
def test_a_second_field_above_ours_breaks_the_signature(domain: Domain, name: bytes) -> None:
    signed = sign(MESSAGE, "example.org")
    key = domain.dkim_keys.get()
    assert dkimpy.verify(signed, dnsfunc=lookup(key))
    assert not dkimpy.verify(name + b": mallory@elsewhere.example\r\n" + signed, dnsfunc=lookup(key))


def test_a_trace_line_above_and_relaxed_white_space_do_not(domain: Domain) -> None:
    signed = sign(MESSAGE, "example.org").replace(b"Two  sacks \t of", b"Two sacks of").replace(b"From: Alice", b"from:  Alice")
    assert dkimpy.verify(b"Received: from a by b\r\n" + signed, dnsfunc=lookup(domain.dkim_keys.get()))


def test_each_active_key_signs_and_no_other(domain: Domain, nameserver: DnsServer) -> None:
    add_key(domain, "s2", nameserver)
    for state in ("pending", "retiring", "retired"):
        add_key(domain, state, nameserver, state)
    signed = sign(MESSAGE, "example.org")
    assert [line for line in signed.split(b"\r\n") if b"s=s" in line] == [
        line for line in signed.split(b"\r\n") if line.startswith((b"\ts=s1;", b"\ts=s2;"))
    ]
    assert signed.count(b"DKIM-Signature:") == 2


def test_a_domain_that_is_not_ours_signs_nothing(domain: Domain) -> None:
    assert sign(MESSAGE, "elsewhere.example") == MESSAGE


def test_no_line_of_the_signature_is_long(domain: Domain) -> None:
    content = b"".join(b"Resent-From: alice@example.org\r\n" for _ in range(200)) + MESSAGE
    signature = sign(content, "example.org").removesuffix(content)
    assert max(map(len, signature.split(b"\r\n"))) <= 100
    assert dkimpy.verify(signature + content, dnsfunc=lookup(domain.dkim_keys.get()))


@pytest.mark.parametrize("content", [b"", b"\r\n", b"From: a@example.org\r\n", b"From: a@example.org\r\n\r\n", b"\r\n\r\nbody"])
def test_odd_messages_are_signed_too(domain: Domain, content: bytes) -> None:
    assert sign(content, "example.org").startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;")


def test_a_message_without_body_verifies(domain: Domain) -> None:
    signed = sign(b"From: a@example.org\r\n\r\n", "example.org")
    assert dkimpy.verify(signed, dnsfunc=lookup(domain.dkim_keys.get()))
