"""mbsync: a Maildir on the laptop and the mailbox at home, each changed while the other was away."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import placement
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.protocol.imap import utf7
from tests.imapd.clients.laptop import changed_on_both_sides
from tests.imapd.clients.scene import LOGIN, Scene
from tests.imapd.conftest import SECRET, RunningServer, deliver, letter, mailbox

pytestmark = pytest.mark.program("mbsync")
TOO_SHORT = "No body at all"  # mbsync leaves a letter where it is that has no empty line after its header
CONFIG = """
IMAPAccount alice
Host localhost
Port {port}
User {login}
Pass "{secret}"
{tls} IMAPS
CertificateFile {certificate}

IMAPStore theirs
Account alice

MaildirStore mine
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :theirs:
Near :mine:
Patterns * !"All Mail" !Starred !Snoozed !Scheduled
Create Both
Expunge Both
CopyArrivalDate yes
SyncState *
"""


class Mbsync:
    """mbsync with its Maildirs below a folder, one inside the other as the mailboxes are."""

    def __init__(self, folder: Path, port: int, certificate: Path) -> None:
        self.folder = folder / "mail"
        self.folder.mkdir()
        self._config = folder / "mbsyncrc"
        word = "TLSType" if version() >= (1, 5) else "SSLType"
        values = {"port": port, "login": LOGIN, "secret": SECRET, "certificate": certificate}
        self._config.write_text(CONFIG.format(**values, folder=self.folder, tls=word))

    def run(self) -> None:
        done = subprocess.run(["mbsync", "-c", self._config, "all"], capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self, name: str) -> dict[str, str]:
        """Content hash by file name, new and cur."""
        found = (path for part in ("new", "cur") for path in (self.folder / name / part).iterdir())
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def maildir(self, name: str) -> Path:
        return self.folder / utf7.encode(name).decode()


def version() -> tuple[int, ...]:
    said = subprocess.run(["mbsync", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split()[-1].split(".")[:2]))


def test_a_maildir_and_the_mailbox_are_the_same_after_each_was_changed(scene: Scene) -> None:
    mbsync = Mbsync(scene.folder, scene.server.imaps, scene.certificate)
    changed_on_both_sides(scene, mbsync.run, mbsync.maildir, left=TOO_SHORT)


def store_state(owner: Account) -> list[object]:
    """All that a second run must not change."""
    boxes = Mailbox.objects.filter(account=owner).order_by("pk").values_list("name", "uidnext", "modseq", "total")
    held = (
        Membership.objects.filter(mailbox__account=owner).order_by("pk").values_list("uid", "deleted", "modseq", "message__flags")
    )
    return [*boxes, *held]


def test_a_thousand_messages_are_mirrored_and_a_second_run_changes_nothing(
    server: RunningServer, alice: Account, certificate: Path, tmp_path: Path
) -> None:
    contents = [letter(n) for n in range(1, 1001)]
    deliver(alice, *contents)
    mbsync = Mbsync(tmp_path, server.imaps, certificate)
    mbsync.run()
    files = mbsync.files("INBOX")
    assert len(files) == 1000
    written = {_without_mark(path.read_bytes()) for path in (mbsync.folder / "INBOX" / "new").iterdir()}
    assert written == {content.replace(b"\r\n", b"\n") for content in contents}

    before = store_state(alice)
    mbsync.run()
    assert (mbsync.files("INBOX"), store_state(alice)) == (files, before)

    _change_both_sides(mbsync, alice)
    mbsync.run()
    inbox = mailbox(alice, "INBOX")
    assert inbox.total == 1000  # one came, one went
    assert mailbox(alice, "Archive").total == 1  # product.md 3.9: expunged in INBOX is archived
    assert Message.objects.filter(account=alice, subject="From the laptop").exists()
    assert Message.objects.get(account=alice, subject="Letter 7").flags & Message.FLAGGED
    assert len([name for name in mbsync.files("INBOX") if "S" in name.partition(":2,")[2]]) == 10
    mbsync.run()
    files, before = mbsync.files("INBOX"), store_state(alice)
    mbsync.run()
    assert (mbsync.files("INBOX"), store_state(alice)) == (files, before)


def _without_mark(content: bytes) -> bytes:
    """mbsync keeps an X-TUID line in what it wrote, and Maildir's line ends."""
    return re.sub(rb"^X-TUID: .*\n", b"", content, flags=re.M)


def _change_both_sides(mbsync: Mbsync, alice: Account) -> None:
    """On the laptop: a star, a deletion, a new message. On the server: ten messages read."""
    new = mbsync.folder / "INBOX" / "new"
    for path in sorted(new.iterdir()):
        subject = next(line for line in path.read_bytes().splitlines() if line.startswith(b"Subject: "))
        name = path.name.partition(":2,")[0]
        if subject == b"Subject: Letter 7":
            path.rename(mbsync.folder / "INBOX" / "cur" / f"{name}:2,F")
        elif subject == b"Subject: Letter 8":
            path.rename(mbsync.folder / "INBOX" / "cur" / f"{name}:2,T")
    (new / "1700000000.1.laptop").write_bytes(b"From: alice@example.org\nSubject: From the laptop\n\nHello.\n")
    placement.store_flags(mailbox(alice, "INBOX"), range(101, 111), FlagChange(Message.SEEN))
