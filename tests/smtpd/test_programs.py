"""Programs that people use speak with us: swaks and curl."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mailsuite.smtpd.server import Server
from tests.smtpd.conftest import accepted

LETTER = b"From: Alice <alice@example.org>\nTo: carol@elsewhere.example\nSubject: tea\n\n.dot\nFour o'clock?\n"


async def run(*words: str) -> tuple[int, str]:
    """Run a program beside the server; its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, printed.decode("utf-8", "replace")


@pytest.mark.program("swaks")
@pytest.mark.parametrize("options", [(), ("--pipeline",), ("--protocol", "SMTP")])
async def test_swaks_delivers_to_alice(server: Server, options: tuple[str, ...]) -> None:
    where = f"127.0.0.1:{server.numbers[0]}"
    status, printed = await run("swaks", "--server", where, "-f", "carol@elsewhere.example", "-t", "alice@example.org", *options)
    assert status == 0, printed
    assert "250 2.0.0 Accepted" in printed
    assert len(await accepted()) == 1


@pytest.mark.program("swaks")
async def test_swaks_is_told_who_does_not_exist(server: Server) -> None:
    where = f"127.0.0.1:{server.numbers[0]}"
    status, printed = await run("swaks", "--server", where, "-f", "carol@elsewhere.example", "-t", "nobody@example.org")
    assert status == 24, printed
    assert "550 5.1.1" in printed


@pytest.mark.program("swaks")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_swaks_submits_for_alice_from_this_machine(server: Server, mechanism: str) -> None:
    where = f"127.0.0.1:{server.numbers[1]}"
    words = ["-f", "alice@example.org", "-t", "carol@elsewhere.example", "-a", mechanism]
    status, printed = await run("swaks", "--server", where, *words, "-au", "alice@example.org", "-ap", "correct horse")
    assert status == 0, printed
    [(envelope, _, recipients)] = await accepted()
    assert (envelope.reverse_path, recipients) == ("alice@example.org", ["carol@elsewhere.example"])


@pytest.mark.program("curl")
@pytest.mark.parametrize(("scheme", "port"), [("smtp", 1), ("smtps", 2)])
async def test_curl_submits_a_file_with_unix_line_ends(server: Server, tmp_path: Path, scheme: str, port: int) -> None:
    file = tmp_path / "letter"
    file.write_bytes(LETTER)
    url = f"{scheme}://127.0.0.1:{server.numbers[port]}/laptop.lan"
    envelope = ["--mail-from", "alice@example.org", "--mail-rcpt", "carol@elsewhere.example"]
    secret = ["-u", "alice@example.org:correct horse"]
    status, printed = await run("curl", "-sSvk", "--ssl-reqd", url, *envelope, *secret, "-T", str(file))
    assert status == 0, printed
    [(_, content, _)] = await accepted()
    # curl ends a file that does not end in CR LF with one more.
    assert content.endswith(b"\r\n\r\n.dot\r\nFour o'clock?\r\n\r\n"), content
