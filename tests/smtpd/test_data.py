"""DATA and BDAT over a real connection: what is stored, what is refused, and how the client is heard to the end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from mailsuite.blobs import files, packing
from mailsuite.smtpd.content import Content
from tests.smtpd.conftest import LETTER, Connect, accepted


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: no body\r\n",
        b"",
        b"Subject: nul\r\n\r\n\0\0\xff\xfe\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\n",
        b"\r\nno header\r\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 60_000,
    ],
)
async def test_content_is_kept_exactly(connect: Connect, content: bytes) -> None:
    client = await connect()
    assert (await client.send(content)).startswith("250 2.0.0")
    [(envelope, kept, _)] = await accepted()
    assert kept == content
    assert envelope.blob.size == len(content)


async def test_dots_are_unstuffed(connect: Connect) -> None:
    client = await connect()
    await client.send(b"Subject: dots\r\n\r\n..\r\n...hidden\r\n..\r\n")
    [(_, kept, _)] = await accepted()
    assert kept == b"Subject: dots\r\n\r\n.\r\n..hidden\r\n.\r\n"


@pytest.mark.parametrize(
    "trick",
    [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\n\n.\r\n", b"\r\n\x00.\r\n", b"\r\r\n.\r\r\n"],
)
async def test_no_spelling_of_the_end_but_one_ends_data(connect: Connect, trick: bytes) -> None:
    """The smuggled second message is never seen as a command."""
    client = await connect()
    await client.envelope("alice@example.org")
    await client.say("DATA")
    smuggled = b"MAIL FROM:<mallory@elsewhere.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n.\r\n"
    client.write(LETTER + b"hello" + trick + smuggled + b"NOOP\r\n")
    reply = await client.read()
    assert reply.startswith("550 5.6.11" if b"\0" not in trick else "250 2.0.0")
    assert (await client.read()).startswith("250 2.0.0 OK")
    assert [envelope.reverse_path for envelope, _, _ in await accepted()] in ([], ["carol@elsewhere.example"])


async def test_a_declared_size_beyond_the_limit_is_refused_before_any_of_it_is_sent(connect: Connect) -> None:
    client = await connect()
    reply = await client.say(f"MAIL FROM:<carol@elsewhere.example> SIZE={settings.MESSAGE_SIZE_LIMIT + 1}")
    assert reply.startswith("552 5.3.4")


async def test_an_undeclared_size_beyond_the_limit_is_refused_at_the_end_and_nothing_is_kept(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MESSAGE_SIZE_LIMIT", 400_000)
    client = await connect()
    assert (await client.send(b"x" * 78 + b"\r\n" + b"y" * 500_000 + b"\r\n")).startswith("552 5.3.4")
    assert (await client.send(LETTER)).startswith("250 2.0.0")
    assert len(await accepted()) == 1
    assert not list((settings.BLOB_DIR / "tmp").glob("*"))


async def test_a_client_that_sends_on_without_end_is_told_and_cut_off(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MESSAGE_SIZE_LIMIT", 100_000)
    monkeypatch.setattr("mailsuite.smtpd.content.DRAIN_CAP", 200_000)
    client = await connect()
    await client.envelope("alice@example.org")
    await client.say("DATA")
    client.write(b"x" * 400_000)
    assert (await client.read()).startswith("552 5.3.4")


class OnAFullDisk(files.Spool):
    """A spool whose file is the device that has no room: it says so when it is written, and again when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._file.close()
        self._file = open("/dev/full", "wb", buffering=200_000)  # noqa: SIM115
        self._packer = packing.packer(self._file)


async def test_a_disk_that_fills_up_within_the_content_makes_no_commands_of_the_rest(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "Spool", OnAFullDisk)
    client = await connect()
    await client.envelope("alice@example.org")
    await client.say("DATA")
    client.write(LETTER + os.urandom(1_500_000).hex().encode() + b"\r\n")
    client.write(
        b"MAIL FROM:<mallory@elsewhere.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n.\r\nNOOP\r\n"
    )
    assert (await client.read()).startswith("452 4.3.1")
    assert (await client.read()).startswith("250 2.0.0 OK")
    assert await accepted() == []
    assert list((settings.BLOB_DIR / "tmp").iterdir()) == []


