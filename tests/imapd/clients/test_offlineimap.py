"""offlineimap: Maildirs on the laptop, as with mbsync, by a program that asks in other ways."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mailsuite.protocol.imap import utf7
from tests.imapd.clients.laptop import changed_on_both_sides
from tests.imapd.clients.scene import LOGIN, VIEWS, Scene
from tests.imapd.conftest import SECRET

pytestmark = pytest.mark.program("offlineimap")
TOO_SHORT = "No body at all"  # it writes the empty line that this one lacks after its header
CONFIG = """
[general]
accounts = alice
metadata = {folder}/known

[Account alice]
localrepository = mine
remoterepository = theirs

[Repository mine]
type = Maildir
localfolders = {folder}/mail
sep = /

[Repository theirs]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {login}
remotepass = {secret}
ssl = yes
sslcacertfile = {certificate}
folderfilter = lambda name: name not in {views}
"""


class OfflineImap:
    def __init__(self, scene: Scene) -> None:
        self.folder = scene.folder / "mail"
        self._config = scene.folder / "offlineimaprc"
        values = {"port": scene.server.imaps, "login": LOGIN, "secret": SECRET, "certificate": scene.certificate}
        self._config.write_text(CONFIG.format(**values, folder=scene.folder, views=sorted(VIEWS)))
        self._environment = {**os.environ, "HOME": str(scene.folder)}

    def run(self) -> None:
        words = ["offlineimap", "-c", str(self._config), "-o", "-u", "basic"]
        done = subprocess.run(["timeout", "60", *words], env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ERROR" not in done.stdout + done.stderr, done.stdout + done.stderr

    def maildir(self, name: str) -> Path:
        return self.folder / utf7.encode(name).decode()


def test_a_maildir_and_the_mailbox_are_the_same_after_each_was_changed(scene: Scene) -> None:
    offlineimap = OfflineImap(scene)
    changed_on_both_sides(scene, offlineimap.run, offlineimap.maildir, mended=TOO_SHORT)
