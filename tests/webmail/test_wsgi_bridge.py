"""The WSGI bridge: bodies, caps, long responses and clients that vanish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from webmail import request_body
from webmail.request_body import SMALL
from webmail.wsgi_bridge import AT_ONCE, TOO_LARGE, WsgiBridge

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/Ü",
    "raw_path": b"/%C3%9C%FF",
    "query_string": b"a=%20",
    "http_version": "1.1",
    "scheme": "https",
    "server": ("mail.example.org", 443),
    "client": ("192.0.2.1", 5000),
    "headers": [
        (b"host", b"mail.example.org"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-real-ip", b"192.0.2.9"),
        (b"x_real_ip", b"203.0.113.66"),
    ],
}


class Client:
    """One request as an ASGI server would hand it on, and what came back."""

    def __init__(self, *chunks: bytes, gone: bool = False) -> None:
        last = len(chunks) - 1
        self._events = [
            {"type": "http.request", "body": chunk, "more_body": gone or n < last} for n, chunk in enumerate(chunks or (b"",))
        ]
        if gone:
            self._events.append({"type": "http.disconnect"})
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self._events.pop(0)

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append(dict(event))

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.sent)


async def is_member(scope: Any) -> bool:
    return any(value == b"a=1" for name, value in scope["headers"])


async def ask(application: Any, client: Client, most_body: int = 1000, **scope: Any) -> Client:
    bridge = WsgiBridge(application, threads=2, most_body=most_body, knows=is_member)
    await bridge({**SCOPE, **scope}, client.receive, client.send)
    bridge.close()
    return client


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    seen = {key: value for key, value in environ.items() if isinstance(value, (str, bool))}
    return [environ["wsgi.input"].read(), b"|", repr(seen).encode()]


async def test_a_body_in_pieces_arrives_whole_and_the_environ_is_pep_3333s() -> None:
    client = await ask(echo, Client(b"one ", b"two"))
    body, _, seen = client.body.partition(b"|")
    environ = eval(seen)
    assert body == b"one two"
    assert client.sent[0]["status"] == 200
    assert environ["CONTENT_LENGTH"] == "7"
    assert environ["PATH_INFO"] == b"/\xc3\x9c\xff".decode("latin-1")
    assert environ["QUERY_STRING"] == "a=%20"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ["CONTENT_TYPE"] == "text/plain"


async def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_dash() -> None:
    client = await ask(echo, Client())
    assert eval(client.body.partition(b"|")[2])["HTTP_X_REAL_IP"] == "192.0.2.9"


async def test_a_body_over_the_cap_is_thrown_away_and_the_application_is_told() -> None:
    client = await ask(echo, Client(b"x" * 600, b"x" * 600))
    body, _, seen = client.body.partition(b"|")
    assert body == b""
    assert eval(seen)[TOO_LARGE] is True


async def test_a_flood_is_dropped_without_an_answer() -> None:
    client = await ask(echo, Client(*[b"x" * 1000] * 9))
    assert client.sent == []


async def test_a_member_may_send_much_and_a_stranger_a_form() -> None:
    stranger = {"headers": [(b"cookie", b"a=2")]}
    form, letter = [b"x" * SMALL], [b"x" * SMALL] * 3
    assert (await ask(echo, Client(*letter), 1_000_000)).body.startswith(b"x" * SMALL * 3)
    assert (await ask(echo, Client(*form), 1_000_000, **stranger)).body.startswith(b"x" * SMALL)
    body, _, seen = (await ask(echo, Client(*letter), 1_000_000, **stranger)).body.partition(b"|")
    assert body == b""
    assert eval(seen)[TOO_LARGE] is True


@pytest.mark.parametrize("piece", [b"x", b"x" * (SMALL + 1)])
async def test_a_stranger_who_does_not_come_to_an_end_is_hung_up_on(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "SOON", -1.0)
    monkeypatch.setattr(request_body, "LATE", -1.0)
    monkeypatch.setattr(request_body.asyncio, "wait_for", lambda wanted, _: wanted)
    stranger = {"headers": [(b"cookie", b"a=2")]}
    pieces = [piece, b"x", b"x"]
    assert (await ask(echo, Client(*pieces), 1_000_000, **stranger)).sent == []
    assert (await ask(echo, Client(*pieces), 1_000_000)).body.startswith(b"".join(pieces))


async def test_a_client_that_vanishes_inside_its_body_is_not_answered() -> None:
    client = await ask(echo, Client(b"half", gone=True))
    assert client.sent == []


class Long:
    """A response of three long pieces that notes whether it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def __call__(self, environ: Any, start_response: Any) -> Long:
        start_response("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for n in range(3):
            yield b"%d" % n * AT_ONCE

    def close(self) -> None:
        self.closed += 1


async def test_a_long_response_goes_out_in_pieces_and_is_closed_once() -> None:
    long = Long()
    client = await ask(long, Client())
    assert [len(event.get("body", b"")) for event in client.sent[1:]] == [AT_ONCE, AT_ONCE, AT_ONCE, 0]
    assert client.body.endswith(b"2")
    assert not client.sent[-1]["more_body"]
    assert long.closed == 1


async def test_a_response_is_closed_when_the_client_goes_away_in_the_middle() -> None:
    class Leaver(Client):
        async def send(self, event: dict[str, Any]) -> None:
            if event["type"] == "http.response.body":
                raise ConnectionResetError
            await super().send(event)

    long = Long()
    with pytest.raises(ConnectionResetError):
        await ask(long, Leaver())
    assert long.closed == 1


async def test_head_has_headers_and_no_body() -> None:
    long = Long()
    client = await ask(long, Client(), method="HEAD")
    assert client.body == b""
    assert long.closed == 1


async def test_requests_run_side_by_side() -> None:
    first_is_in, second_is_in = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def meet(environ: Any, start_response: Any) -> list[bytes]:
        mine, other = (first_is_in, second_is_in) if environ["QUERY_STRING"] == "first" else (second_is_in, first_is_in)
        loop.call_soon_threadsafe(mine.set)
        asyncio.run_coroutine_threadsafe(other.wait(), loop).result(10)
        start_response("200 OK", [])
        return [b"met"]

    bridge = WsgiBridge(meet, threads=2, most_body=10, knows=is_member)
    clients = [Client(), Client()]
    scopes = [{**SCOPE, "query_string": name} for name in (b"first", b"second")]
    await asyncio.gather(*(bridge(scope, client.receive, client.send) for scope, client in zip(scopes, clients, strict=True)))
    assert [client.body for client in clients] == [b"met", b"met"]
