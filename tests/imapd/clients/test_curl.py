"""curl: one command, one answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from tests.imapd.clients import letters
from tests.imapd.clients.scene import LOGIN, Scene, digest
from tests.imapd.conftest import SECRET, RunningServer, deliver, letter

pytestmark = pytest.mark.program("curl")


def test_curl_reads_a_message_byte_for_byte_and_appends_one(
    server: RunningServer, alice: Account, certificate: Path, tmp_path: Path
) -> None:
    deliver(alice, letter(1), trace=b"Return-Path: <bob@example.org>\r\nReceived: from here\r\n\tby there\r\n")
    url = f"imaps://localhost:{server.imaps}"
    curl = ["curl", "-sS", "--max-time", "20", "--cacert", str(certificate), "-u", f"{LOGIN}:{SECRET}"]
    read = subprocess.run([*curl, f"{url}/INBOX;MAILINDEX=1"], capture_output=True, check=True).stdout
    assert read == b"Return-Path: <bob@example.org>\r\nReceived: from here\r\n\tby there\r\n" + letter(1)
    (tmp_path / "draft.eml").write_bytes(letter(2))
    subprocess.run([*curl, "-T", str(tmp_path / "draft.eml"), f"{url}/Drafts"], capture_output=True, check=True)
    found = subprocess.run([*curl, f"{url}/Drafts", "-X", "SEARCH SUBJECT Letter"], capture_output=True, check=True).stdout
    assert found == b"* SEARCH 1\r\n"
    plain = ["--ssl-reqd", f"imap://localhost:{server.imap}"]
    listed = subprocess.run([*curl, *plain], capture_output=True, check=True).stdout
    assert b'"/" INBOX' in listed


def test_curl_finds_files_and_reads_what_is_awkward(scene: Scene) -> None:
    curl = Curl(scene)
    assert b'"/" Rechnungen/2026/M&AOQ-rz' in curl("")
    for uid, kept in scene.by_uid("INBOX").items():
        if uid > letters.PLAIN - 3:
            assert digest(curl(f"INBOX;UID={uid}")) == kept
    assert b"filename*" in curl("INBOX;UID=101;SECTION=2.MIME")
    curl("INBOX", "UID STORE 1:2 +FLAGS (\\Seen)")
    curl("INBOX", "UID MOVE 4 Rechnungen/2026/M&AOQ-rz")
    curl("INBOX", "UID COPY 5 &ZeVnLIqe-")
    curl("", "CREATE Garten/Beete")
    curl("INBOX", "UID MOVE 7 Garten/Beete")
    scene.meanwhile()
    assert curl("INBOX", 'UID SEARCH SUBJECT "Letter 301"') == b"* SEARCH 111\r\n"
    assert b"MESSAGES 4" in curl("", "STATUS B&APw-ro (MESSAGES)")
    assert scene.names("Letter 4") == {"Rechnungen/2026/März", "Archive"}
    assert scene.names("Letter 5") == {"INBOX", "日本語"}
    assert scene.names("Letter 7") == {"Garten/Beete", "Archive"}
    scene.one_of_each()
    scene.at_rest()


class Curl:
    """curl on alice's mailboxes: a path, and a command other than curl's own."""

    def __init__(self, scene: Scene) -> None:
        self._url = f"imaps://localhost:{scene.server.imaps}"
        self._words = ["curl", "-sS", "--max-time", "20", "--cacert", str(scene.certificate), "-u", f"{LOGIN}:{SECRET}"]

    def __call__(self, path: str, command: str = "") -> bytes:
        asked = ["-X", command] if command else []
        return subprocess.run([*self._words, f"{self._url}/{path}", *asked], capture_output=True, check=True).stdout
