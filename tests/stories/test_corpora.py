"""Two thousand strange messages through all doors: taken, kept byte for byte, listed over IMAP, shown on the web."""

from __future__ import annotations

import hashlib
import http.cookiejar
import imaplib
import re
import smtplib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora import corpus
from tests.stories.suite import PASSWORD, Suite, suite

PACKS = ("mime-torture", "mime-expected", "ics", "tnef", "html-mail")
pytestmark = pytest.mark.timeout(900)


def letters(pack: str) -> Iterator[bytes]:
    """Each file as a message with lines ended by CRLF; calendars, pages and winmail.dat are put into one."""
    for path in sorted(corpus(pack).rglob("*")):
        if not path.is_file() or path.suffix in NO_MESSAGES.get(pack, NOTES) or path.name.startswith("LICENSE"):
            continue
        content = path.read_bytes()
        if head := wrapping(pack, path, content):
            content = head + content
        yield re.sub(rb"\r?\n", b"\r\n", content)


KINDS = {"ics": "text/calendar", "html-mail": "text/html", "tnef": "application/ms-tnef"}
NOTES = {".tsv", ".md", ".rst", ".list", ".baseline"}
NO_MESSAGES = {"mime-expected": {".json", ".xml", ".txt", ".out", ".bin"}}


def wrapping(pack: str, path: Path, content: bytes) -> bytes:
    """The header to put before a file that is a calendar, a page or a winmail.dat and not a message."""
    if pack not in KINDS or path.suffix == ".eml":
        return b""
    name = re.sub(r"[^ -~]|[\"\\\\]", "_", path.name)
    return (
        f"From: Corpus <corpus@elsewhere.example>\nTo: alice@example.org\nSubject: {name}\nMIME-Version: 1.0\n"
        f'Content-Type: {KINDS[pack]}; name="{name}"\nContent-Transfer-Encoding: 8bit\n\n'
    ).encode()


def deliver(house: Suite, found: list[bytes]) -> None:
    """By SMTP what SMTP can carry; what has bare CRs, which we refuse from strangers, by APPEND."""
    with smtplib.SMTP("127.0.0.1", house.ports["SMTP"], timeout=60) as link, imap(house) as append:
        for content in found:
            if b"\r" in content.replace(b"\r\n", b""):
                append.literal = content  # imaplib's own append() makes CRLF of every bare CR
                status, answer = append._simple_command("APPEND", "INBOX")
                assert status == "OK", answer
                continue
            link.ehlo_or_helo_if_needed()
            assert link.mail("corpus@elsewhere.example")[0] == 250
            assert link.rcpt("alice@example.org")[0] == 250
            assert link.docmd("DATA")[0] == 354
            ended = content if content.endswith(b"\r\n") else content + b"\r\n"
            link.send(re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n")
            code, words = link.getreply()
            assert code == 250, words


def imap(house: Suite) -> imaplib.IMAP4:
    link = imaplib.IMAP4("127.0.0.1", house.ports["IMAP"])
    link.login("alice@example.org", PASSWORD)
    link.select('"All Mail"')
    return link


def digest(content: bytes) -> str:
    return hashlib.sha256(content if content.endswith(b"\r\n") else content + b"\r\n").hexdigest()


class Browser:
    """A signed-in HTTP client; pages must answer 200 and hold no error."""

    def __init__(self, house: Suite) -> None:
        self.base = f"http://127.0.0.1:{house.ports['WEB']}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        form = self.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token
        values = {"login": "alice@example.org", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        self.opener.open(f"{self.base}/sign-in", urllib.parse.urlencode(values).encode())

    def get(self, path: str) -> str:
        try:
            with self.opener.open(self.base + path) as response:
                return response.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:500]!r}") from error


@pytest.mark.parametrize("pack", PACKS)
def test_every_message_is_taken_kept_listed_and_shown(pack: str) -> None:
    found = list(letters(pack))
    assert len(found) > 50
    # One of the letters came through more hosts than we let a letter come through.
    with suite("alice", MAILSUITE_HOP_LIMIT="1000") as house:
        deliver(house, found)
        wanted = {digest(content) for content in found}
        house.wait_for(lambda: counted(house) >= len(wanted), f"{len(wanted)} messages in the mailbox", 240)
        fetched(house, wanted)
        browser, threads = Browser(house), set()
        for number in range(1, 100):
            page = browser.get(f"/in/all?page={number}")
            threads |= set(re.findall(r'href="(/t/\d+)', page))
            if f"page={number + 1}" not in page:
                break
        assert threads
        for path in sorted(threads):
            for frame in re.findall(r'src="(/m/\d+/body[^"]*)"', browser.get(path)):
                browser.get(frame)
        house.manage("checkstore")
        assert not house.tracebacks(), "\n".join(house.log[-60:])


def counted(house: Suite) -> int:
    link = imap(house)
    _, answer = link.status('"All Mail"', "(MESSAGES)")
    link.logout()
    return int(re.search(rb"MESSAGES (\d+)", answer[0])[1])  # type: ignore[index]


def fetched(house: Suite, wanted: set[str]) -> None:
    """ENVELOPE and BODYSTRUCTURE come for every message, and the bytes after our trace are the bytes that were sent."""
    link = imap(house)
    status, rows = link.fetch("1:*", "(UID ENVELOPE BODYSTRUCTURE)")
    assert status == "OK"
    _, parts = link.fetch("1:*", "(BODY.PEEK[])")
    kept = [part[1] for part in parts if isinstance(part, tuple)]
    missing = wanted - {original for content in kept for original in possible_originals(content)}
    assert not missing, f"{len(missing)} of {len(wanted)} are not as they were sent"
    assert len(rows) >= len(kept)


def possible_originals(content: bytes) -> Iterator[str]:
    """Digests of the message without its first field, its first two, and so on: we put at most eight before it."""
    yield digest(content)
    for _ in range(8):
        lines = re.match(rb"[^\n]*\n(?:[ \t][^\n]*\n)*", content)
        if not lines:
            return
        content = content[lines.end() :]
        yield digest(content)
        yield digest(content.removeprefix(b"\r\n"))  # which parts our lines from a message without a header
