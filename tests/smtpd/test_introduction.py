"""Connections by way of a proxy: who the client is, at each port, and who may say so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

import pytest
import pytest_asyncio

from mailsuite.accounts.models import WrongSecret
from mailsuite.bridge import in_db
from mailsuite.net import tls
from mailsuite.smtpd import introduction, limits
from mailsuite.smtpd.server import Server
from tests.dns_server import DnsServer
from tests.protocol.test_proxy import TCP6, version_2
from tests.smtpd.conftest import LETTER, Client, Connect, accepted

LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n"
Call = Callable[..., Awaitable[Client]]


@pytest_asyncio.fixture
async def call(server: Server, settings: object) -> AsyncIterator[Call]:
    """Connect to a port as the proxy that is named, and say these bytes first."""
    settings.PROXY_PEERS = (ip_network("127.0.0.1"), ip_network("2001:db8::/32"))  # type: ignore[attr-defined]
    clients: list[Client] = []

    async def open_one(header: bytes, port: int = 0) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", server.numbers[port]))
        clients.append(client)
        client.write(header)
        return client

    yield open_one
    for client in clients:
        client.writer.close()


@pytest.mark.parametrize(("header", "client"), [(LINE, "[192.0.2.7]"), (version_2(0x21, TCP6), "[IPv6:2001:db8::7]")])
async def test_the_client_that_a_proxy_names_is_the_one_in_the_trace(call: Call, header: bytes, client: str) -> None:
    proxied = await call(header)
    assert (await proxied.read()).startswith("220 ")
    await proxied.say("EHLO client.elsewhere.example")
    assert (await proxied.send(LETTER)).startswith("250")
    [(envelope, _, _)] = await accepted()
    assert f"from client.elsewhere.example ({client})".encode() in bytes(envelope.trace).replace(b"\r\n\t", b" ")


async def test_spf_judges_the_client_and_not_the_proxy_after_starttls_too(call: Call, nameserver: DnsServer) -> None:
    nameserver.add("elsewhere.example", "TXT", "v=spf1 ip4:192.0.2.7 -all")
    client = await call(LINE)
    await client.read()
    await client.say("EHLO client.elsewhere.example")
    await client.send(LETTER)
    await client.starttls()
    await client.say("EHLO client.elsewhere.example")
    await client.send(LETTER)
    assert [envelope.verdict["results"]["spf"]["result"] for envelope, _, _ in await accepted()] == ["pass", "pass"]


async def test_a_header_may_come_byte_by_byte(call: Call) -> None:
    client = await call(b"")
    for byte in LINE:
        client.write(bytes([byte]))
        await client.writer.drain()
        await asyncio.sleep(0)
    assert (await client.read()).startswith("220 ")


async def test_what_a_client_says_in_one_packet_with_the_header_is_heard(call: Call) -> None:
    client = await call(LINE + b"EHLO x\r\nNOOP\r\n")
    assert (await client.read()).startswith("220 ")
    assert "250" in await client.read()
    assert (await client.read()).startswith("250 2.0.0")


@pytest.mark.parametrize("together", [True, False])
async def test_the_header_comes_before_tls(call: Call, server: Server, together: bool) -> None:
    """A proxy passes the client's handshake on after its header, in the same packet or in another."""
    client = await call(b"" if together else LINE, port=2)
    if together:
        transport = client.writer.transport
        transport.write = _first(LINE, transport.write)  # type: ignore[method-assign]
    await client.writer.start_tls(tls.client_context(verify=False))
    assert (await client.read()).startswith("220 ")
    assert "AUTH PLAIN LOGIN" in await client.say("EHLO device.example")
    assert [conversation.session.client for conversation in server._conversations] == ["192.0.2.7"]


