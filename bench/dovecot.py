"""The peer of the IMAP door: Debian's Dovecot as it comes, over a Maildir or an sdbox with the same messages in INBOX."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.maildir import FOLDERS
from tests import dovecot
from tests.dovecot import MAIL_UID
from tests.stories.suite import descendants

PACKAGES = ["dovecot-imapd", "dovecot-lmtpd"]


class Dovecot(dovecot.Dovecot):
    """Its INBOX holds what is in Inbox, Archive and Sent of the seed."""

    mailbox = "INBOX"

    def __init__(self, folder: Path, seed: Path, form: str) -> None:
        super().__init__(folder, form, fsync="optimized")
        self.seed = seed
        self.name = "Dovecot " + {"maildir": "Maildir"}.get(form, form)

    def start(self) -> None:
        install()
        if self.form == "maildir":
            gather(self.seed / "Maildir", self.root / "mail")
        else:
            self._convert()
        super().start()

    def _convert(self) -> None:
        """The messages from a Maildir, by Dovecot's own import; without fsync, which nobody measures."""
        print(f"Making the {self.form}", file=sys.stderr)
        source = self.root / "source"
        gather(self.seed / "Maildir", source)
        self.fsync = "never"
        super().start()
        subprocess.run(["doveadm", "-c", str(self.conf), "import", "-u", "alice", f"maildir:{source}", "", "ALL"], check=True)
        self.stop()
        self.fsync = "optimized"
        shutil.rmtree(source)

    def processes(self) -> list[int]:
        assert self.process
        return [self.process.pid, *descendants(self.process.pid)]


def gather(maildir: Path, target: Path) -> None:
    """One folder with the seed's messages, by hard links: Dovecot renames a file to mark it, and never writes to it."""
    for part in ("cur", "new", "tmp"):
        (target / part).mkdir(parents=True)
    for role, name in FOLDERS.items():
        if role == "junk":
            continue
        for path in os.scandir(maildir / name / "cur"):
            try:
                os.link(path, target / "cur" / path.name)
            except OSError:
                shutil.copy2(path, target / "cur" / path.name)  # on another disk
    for folder, _, _ in os.walk(target):
        os.chown(folder, MAIL_UID, MAIL_UID)


def install() -> None:
    """The peer, from Debian, where it is not here yet."""
    if os.geteuid() != 0:
        raise SystemExit("The benchmark starts Dovecot as root: run it as root.")
    if not Dovecot.missing():
        return
    if not shutil.which("apt-get"):
        raise SystemExit(f"The benchmark needs its peer: apt install {' '.join(PACKAGES)}")
    print(f"Installing {' '.join(PACKAGES)}", file=sys.stderr)
    words = ["apt-get", "install", "-qy", "--no-install-recommends", *PACKAGES]
    subprocess.run(words, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, check=True)
