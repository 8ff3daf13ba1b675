"""What strangers' web servers may do to us, and where a stranger may send us: against real servers and a real DNS server."""

from __future__ import annotations

import gzip
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

import pytest
import trustme

from mailsuite.net import http, reachable, tls
from mailsuite.net.http import Ask, Limits, Unfetchable, fetch
from tests.dns_server import DnsServer
from tests.web_host import WebHost, redirect, respond

QUICK = Limits(seconds=1.0, most_bytes=100_000)


@pytest.fixture
def host(settings: object) -> Iterator[WebHost]:
    with WebHost({"/a.png": respond(b"picture")}) as running:
        settings.FETCH_PERMITS = {running.endpoint}  # type: ignore[attr-defined]
        yield running


async def test_what_is_there_is_fetched_and_we_say_nothing_of_who_asks(host: WebHost) -> None:
    answer = await fetch(Ask(host.url("/a.png"), accept="image/png"))
    assert (answer.status, answer.type, answer.content) == (200, "image/png", b"picture")
    head = host.heard[0].decode().lower()
    assert head.startswith("get /a.png http/1.1\r\n")
    for word in ("cookie", "referer", "python", "mailsuite", "authorization", "from:"):
        assert word not in head


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16"),
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
        *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0"),
        *("fec0::1", "ff02::1", "3fff::1", "5f00::1", "2001:0:7f00:1::", "nonsense", "", "2130706433", "0x7f.1", "127.1"),
    ],
)
def test_no_address_but_a_public_one_is_called(address: str) -> None:
    assert not reachable.is_public(address)
    assert not reachable.may_call(address, 443)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1", "2a00:1450::1"]
)
def test_public_addresses_are_called_on_the_web_s_own_ports_alone(address: str) -> None:
    assert reachable.may_call(address, 80)
    assert reachable.may_call(address, 443)
    for port in (0, 22, 25, 6379, 8080):
        assert not reachable.may_call(address, port)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/"),
        *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1%25lo]/", "http://localhost/", "http://localhost./"),
        *("http://169.254.169.254/latest/meta-data/", "http://8.8.8.8:22/", "https://8.8.8.8:8443/", "http://8.8.8.8:0/"),
        *("ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/", "unix:///run/x", "//8.8.8.8/", "8.8.8.8", "", "http://"),
        *("http://a@8.8.8.8/", "http://a:b@8.8.8.8/", "http://@8.8.8.8/", "http://8.8.8.8\\@127.0.0.1/", "http://8.8.8.8 /"),
        *("http://8.8.8.8/\r\nX: y", "http://8.8.8.8:99999/", "http://8.8.8.8:x/", "http://[::1/", "http://exa\u2100mple/"),
        *("http://m\u00fcnchen.example/", "http://" + "a" * 64 + ".example/", "http://x.example/" + "(" * 1_000_000),
        *("http://-x.example/", "http://a..b/", "http://.a/", "http://\udcff.example/", "http://8.8.8.8/\udcff"),
    ],
)
async def test_an_address_that_leads_inside_or_nowhere_is_refused(nameserver: DnsServer, url: str) -> None:
    nameserver.add("localhost", "A", "127.0.0.1")
    with pytest.raises(Unfetchable) as refused:
        await fetch(Ask(url))
    assert not refused.value.temporary


@pytest.mark.parametrize(
    ("rdtype", "value"),
    [
        ("A", "127.0.0.1"),
        ("A", "10.0.0.5"),
        ("A", "169.254.169.254"),
        ("AAAA", "::1"),
        ("AAAA", "::ffff:10.0.0.1"),
        ("AAAA", "fd00::1"),
    ],
)
async def test_a_name_that_leads_inside_is_refused(nameserver: DnsServer, rdtype: str, value: str) -> None:
    nameserver.add("img.example", rdtype, value)
    with pytest.raises(Unfetchable, match="not on the public web"):
        await fetch(Ask("http://img.example/"))


async def test_one_address_inside_among_public_ones_is_one_too_many(nameserver: DnsServer) -> None:
    nameserver.add("img.example", "A", "8.8.8.8", "192.168.1.1")
    with pytest.raises(Unfetchable, match="not on the public web"):
        await fetch(Ask("http://img.example/"))


async def test_an_alias_into_our_network_is_followed_to_its_end_and_refused(nameserver: DnsServer) -> None:
    nameserver.add("img.example", "CNAME", "inside.example.")
    nameserver.add("inside.example", "A", "127.0.0.1")
    with pytest.raises(Unfetchable, match="not on the public web"):
        await fetch(Ask("http://img.example/"))


async def test_a_name_is_looked_up_once_and_what_was_checked_is_called(nameserver: DnsServer, host: WebHost) -> None:
    """Rebinding: the second answer would be another machine's address. It is never asked for."""
    nameserver.add("img.example", "A", "127.0.0.1")
    answered = nameserver.answer

    def turning(wire: bytes, *, tcp: bool) -> bytes | None:
        said = answered(wire, tcp=tcp)
        if ("img.example", "A") in nameserver.queries:
            nameserver.remove("img.example", "A")
            nameserver.add("img.example", "A", "127.0.0.2")
        return said

    nameserver.answer = turning  # type: ignore[method-assign]
    answer = await fetch(Ask(host.url("/a.png", "img.example")))
    assert answer.content == b"picture"
    assert nameserver.queries.count(("img.example", "A")) == 1
    assert b"host: img.example:" in host.heard[0].lower()
    with pytest.raises(Unfetchable, match="not on the public web"):
        await fetch(Ask(host.url("/a.png", "img.example")))
    assert len(host.heard) == 1


