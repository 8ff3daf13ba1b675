"""The peer of the IMAP door: Debian's Dovecot as it comes, over a Maildir or an sdbox with the same messages in INBOX."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.maildir import FOLDERS
from tests.ports import free_ports
from tests.stories.suite import descendants

PACKAGES = ["dovecot-imapd", "dovecot-lmtpd"]
MAIL_UID = 5000
CONF = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 100
mail_location = {form}:{root}/mail
auth_username_format = %n
mail_max_userip_connections = 1000
default_client_limit = 5000
mail_fsync = {fsync}
passdb {{
  driver = static
  args = password=x
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/home allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  service_count = 0
  client_limit = 1000
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 1200
}}
service anvil {{
  client_limit = 5000
}}
service auth {{
  client_limit = 6000
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


class Dovecot:
    """Logs alice in with the password x. Its INBOX holds what is in Inbox, Archive and Sent of the seed.

    form: maildir or sdbox.
    """

    login, password, mailbox = "alice", "x", "INBOX"

    def __init__(self, folder: Path, seed: Path, form: str) -> None:
        self.root, self.seed, self.form = folder, seed, form
        self.name = "Dovecot " + {"maildir": "Maildir"}.get(form, form)
        self.imap, self.lmtp = free_ports(2)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        install()
        for part in ("run", "home"):
            (self.root / part).mkdir(parents=True)
        for folder in (self.root, self.root.parent):
            folder.chmod(0o755)  # its processes run as users of their own
        os.chown(self.root / "home", MAIL_UID, MAIL_UID)
        if self.form == "maildir":
            gather(self.seed / "Maildir", self.root / "mail")
        else:
            self._convert()
        self._run(self._configured("conf", "optimized"))

    def _run(self, conf: str) -> None:
        with open(self.root / "start.log", "a") as log:
            words = ["dovecot", "-F", "-c", conf]
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        time.sleep(2)

    def _configured(self, name: str, fsync: str) -> str:
        facts = {"root": self.root, "uid": MAIL_UID, "imap": self.imap, "lmtp": self.lmtp, "form": self.form, "fsync": fsync}
        (self.root / name).write_text(CONF.format(**facts))
        return str(self.root / name)

    def _convert(self) -> None:
        """The messages from a Maildir, by Dovecot's own import; without fsync, which nobody measures."""
        print(f"Making the {self.form}", file=sys.stderr)
        (self.root / "mail").mkdir()
        os.chown(self.root / "mail", MAIL_UID, MAIL_UID)
        source = self.root / "source"
        gather(self.seed / "Maildir", source)
        conf = self._configured("import.conf", "never")
        self._run(conf)
        subprocess.run(["doveadm", "-c", conf, "import", "-u", "alice", f"maildir:{source}", "", "ALL"], check=True)
        self.stop()
        shutil.rmtree(source)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)

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
    if shutil.which("dovecot") and Path("/usr/lib/dovecot/lmtp").exists():
        return
    if not shutil.which("apt-get"):
        raise SystemExit(f"The benchmark needs its peer: apt install {' '.join(PACKAGES)}")
    print(f"Installing {' '.join(PACKAGES)}", file=sys.stderr)
    words = ["apt-get", "install", "-qy", "--no-install-recommends", *PACKAGES]
    subprocess.run(words, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, check=True)
