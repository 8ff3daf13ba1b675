"""Handshakes: who never ends one takes no place from those who do."""

from __future__ import annotations

import asyncio

import pytest

from mailsuite.net import handshakes, tls
from mailsuite.net.handshakes import Handshakes


class Greeter(asyncio.Protocol):
    """Greets as soon as it knows of a connection, and says back what it hears."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(b"hello ")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[attr-defined]


async def listening(most: int) -> tuple[asyncio.Server, int, Handshakes]:
    waiting = Handshakes(tls.server_context(), most=most)
    server = await asyncio.get_running_loop().create_server(waiting.before(Greeter), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1], waiting


async def test_a_client_speaks_inside_tls() -> None:
    server, port, waiting = await listening(10)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls.client_context(verify=False))
    writer.write(b"x" * 100_000)
    assert await reader.readexactly(100_006) == b"hello " + b"x" * 100_000
    assert not waiting._under_way
    writer.close()
    server.close()


async def test_whoever_has_waited_longest_makes_way() -> None:
    server, port, waiting = await listening(3)
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(6)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls.client_context(verify=False))
    assert await reader.readexactly(6) == b"hello "
    ended = [await asyncio.wait_for(_hung_up(one[0]), 10) for one in silent[:3]]
    assert ended == [True, True, True]
    assert len(waiting._under_way) <= 3
    for _, one in (*silent, (reader, writer)):
        one.close()
    server.close()


async def _hung_up(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


async def test_a_failed_handshake_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    server, port, waiting = await listening(3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"EHLO elsewhere.example\r\n")
    await reader.read()
    assert not waiting._under_way
    writer.close()
    monkeypatch.setattr(handshakes, "SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.read()
    assert not waiting._under_way
    writer.close()
    server.close()
