"""COMPRESS=DEFLATE with a client that inflates and deflates for itself (RFC 4978)."""

from __future__ import annotations

import time
import tracemalloc
import zlib

import pytest

from mailsuite.accounts.models import Account
from mailsuite.imapd import deflate, wire
from mailsuite.imapd.deflate import Deflate
from mailsuite.imapd.pace import Pace
from tests.imapd.conftest import Client, Connect, RunningServer, deliver, letter


class Squeezed:
    """Stands in for the client's socket and file: what is said is deflated, what is heard is inflated."""

    def __init__(self, client: Client) -> None:
        self._socket, self._file = client._socket, client._file
        self._deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
        self._inflater = zlib.decompressobj(-15)
        self._heard = b""
        self.raw = 0  # octets as they came

    def sendall(self, octets: bytes) -> None:
        self._socket.sendall(self._deflater.compress(octets) + self._deflater.flush(zlib.Z_SYNC_FLUSH))

    def setsockopt(self, *words: int) -> None:
        self._socket.setsockopt(*words)

    def _more(self) -> bool:
        octets = self._file.read1(65_536)
        self.raw += len(octets)
        self._heard += self._inflater.decompress(octets)
        return bool(octets)

    def readline(self) -> bytes:
        while b"\n" not in self._heard and self._more():
            pass
        line, end, self._heard = self._heard.partition(b"\n")
        return line + end

    def read(self, count: int) -> bytes:
        while len(self._heard) < count and self._more():
            pass
        octets, self._heard = self._heard[:count], self._heard[count:]
        return octets

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def compressed(client: Client) -> Client:
    """The client after COMPRESS."""
    client.ok("COMPRESS DEFLATE")
    client._socket = client._file = Squeezed(client)  # type: ignore[assignment]
    return client


def test_whatever_is_said_in_the_clear_can_be_said_compressed(connect: Connect, alice: Account) -> None:
    deliver(alice, *(letter(n) for n in range(1, 101)))
    plain, small = connect().login(), compressed(connect().login())
    for command in ("CAPABILITY", "SELECT INBOX", "FETCH 1:* (UID ENVELOPE BODY.PEEK[])", "UID SEARCH SUBJECT letter"):
        said, heard = plain.ok(command), small.ok(command)
        assert heard == [line.replace(b" COMPRESS=DEFLATE", b"") for line in said]
    assert small._socket.raw < sum(map(len, plain.ok("FETCH 1:* (UID ENVELOPE BODY.PEEK[])"))) / 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("encrypted", [False, True])
def test_idle_and_append_work_octet_by_octet(connect: Connect, alice: Account, encrypted: bool) -> None:
    client = compressed(connect(encrypted=encrypted).login())
    client.step = 1
    client.ok("SELECT INBOX")
    client.send(b"x APPEND INBOX {%d}\r\n" % len(letter(1)))
    assert client.read().startswith(b"+ ")
    client.send(letter(1) + b"\r\n")
    assert client.read() == b"* 1 EXISTS"
    assert client.read().startswith(b"x OK")
    client.send(b"y IDLE\r\n")
    assert client.read().startswith(b"+ ")
    deliver(alice, letter(2))
    assert client.read() == b"* 2 EXISTS"
    client.send(b"DONE\r\n")
    assert client.read().startswith(b"y OK")


def test_not_twice_and_not_before_login_and_not_where_it_is_switched_off(server: RunningServer, connect: Connect) -> None:
    client = connect()
    assert b"COMPRESS" not in client.read()
    assert b" BAD " in client.say("COMPRESS DEFLATE")[-1]
    client.say('LOGIN alice@example.org "correct horse"')
    assert b"COMPRESS=DEFLATE" in client.ok("CAPABILITY")[0]
    assert b" BAD " in client.say("COMPRESS LZMA")[-1]
    assert b" BAD " in client.say("COMPRESS")[-1]
    compressed(client)
    assert b"COMPRESS" not in client.ok("CAPABILITY")[0]
    assert b"NO [COMPRESSIONACTIVE]" in client.say("COMPRESS DEFLATE")[-1]
    server.door.compression = False
    other = connect().login()
    assert b"COMPRESS" not in other.ok("CAPABILITY")[0]
    assert b"NO [CANNOT]" in other.say("COMPRESS DEFLATE")[-1]


