"""The spine: a letter comes in, is seen at once in the browser and over IMAP, is answered from either, and leaves signed."""

from __future__ import annotations

import hashlib
import imaplib
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import dkim
import dns.resolver
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.dns_server import DnsServer
from tests.stories.elsewhere import Elsewhere
from tests.stories.suite import PASSWORD, Suite, suite

World = tuple[Suite, Elsewhere, DnsServer]
pytestmark = [pytest.mark.timeout(300), pytest.mark.browser]
CHROMIUM = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
LETTER = (
    "From: Carol Diaz <carol@elsewhere.example>\r\nTo: Alice <alice@example.org>\r\nSubject: The orchard\r\n"
    "Message-ID: <orchard@elsewhere.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Shall we pick the quinces on Sunday? They are ripe.\r\n.\r\n..two dots and a long line " + "x" * 3_000 + "\r\nGrüße\r\n"
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed: apt install chromium")
    zone = {"elsewhere.example": {"MX": ["10 mx.elsewhere.example."]}, "mx.elsewhere.example": {"A": ["127.0.0.1"]}}
    with DnsServer(zone) as names, Elsewhere() as elsewhere, ExitStack() as stack:
        settings = {"MAILSUITE_RESOLVER": names.address, "MAILSUITE_REMOTE_PORT": str(elsewhere.port)}
        house = stack.enter_context(suite("alice", "bob", **settings))
        publish(house.manage("adddomain", "example.org", "--show"), names)
        yield house, elsewhere, names
        assert not house.tracebacks()


def publish(zone_lines: str, names: DnsServer) -> None:
    """Do what the operator does: put the printed TXT records into DNS."""
    for name, value in re.findall(r'^(\S+)\.\s.*TXT\s(".*")$', zone_lines, re.M):
        names.add(name, "TXT", [part.encode() for part in re.findall(r'"([^"]*)"', value)])


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    house = world[0]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page = browser.new_page(base_url=f"http://127.0.0.1:{house.ports['WEB']}")
        page.context.add_cookies([{"name": "view", "value": "simple", "url": f"http://127.0.0.1:{house.ports['WEB']}"}])
        page.goto("/sign-in")
        page.fill("input[name=login]", "alice@example.org")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form:has(input[type=password]) button")
        yield page
        browser.close()


def imap(house: Suite, mailbox: str = "INBOX") -> imaplib.IMAP4:
    link = imaplib.IMAP4("127.0.0.1", house.ports["IMAP"])
    link.login("alice@example.org", PASSWORD)
    link.select(f'"{mailbox}"')
    return link


def subjects(house: Suite, mailbox: str) -> list[str]:
    link = imap(house, mailbox)
    _, parts = link.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    link.logout()
    return [part[1].decode().partition(":")[2].strip() for part in parts if isinstance(part, tuple)]


def asked(house: Suite, fruit: str) -> str:
    """Carol writes to alice about a fruit; the Message-ID, when her letter is in the INBOX."""
    content = LETTER.replace("The orchard", f"The {fruit}").replace("orchard@", f"{fruit}@")
    with smtplib.SMTP("127.0.0.1", house.ports["SMTP"], timeout=30) as link:
        link.sendmail("carol@elsewhere.example", ["alice@example.org"], content.encode())
    house.wait_for(lambda: f"The {fruit}" in subjects(house, "INBOX"), "carol's letter")
    return f"<{fruit}@elsewhere.example>"


@pytest.mark.program("swaks")
def test_a_letter_by_smtp_is_seen_at_once_and_byte_exact(world: World, page: Page, tmp_path: Path) -> None:
    house = world[0]
    page.goto("/")
    idle = imap(house)
    idle.send(b"i IDLE\r\n")
    assert idle.readline().startswith(b"+")
    idle.sock.settimeout(30)
    letter = tmp_path / "letter"
    letter.write_bytes(LETTER.encode())
    words = ["swaks", "--server", f"127.0.0.1:{house.ports['SMTP']}", "--from", "carol@elsewhere.example"]
    sent = subprocess.run(
        [*words, "--to", "alice@example.org", "--data", f"@{letter}"], capture_output=True, text=True, check=False
    )
    assert sent.returncode == 0, sent.stdout
    while b"EXISTS" not in (line := idle.readline()):
        assert line, "the IDLE client heard nothing"
    page.wait_for_selector("text=The orchard", timeout=10_000)
    link = imap(house)
    _, parts = link.fetch("*", "(BODY.PEEK[])")
    kept = parts[0][1]
    body = kept[kept.index(b"From: Carol") :]
    assert kept.startswith(b"Return-Path: <carol@elsewhere.example>\r\n")
    # swaks ends its data with a line end of its own
    assert hashlib.sha256(body.rstrip()).hexdigest() == hashlib.sha256(LETTER.encode().rstrip()).hexdigest()


def signed(content: bytes, names: DnsServer) -> bool:
    """Does dkimverify, asking the test's own DNS server for the key, believe it?"""

    def txt(name: bytes, timeout: float = 5) -> bytes:
        asked = dns.resolver.Resolver(configure=False)
        asked.nameservers, asked.port = [names.host_port[0]], names.host_port[1]
        return b"".join(asked.resolve(name.decode(), "TXT", lifetime=timeout)[0].strings)

    return bool(dkim.DKIM(content).verify(dnsfunc=txt))


def test_a_reply_from_the_browser_leaves_signed(world: World, page: Page) -> None:
    house, elsewhere, names = world
    message_id = asked(house, "quinces")
    page.goto("/")
    page.click("a:has-text('The quinces')")
    page.click("text=More options")
    page.fill("textarea[name=text]", "Yes, at ten. I bring the ladder.")
    page.click("button:visible:has-text('Send')")
    reverse_path, recipients, content = elsewhere.wait_for("Re: The quinces")
    assert (reverse_path, recipients) == ("alice@example.org", ["carol@elsewhere.example"])
    assert f"In-Reply-To: {message_id}".encode() in content
    assert signed(content, names)
    assert "Re: The quinces" in subjects(house, "Sent")
    page.goto("/")
    page.click("a:has-text('The quinces')")
    assert page.locator("text=I bring the ladder").count() > 0


@pytest.mark.program("curl")
def test_a_reply_by_submission_leaves_signed_and_joins_the_conversation(world: World, page: Page, tmp_path: Path) -> None:
    house, elsewhere, names = world
    letter = tmp_path / "reply"
    letter.write_text(
        "From: Alice <alice@example.org>\r\nTo: Carol <carol@elsewhere.example>\r\nSubject: Re: The pears\r\n"
        f"References: {asked(house, 'pears')}\r\nBcc: bob@example.org\r\n\r\nAnd a basket, from curl.\r\n",
        newline="",
    )
    words = [
        "curl",
        "-sS",
        "--insecure",
        f"smtps://127.0.0.1:{house.ports['SUBMISSIONS']}",
        "--user",
        f"alice@example.org:{PASSWORD}",
    ]
    words += ["--mail-from", "alice@example.org", "--mail-rcpt", "carol@elsewhere.example", "--upload-file", str(letter)]
    sent = subprocess.run(words, capture_output=True, text=True, check=False)
    assert sent.returncode == 0, sent.stderr
    content = elsewhere.wait_for("Re: The pears")[2]
    assert b"from curl" in content
    assert b"Bcc" not in content
    assert signed(content, names)
    assert "Re: The pears" in subjects(house, "Sent")
    page.goto("/")
    page.click("a:has-text('The pears')")
    assert page.locator("text=And a basket").count() > 0


@pytest.mark.program("mutt")
def test_mutt_writes_through_submission(world: World, tmp_path: Path) -> None:
    house, elsewhere, names = world
    config = tmp_path / "muttrc"
    config.write_text(
        f"set smtp_url = 'smtp://alice%40example.org@127.0.0.1:{house.ports['SUBMISSION']}/'\nset smtp_pass = '{PASSWORD}'\n"
        "set from = 'alice@example.org'\nset use_from = yes\nset ssl_force_tls = yes\nset ssl_verify_host = no\nset copy = no\n"
        f"set ssl_verify_dates = no\nset certificate_file = {tmp_path}/certs\n"
    )
    (tmp_path / "certs").write_text(ssl.get_server_certificate(("127.0.0.1", house.ports["SUBMISSIONS"])))
    words = ["mutt", "-F", str(config), "-s", "From mutt", "carol@elsewhere.example"]
    sent = subprocess.run(words, input="Hello from mutt.\n", capture_output=True, text=True, check=False, timeout=60)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert signed(elsewhere.wait_for("From mutt")[2], names)


def test_an_unknown_recipient_and_a_stranger_to_relay_for_are_refused(world: World) -> None:
    house = world[0]
    with socket.create_connection(("127.0.0.1", house.ports["SMTP"]), 20) as link:
        reader = link.makefile("rb")
        assert reader.readline().startswith(b"220")
        for words, expected in [
            (b"HELO mallory.example\r\n", b"250"),
            (b"MAIL FROM:<mallory@mallory.example>\r\n", b"250"),
            (b"RCPT TO:<nobody@example.org>\r\n", b"550 5.1.1"),
            (b"RCPT TO:<carol@elsewhere.example>\r\n", b"550 5.7.1"),
        ]:
            link.sendall(words)
            assert reader.readline().startswith(expected)
