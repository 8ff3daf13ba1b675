"""fetchmail: it takes the mail home, and leaves it or does not."""

from __future__ import annotations

import os
import subprocess
from collections import Counter

import pytest

from tests.imapd.clients import letters
from tests.imapd.clients.scene import LOGIN, Scene, digest
from tests.imapd.conftest import SECRET

pytestmark = pytest.mark.program("fetchmail")
MENDED = ("A long line", "No body at all", "No line end at its end")  # what it does not leave as it was
CONFIG = """
poll localhost service {port} proto IMAP
  user "{login}" password "{secret}" ssl sslcertck sslcertfile {certificate}
  {options} mda "{folder}/keep"
set invisible
"""
KEEP = "#!/bin/sh\ncat > $(mktemp {folder}/home/XXXXXXXXXX)\n"


def fetch(scene: Scene, *options: str) -> Counter[str]:
    """One poll; the digests of what came home with it."""
    home, config, keep = scene.folder / "home", scene.folder / "fetchmailrc", scene.folder / "keep"
    home.mkdir(exist_ok=True)
    before = set(home.iterdir())
    values = {"port": scene.server.imaps, "login": LOGIN, "secret": SECRET, "certificate": scene.certificate}
    config.write_text(CONFIG.format(**values, options=" ".join(options), folder=scene.folder))
    config.chmod(0o600)
    keep.write_text(KEEP.format(folder=scene.folder))
    keep.chmod(0o755)
    words = ["fetchmail", "-f", str(config), "--pidfile", str(scene.folder / "pid"), "-v"]
    environment = {**os.environ, "HOME": str(scene.folder), "FETCHMAILHOME": str(scene.folder)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: there was no mail
    return Counter(digest(path.read_bytes()) for path in {*home.iterdir()} - before)


def test_it_takes_home_what_is_unread_and_then_what_is_new_and_deletes_when_told_to(scene: Scene) -> None:
    kept = Counter(content for content, _ in scene.kept("INBOX").elements())
    first = fetch(scene, "keep")
    assert sum(first.values()) == 110
    assert set(kept - first) == {scene.digest(subject) for subject in MENDED}
    assert scene.box("INBOX").unread == 0
    assert fetch(scene, "keep") == Counter()

    scene.meanwhile()
    second = fetch(scene, "keep")
    assert second == Counter({digest(letters.TRACE + letters.plain(n)): 1 for n in (301, 302)})
    everything = fetch(scene, "fetchall", "nokeep")
    assert sum(everything.values()) == 109
    assert scene.box("INBOX").total == 0
    assert scene.box("Archive").total == 12 + 111  # nothing is lost by it: product.md 3.9, and one is in Trash
    scene.one_of_each()
    scene.at_rest()