async def test_what_fails_unforeseen_within_the_content_ends_the_connection(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(Content, "write", broken)
    for begin in ("DATA", "BDAT 100"):
        client = await connect()
        await client.envelope("alice@example.org")
        if begin == "DATA":
            await client.say("DATA")
        client.write((begin if begin != "DATA" else "X: y").encode() + b"\r\n" + b"NOOP\r\n" * 5)
        assert (await client.read()).startswith("451 4.3.0")
        assert await client.read() == ""


async def test_a_full_disk_is_452_4_3_1_and_the_connection_lives(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    client = await connect()
    large = b"x" * 70 + b"\r\n" + b"y" * 400_000 + b"\r\n"
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        assert (await client.send(large)).startswith("452 4.3.1")
    assert not list(Path(settings.BLOB_DIR / "tmp").glob("*"))
    assert (await client.send(large)).startswith("250 2.0.0")
    assert len(await accepted()) == 1


async def test_a_database_in_trouble_is_452_4_3_1_and_nothing_is_promised(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("database or disk is full")

    client = await connect()
    with monkeypatch.context() as patch:
        patch.setattr("mailsuite.queue.intake.enqueue", broken)
        assert (await client.send(LETTER)).startswith("452 4.3.1")
    assert (await client.send(LETTER)).startswith("250 2.0.0")
    assert len(await accepted()) == 1


async def test_bdat_takes_bytes_as_they_are_in_chunks_that_end_anywhere(connect: Connect) -> None:
    client = await connect()
    content = b"Subject: chunks\r\n\r\n.\r\n.dot\r\nlast\r\n"
    await client.envelope("alice@example.org")
    for start in range(0, 20, 5):
        client.write(b"BDAT 5\r\n" + content[start : start + 5])
        assert (await client.read()) == "250 2.0.0 5 bytes"
    client.write(f"BDAT {len(content) - 20} LAST\r\n".encode() + content[20:])
    assert (await client.read()).startswith("250 2.0.0 Accepted")
    [(_, kept, _)] = await accepted()
    assert kept == content


async def test_an_empty_last_chunk_ends_the_message(connect: Connect) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    client.write(f"BDAT {len(LETTER)}\r\n".encode() + LETTER + b"BDAT 0 LAST\r\n")
    assert (await client.read()).startswith("250 2.0.0")
    assert (await client.read()).startswith("250 2.0.0 Accepted")
    [(_, kept, _)] = await accepted()
    assert kept == LETTER


async def test_rset_between_chunks_drops_what_came(connect: Connect) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    client.write(b"BDAT 6\r\nabcd\r\n")
    await client.read()
    assert (await client.say("DATA")).startswith("503 5.5.1")
    assert (await client.say("RCPT TO:<bob@example.org>")).startswith("503 5.5.1")
    assert (await client.say("RSET")).startswith("250")
    assert (await client.send(LETTER)).startswith("250 2.0.0")
    [(_, kept, _)] = await accepted()
    assert kept == LETTER


async def test_chunks_without_a_recipient_are_read_and_refused(connect: Connect) -> None:
    client = await connect()
    client.write(b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
    assert (await client.read()).startswith("503 5.5.1")
    assert (await client.read()).startswith("250 2.0.0 OK")


async def test_after_a_refused_chunk_the_later_ones_are_read_and_refused_too(connect: Connect) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    client.write(b"BDAT 4\r\na\nb\nBDAT 3\r\nabcBDAT 6 LAST\r\nabcd\r\nNOOP\r\n")
    for _ in range(3):
        assert (await client.read()).startswith("550 5.6.11")
    assert (await client.read()).startswith("250 2.0.0 OK")
    assert await accepted() == []


@pytest.mark.parametrize("argument", ["", " x", " 5 FIRST", " -1", " 5 LAST x", " 99999999999999"])
async def test_a_chunk_of_unknown_size_ends_the_conversation(connect: Connect, argument: str) -> None:
    client = await connect()
    await client.envelope("alice@example.org")
    assert (await client.say("BDAT" + argument)).startswith("501 5.5.4")
    assert await client.gone()