def test_nothing_may_follow_before_the_answer(connect: Connect) -> None:
    client = connect().login()
    client.send(b"x COMPRESS DEFLATE\r\ny NOOP\r\n")
    assert client.read().startswith(b"x OK")
    assert client.read().startswith(b"* BYE")
    assert client.read() == b""


def test_what_is_no_deflate_stream_ends_the_connection(connect: Connect) -> None:
    for garbage in (b"x NOOP\r\n" * 3, b"\xff" * 100, zlib.compress(b"x NOOP\r\n")):
        client = connect().login()
        client.ok("COMPRESS DEFLATE")
        client.send(garbage)
        assert client.read() == b""


def test_a_stream_that_is_finished_is_answered_and_nothing_may_come_after_it(connect: Connect) -> None:
    client = compressed(connect().login())
    squeezed = client._socket
    last = squeezed._deflater.compress(b"x NOOP\r\n") + squeezed._deflater.flush()  # type: ignore[attr-defined]
    squeezed._socket.sendall(last)  # type: ignore[attr-defined]
    assert client.read().startswith(b"x OK")
    squeezed._socket.sendall(b"more")  # type: ignore[attr-defined]
    assert client.read() == b""


def bomb(octets: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b"x" * 1_000_000) for _ in range(octets // 1_000_000))
    return packed + packer.compress(b"\r\n") + packer.flush(zlib.Z_SYNC_FLUSH)


def test_a_bomb_is_one_bad_command_and_keeps_nobody_waiting(connect: Connect) -> None:
    other, client = connect().login(), connect().login()
    client.ok("COMPRESS DEFLATE")
    inflater = zlib.decompressobj(-15)
    tracemalloc.start()
    try:
        client.send(bomb(50_000_000))
        other.ok("NOOP")
        heard = inflater.decompress(client._socket.recv(1_000))
        assert heard.startswith(b"* BAD A line may have 65536 octets"), heard
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_no_more_is_inflated_than_the_session_reads(connect: Connect, server: RunningServer) -> None:
    """As many small commands as there is room for wait inflated; the rest waits as it came."""
    most, server.door.pace = 0, Pace(0)
    client = connect().login()
    client.ok("COMPRESS DEFLATE")
    (session,) = server.door.sessions
    receive = session.connection.receive_data

    def counted(octets: bytes) -> None:
        nonlocal most
        receive(octets)
        most = max(most, session.connection.waiting)

    session.connection.receive_data = counted  # type: ignore[method-assign]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    client.send(packer.compress(b"x NOOP\r\n" * 40_000 + b"y LOGOUT\r\n") + packer.flush(zlib.Z_SYNC_FLUSH))
    inflater, heard = zlib.decompressobj(-15), b""
    while octets := client._socket.recv(65_536):
        heard += inflater.decompress(octets)
    assert heard.count(b"x OK") == 40_000
    assert heard.rstrip().endswith(b"y OK Logged out")
    assert most <= wire.PAUSE_AT + deflate.PIECE


def test_a_quiet_connection_gives_the_compressors_memory_back_and_the_client_notices_nothing(
    server: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, alice: Account
) -> None:
    monkeypatch.setattr(wire, "QUIET_SECONDS", 0.05)
    client = compressed(connect().login())
    (session,) = server.door.sessions
    for n in range(3):
        client.ok("SELECT INBOX")
        _until(lambda: not session.wire._deflate.warm)  # type: ignore[union-attr]
        deliver(alice, letter(n))
        assert client.ok("NOOP") == [b"* %d EXISTS" % (n + 1)]


def test_every_piece_comes_out_however_the_stream_is_cut() -> None:
    text = b"".join(b"%d FETCH 1:* BODY[]\r\n" % n for n in range(20_000)) + b"x" * 300_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
    for step in (1, 7, 1_000, len(stream)):
        reader, found = Deflate(), b""
        for start in range(0, len(stream), step):
            reader.take(stream[start : start + step])
            while reader.more:
                piece = reader.piece()
                assert len(piece) <= deflate.PIECE
                found += piece
        assert found == text


def _until(holds: object) -> None:
    for _ in range(3_000):
        if holds():  # type: ignore[operator]
            return
        time.sleep(0.02)
    raise AssertionError("it never came true")