async def test_dns_that_is_away_is_trouble_for_now(nameserver: DnsServer) -> None:
    nameserver.fail("img.example", "SERVFAIL")
    with pytest.raises(Unfetchable) as refused:
        await fetch(Ask("http://img.example/"))
    assert refused.value.temporary
    with pytest.raises(Unfetchable) as refused:
        await fetch(Ask("http://nobody.example/"))
    assert not refused.value.temporary


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "file:///etc/passwd", "javascript:x", "//10.0.0.1/"]
)
async def test_a_redirect_leads_nowhere_that_we_would_not_go_by_ourselves(host: WebHost, to: str) -> None:
    with WebHost({"/": respond(b"secret")}) as inside:
        host.answers |= {"/go": redirect(to), "/in": redirect(inside.url("/"))}
        for path in ("/go", "/in"):
            with pytest.raises(Unfetchable):
                await fetch(Ask(host.url(path)))
        assert inside.heard == []


async def test_three_redirects_are_followed_and_no_fourth(host: WebHost) -> None:
    host.answers |= {f"/{n}": redirect(f"/{n - 1}") for n in range(1, 9)} | {"/0": respond(b"there")}
    answer = await fetch(Ask(host.url("/3")))
    assert (answer.content, answer.url) == (b"there", host.url("/0"))
    with pytest.raises(Unfetchable, match="redirects"):
        await fetch(Ask(host.url("/4")))
    host.answers["/round"] = redirect("/round")
    with pytest.raises(Unfetchable, match="redirects"):
        await fetch(Ask(host.url("/round")))


async def test_a_form_is_posted_and_not_sent_on(host: WebHost) -> None:
    host.answers |= {"/u": respond(b"done", "text/plain"), "/away": redirect("/u")}
    answer = await fetch(Ask(host.url("/u"), form=b"List-Unsubscribe=One-Click"), Limits(redirects=0))
    assert answer.status == 200
    assert host.heard[0].startswith(b"POST /u HTTP/1.1\r\n")
    assert host.heard[0].endswith(b"\r\n\r\nList-Unsubscribe=One-Click")
    answer = await fetch(Ask(host.url("/away"), form=b"x"), Limits(redirects=0))
    assert (answer.status, host.paths) == (302, ["/u", "/away"])


def dripping(start: bytes, drop: bytes) -> object:
    """Sends the start, then one drop after another, for as long as anybody listens."""

    def answer(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(start)
            while True:
                connection.sendall(drop)

    return answer


def silent(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
HOSTILE = {
    "/silent": silent,
    "/endless body": dripping(HEAD + b"\r\n", b"x" * 1000),
    "/endless chunks": dripping(CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
    "/tiny chunks": dripping(CHUNKED, b"1\r\nx\r\n" * 100),
    "/chunk extensions": dripping(CHUNKED + b"1;", b"x" * 1000),
    "/endless header": dripping(HEAD, b"A: b\r\n" * 100),
    "/endless line": dripping(HEAD + b"A: ", b"b" * 1000),
    "/endless status": dripping(b"HTTP/1.1 200 ", b"b" * 1000),
    "/endless 1xx": dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 50),
    "/trailers": dripping(CHUNKED + b"0\r\n", b"A: b\r\n" * 100),
    "/too long": HEAD + b"Content-Length: 100000000000\r\n\r\n",
    "/two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "/wrong length": HEAD + b"Content-Length: 10\r\n\r\nab",
    "/digits": HEAD + b"Content-Length: " + b"9" * 20_000 + b"\r\n\r\n",
    "/nothing": b"",
    "/garbage": b"\xff" * 5000,
    "/ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "/upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "/packed": respond(gzip.compress(bytes(50_000_000)), more="Content-Encoding: gzip\r\n"),
    "/packed twice": respond(b"x", more="Content-Encoding: gzip, gzip\r\n"),
}


@pytest.mark.parametrize("path", HOSTILE)
async def test_no_server_can_keep_us_or_fill_us(host: WebHost, path: str) -> None:
    host.answers[path.replace(" ", "-")] = HOSTILE[path]  # type: ignore[assignment]
    with pytest.raises(Unfetchable):
        await fetch(Ask(host.url(path.replace(" ", "-"))), QUICK)


async def test_a_slow_drip_ends_when_the_time_is_over(host: WebHost) -> None:
    def drip(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(HEAD + b"\r\n")
            while not host.over.wait(0.05):
                connection.sendall(b"x")

    host.answers["/drip"] = drip
    with pytest.raises(Unfetchable, match="within") as refused:
        await fetch(Ask(host.url("/drip")), Limits(seconds=0.3))
    assert refused.value.temporary


async def test_https_is_spoken_with_who_can_prove_the_name_alone(
    nameserver: DnsServer,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("img.example").configure_cert(context)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    monkeypatch.setattr(http, "client_context", lambda *, verify: ours if verify else None)
    with WebHost({"/": respond(b"picture")}, tls=context) as host:
        settings.FETCH_PERMITS = {host.endpoint}  # type: ignore[attr-defined]
        for name in ("img.example", "other.example"):
            nameserver.add(name, "A", "127.0.0.1")
        assert (await fetch(Ask(host.url("/", "img.example")))).content == b"picture"
        with pytest.raises(Unfetchable, match=r"CERTIFICATE|certificate"):
            await fetch(Ask(host.url("/", "other.example")))
        monkeypatch.setattr(http, "client_context", tls.client_context)
        with pytest.raises(Unfetchable, match=r"CERTIFICATE|certificate"):
            await fetch(Ask(host.url("/", "img.example")))