def _first(header: bytes, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
    left = [header]
    return lambda data: write(left.pop() + data if left else data)


async def test_passwords_are_guessed_on_the_account_of_the_client(call: Call) -> None:
    client = await call(LINE, port=1)
    await client.read()
    assert "AUTH" not in await client.say("EHLO device.example")  # it is no longer this machine that asks
    await client.starttls()
    await client.say("EHLO device.example")
    assert (await client.login(secret="wrong")).startswith("535")
    assert await in_db(lambda: list(WrongSecret.objects.values_list("network", flat=True))) == ["192.0.2.0/24"]


async def test_a_proxy_may_speak_for_itself(call: Call, server: Server) -> None:
    client = await call(version_2(0, b"", version_and_command=0x20))
    assert (await client.read()).startswith("220 ")
    assert [conversation.session.client for conversation in server._conversations] == ["127.0.0.1"]


@pytest.mark.parametrize("start", [b"EHLO client.elsewhere.example\r\n", b"PROXY TCP4 nonsense\r\n", b"PROXY " + b"(" * 200])
async def test_a_named_proxy_that_introduces_nobody_is_refused(call: Call, server: Server, start: bytes) -> None:
    client = await call(start)
    assert (await client.read()).startswith("421 4.7.0 ")
    assert server._conversations == set()


async def test_within_tls_it_is_refused_without_a_word(call: Call) -> None:
    client = await call(b"\x16\x03\x01\x02\x00\x01\x00", port=2)
    assert await client.gone()


async def test_a_proxy_that_says_nothing_is_not_waited_for_for_ever(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introduction, "SECONDS", 0.01)
    client = await call(b"PROXY ")
    assert (await client.read()).startswith("421 4.7.0 ")
    assert await client.gone()


async def test_a_server_that_stops_leaves_those_who_wait(call: Call, server: Server) -> None:
    client = await call(b"PROXY ")
    while not any(port.waiting for port in server._introductions):
        await asyncio.sleep(0.01)
    await server.stop(1)
    with contextlib.suppress(ConnectionResetError):  # where the header was not read yet
        assert await client.gone()


async def test_the_crowd_is_counted_by_client(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    monkeypatch.setattr(limits.Crowd, "enter", lambda self, client: bool(entered.append(client)) or True)
    monkeypatch.setattr(limits.Crowd, "leave", lambda self, client: None)
    await (await call(LINE)).read()
    assert entered == ["192.0.2.7"]


async def test_whoever_is_not_named_speaks_for_himself(connect: Connect, server: Server, settings: object) -> None:
    for peers in ((), (ip_network("192.0.2.0/24"),)):
        settings.PROXY_PEERS = peers  # type: ignore[attr-defined]
        client = await connect(ehlo=False)
        assert (await client.say(LINE[:-2])).startswith("500 5.5.1")
        assert "250" in await client.say("EHLO client.elsewhere.example")
        assert {conversation.session.client for conversation in server._conversations} == {"127.0.0.1"}


async def test_whoever_makes_mistake_after_mistake_waits_and_is_put_off(
    call: Call, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TARPIT_SECONDS = 0  # type: ignore[attr-defined]
    waits: list[float] = []
    real = asyncio.sleep

    async def counted(seconds: float) -> None:
        waits.extend([seconds] if seconds == 33 else [])
        await real(0)

    client = await call(LINE)
    await client.read()
    await client.say("EHLO mallory.example")
    await client.envelope("alice@example.org")
    settings.TARPIT_SECONDS = 33  # type: ignore[attr-defined]
    monkeypatch.setattr("mailsuite.smtpd.conversation.asyncio.sleep", counted)
    for number in range(limits.MOST_ERRORS):
        assert (await client.say(f"RCPT TO:<guess{number}@example.org>")).startswith("550 5.1.1")
    assert len(waits) == limits.MOST_ERRORS - limits.FREE_ERRORS
    neighbour = await call(LINE.replace(b"192.0.2.7", b"192.0.2.8"))
    await neighbour.read()
    await neighbour.say("EHLO mallory.example")
    assert (await neighbour.say("MAIL FROM:<mallory@elsewhere.example>")).startswith("450 4.7.1")
