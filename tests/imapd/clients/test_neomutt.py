"""neomutt: a screen, a header cache, and keys that are pressed as a person presses them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from tests.imapd.clients.scene import LOGIN, Scene, digest, letters_of
from tests.imapd.conftest import SECRET

pytestmark = [pytest.mark.program("neomutt"), pytest.mark.program("script")]
UNENDED = ("No body at all", "No line end at its end")  # it shows them, and does not keep them
CONFIG = """
set folder="imaps://localhost:{port}/" spoolfile="+INBOX" imap_user="{login}" imap_pass="{secret}"
set ssl_force_tls=yes certificate_file="{certificate}" ssl_verify_host=no
set header_cache="{folder}/headers" message_cachedir="{folder}/bodies" imap_condstore=yes imap_qresync=yes
set realname="Alice" from="{login}" use_from=yes record="+Sent" postponed="+Drafts" sendmail="/bin/true" copy=yes
set delete=yes confirmappend=no confirmcreate=no mark_old=no auto_tag=no resolve=no timeout=1 sleep_time=0 quit=yes
set mbox_type=Maildir wait_key=no editor="sh -c 'echo Hello. >> $1' --" abort_unmodified=no postpone=yes recall=no
set charset=utf-8 crypt_use_gpgme=no
push "{keys}"
"""


class Neomutt:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.screen = scene, ""
        (scene.folder / "bodies").mkdir()
        self._environment = {**os.environ, "TERM": "vt100", "HOME": str(scene.folder), "LC_ALL": "C.UTF-8"}

    def press(self, *keys: str, mailbox: str = "INBOX") -> None:
        """Open a mailbox, press the keys, and leave."""
        scene, config = self.scene, self.scene.folder / "neomuttrc"
        values = {"port": scene.server.imaps, "login": LOGIN, "secret": SECRET, "certificate": scene.certificate}
        config.write_text(CONFIG.format(**values, folder=scene.folder, keys="".join([*keys, "<sync-mailbox><quit>"])))
        command = f"stty rows 150 cols 120 2>/dev/null; exec neomutt -n -F {config} -f '+{mailbox}'"
        words = ["script", "-qec", command, "/dev/null"]
        done = subprocess.run(
            words, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
        )
        self.screen = done.stdout[-3_000:]
        assert done.returncode == 0, self.screen

    def read_all(self, mailbox: str) -> dict[int, str]:
        """Have it look at every letter it knows of in a mailbox; digest by UID of what it kept of them."""
        shutil.rmtree(self.scene.folder / "bodies")
        (self.scene.folder / "bodies").mkdir()
        self.press("<tag-pattern>~A<enter><tag-prefix><pipe-message>cat > /dev/null<enter>", mailbox=mailbox)
        files = (path for path in (self.scene.folder / "bodies").rglob("*") if path.is_file())
        return {int(path.name.rpartition("-")[2]): digest(path.read_bytes()) for path in files}


def on(subject: str, *keys: str) -> str:
    """Go to the letter of this subject, and press keys there."""
    return "".join(["<first-entry><search>~s", f"^{subject.replace(' ', '.')}$", "<enter>", *keys])


def save(name: str) -> Sequence[str]:
    return ("<save-message>", f"={name}", "<enter>")


def test_a_day_at_the_keys_and_the_cache_knows_what_happened_elsewhere(scene: Scene) -> None:
    mutt = Neomutt(scene)
    assert mutt.read_all("INBOX") == scene.by_uid("INBOX", UNENDED), mutt.screen

    mutt.press(
        on("Letter 1", "<clear-flag>N"),
        on("Letter 2", "<flag-message>"),
        on("Letter 4", *save("Rechnungen/2026/März")),
        on("Letter 5", "<copy-message>=日本語<enter>"),
        on("Letter 6", "<delete-message>"),
        on("Letter 7", *save("Garten/Beete")),
        "<mail>bob@example.org<enter>A draft<enter><postpone-message>",
        "<mail>bob@example.org<enter>From the keys<enter><send-message>",
    )
    mutt.press("<enter-command>set trash=+Trash<enter>", on("Letter 8", "<delete-message>"), on("Letter 14", "<flag-message>"))
    scene.meanwhile()
    assert mutt.read_all("INBOX") == scene.by_uid("INBOX", UNENDED), mutt.screen
    assert mutt.read_all("Rechnungen/2026/März") == scene.by_uid("Rechnungen/2026/März"), mutt.screen

    assert scene.names("Letter 4") == {"Rechnungen/2026/März", "Archive"}
    assert scene.names("Letter 5") == {"INBOX", "日本語"}
    assert scene.names("Letter 6") == {"Archive"}
    assert scene.names("Letter 7") == {"Garten/Beete", "Archive"}
    assert scene.names("Letter 8") == {"Trash"}
    assert {n: letters_of(scene.message(f"Letter {n}").flags) for n in (2, 14)} == {2: "F", 14: "F"}
    assert scene.names("A draft") == {"Drafts"}
    assert scene.names("From the keys") == {"Sent"}
    scene.one_of_each()
    scene.at_rest()
