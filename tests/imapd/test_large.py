"""Large messages: what is sent of them is never in memory as a whole, what is decoded not twice."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tracemalloc
from collections.abc import Iterator
from random import Random

import pytest

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.blobs.models import Blob
from mailsuite.mailstore.models import Message
from mailsuite.protocol import compose
from tests.imapd.conftest import Client, Connect, RunningServer, deliver

OCTETS = Random(4).randbytes(6_000_000)
HEADER = (
    b"Subject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\n\r\nsmall\r\n--b\r\nContent-Type: application/x-noise\r\nContent-Transfer-Encoding: base64\r\n\r\n"
)
ENCODED = compose.base64_lines(OCTETS)
CONTENT = HEADER + ENCODED + b"\r\n--b--\r\n"


@pytest.fixture
def large(connect: Connect, alice: Account) -> Iterator[Client]:
    """alice, with one message of eight megabytes; memory is watched."""
    deliver(alice, CONTENT)
    client = connect().login()
    client.ok("SELECT INBOX")
    tracemalloc.start()
    yield client
    tracemalloc.stop()


def digest(client: Client, item: str) -> tuple[bytes, int, str]:
    """Fetch one item: what announces it, how many octets it has, and their hash; they are read and forgotten."""
    client.send(f"x FETCH 1 {item}\r\n".encode())
    line = client.read()
    size = int(re.search(rb"\{(\d+)\}$", line)[1])  # type: ignore[index]
    found, left = hashlib.sha256(), size
    while left:
        piece = client.octets(min(left, 65_536))
        found.update(piece)
        left -= len(piece)
    assert client.read() == b")"
    assert client.read().startswith(b"x OK")
    return line, size, found.hexdigest()


def expected(octets: bytes, start: int = 0, stop: int | None = None) -> tuple[int, str]:
    part = memoryview(octets)[start:stop]  # not a copy: memory is watched
    return len(part), hashlib.sha256(part).hexdigest()


def peak() -> int:
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    return found


def test_a_message_and_its_text_go_in_pieces(large: Client) -> None:
    whole = HEADER.index(b"--b")
    assert digest(large, "BODY.PEEK[]")[1:] == expected(CONTENT)
    assert digest(large, "BODY.PEEK[TEXT]")[1:] == expected(CONTENT, whole)
    assert digest(large, "BODY.PEEK[TEXT]<7000000.99>")[1:] == expected(CONTENT, whole + 7_000_000, whole + 7_000_099)
    assert digest(large, "BODY.PEEK[]<9000000.1>")[1:] == expected(b"")
    assert digest(large, "BODY.PEEK[]<5.8000000>")[1:] == expected(CONTENT, 5, 8_000_005)
    assert peak() < len(CONTENT) // 2


def test_an_attachment_is_decoded_without_being_in_memory_twice(large: Client) -> None:
    line, *found = digest(large, "BINARY.PEEK[2]")
    assert line == b"* 1 FETCH (BINARY[2] ~{6000000}"
    assert tuple(found) == expected(OCTETS)
    assert digest(large, "BINARY.PEEK[2]<3000000.2999999>")[1:] == expected(OCTETS, 3_000_000, 5_999_999)
    assert large.ok("FETCH 1 BINARY.SIZE[2]") == [b"* 1 FETCH (BINARY.SIZE[2] 6000000)"]
    assert digest(large, "BODY.PEEK[2]")[1:] == expected(ENCODED)
    assert digest(large, "BODY.PEEK[2]<8000000.9999999>")[1:] == expected(ENCODED, 8_000_000)
    assert peak() < 2.5 * len(CONTENT)  # to read it as a whole takes it in pieces and together


def test_a_large_message_whose_content_is_lost_is_told_before_anything_of_it_is_sent(large: Client) -> None:
    blob = Message.objects.get().blob
    blobs.files.path_of(blob.hash).unlink()
    for item in ("BODY.PEEK[]", "BODY.PEEK[TEXT]", "BODY.PEEK[2]", "BINARY.PEEK[2]", "BODY.PEEK[HEADER]"):
        (answer,) = large.say(f"FETCH 1 {item}")
        assert answer.endswith(b"NO [SERVERBUG] Some messages could not be read")


def test_two_hundred_sections_of_it_open_it_once_at_a_time(large: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0
    stream = blobs.stream

    def counted(blob: Blob) -> Iterator[bytes]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            yield from stream(blob)
        finally:
            now -= 1

    monkeypatch.setattr(blobs, "stream", counted)
    large.send(b"x FETCH 1 (" + b" ".join(b"BODY.PEEK[]<%d.3>" % n for n in range(200)) + b")\r\n")
    answer = b""
    while not answer.startswith(b"x "):
        answer = large.read()
        assert b"NO" not in answer[:4]
    assert most == 1


@pytest.mark.parametrize("item", [b"BODY.PEEK[]", b"BODY.PEEK[2]", b"BINARY.PEEK[2]"])
def test_who_reads_slowly_has_no_more_of_it_held_than_a_window(large: Client, item: bytes) -> None:
    large.send(b"x FETCH 1 " + item + b"\r\n")
    large.read()
    large.octets(100_000)
    assert tracemalloc.get_traced_memory()[0] < len(CONTENT) // 2
    large.octets(1_000_000)


@pytest.mark.parametrize("item", [b"BODY.PEEK[]", b"BODY.PEEK[2]"])
def test_who_hangs_up_meanwhile_is_no_failure_of_ours(
    large: Client, server: RunningServer, item: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    large.send(b"x FETCH 1 " + item + b"\r\n")
    large.read()
    large.close()
    server.run(_nobody(server))
    assert "cut-short" not in caplog.text
    assert "failed" not in caplog.text


async def _nobody(server: RunningServer) -> None:
    async with asyncio.timeout(20):
        while server.door.sessions:
            await asyncio.sleep(0.01)
