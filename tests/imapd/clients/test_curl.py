"""curl: one command, one answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from tests.imapd.clients.scene import LOGIN
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
