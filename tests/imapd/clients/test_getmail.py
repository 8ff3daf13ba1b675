"""getmail: mail comes home into a Maildir, each letter once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.imapd.clients import letters
from tests.imapd.clients.scene import LOGIN, Scene, digest, maildir
from tests.imapd.conftest import SECRET

pytestmark = pytest.mark.program("getmail")
CONFIG = """
[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = {port}
username = {login}
password = {secret}
ca_certs = {certificate}
mailboxes = {mailboxes}
use_peek = true
[destination]
type = MDA_external
path = {folder}/keep
allow_root_commands = true
unixfrom = false
[options]
read_all = false
delivered_to = false
received = false
delete = {delete}
"""


def get(scene: Scene, *mailboxes: str, delete: bool = False) -> Path:
    """One run; the Maildir that it delivers to."""
    home, rc = scene.folder / "home", scene.folder / "getmailrc"
    for part in ("cur", "new", "tmp"):
        (home / part).mkdir(parents=True, exist_ok=True)
    values = {"port": scene.server.imaps, "login": LOGIN, "secret": SECRET, "certificate": scene.certificate}
    rc.write_text(CONFIG.format(**values, mailboxes=mailboxes, delete=delete, folder=scene.folder))
    keep = scene.folder / "keep"
    keep.write_text(f"#!/bin/sh\ncat > $(mktemp {home}/new/XXXXXXXXXX)\n")
    keep.chmod(0o755)
    words = ["getmail", "--getmaildir", str(scene.folder), "--rcfile", str(rc)]
    environment = {**os.environ, "HOME": str(scene.folder)}
    done = subprocess.run(
        words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def test_each_letter_comes_home_once_and_what_was_taken_is_deleted_when_told_so(scene: Scene) -> None:
    home = get(scene, "INBOX", "Büro", "Rechnungen/2026/März")
    took = {content for content, _ in maildir(home)}
    wanted = {content for name in ("INBOX", "Büro", "Rechnungen/2026/März") for content, _ in scene.kept(name)}
    assert len(took) == 116
    assert wanted - took <= {digest(letters.TRACE + one) for one in letters.awkward()}  # those it takes apart, and writes anew
    assert scene.box("INBOX").unread == 110  # it peeks

    scene.meanwhile()
    get(scene, "INBOX", "Büro", "Rechnungen/2026/März")
    came = {content for content, _ in maildir(home)} - took
    assert came == {digest(letters.TRACE + letters.plain(301)), digest(letters.TRACE + letters.plain(302))}
    get(scene, "INBOX", delete=True)
    assert scene.box("INBOX").total == 0
    scene.one_of_each()
    scene.at_rest()
