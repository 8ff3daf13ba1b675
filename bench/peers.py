"""Private instances of both sides: Postfix with Dovecot (LMTP, Maildir) from Debian, and Mailsuite by `manage.py up`."""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.ports import free_ports
from tests.stories.suite import PASSWORD, Suite, descendants

PACKAGES = ["postfix", "dovecot-imapd", "dovecot-lmtpd"]
MAIN_CF = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = example.org
virtual_transport = lmtp:unix:{root}/lmtp
maillog_file = {root}/mail.log
maillog_file_prefixes = /tmp
smtpd_tls_security_level = none
smtpd_recipient_restrictions = permit_mynetworks, reject
multi_instance_enable = no
"""
DOVECOT_CONF = """
base_dir = {root}/dovecot
state_dir = {root}/dovecot
log_path = {root}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 100
mail_location = maildir:{root}/mail/%n
auth_username_format = %n
passdb {{
  driver = static
  args = password=x
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/mail/%n allow_all_users=yes
}}
service lmtp {{
  unix_listener {root}/lmtp {{
    mode = 0666
  }}
}}
"""
MAIL_UID = 5000


def cpu_seconds(pids: list[int]) -> float:
    """What these processes and their reaped children have used: proc(5), stat, fields 14 to 17."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


class PostfixDovecot:
    """Postfix hands to Dovecot over LMTP, Dovecot writes Maildirs: both as Debian ships them, without filters."""

    name = "Postfix + Dovecot"

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.port = free_ports(1)[0]

    def start(self) -> None:
        install()
        for part in ("queue", "data", "dovecot", "mail", "etc"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        for folder in (self.root, self.root.parent):
            folder.chmod(0o755)  # its processes run as users of their own
        shutil.chown(self.root / "data", "postfix")
        os.chown(self.root / "mail", MAIL_UID, MAIL_UID)
        self._configure_postfix()
        (self.root / "dovecot.conf").write_text(DOVECOT_CONF.format(root=self.root, uid=MAIL_UID))
        self._run("dovecot", "-c", str(self.root / "dovecot.conf"))
        self._run("postfix", "-c", str(self.root / "etc"), "start")
        time.sleep(2)

    def _configure_postfix(self) -> None:
        etc = self.root / "etc"
        (etc / "main.cf").write_text(MAIN_CF.format(root=self.root))
        master = Path("/etc/postfix/master.cf").read_text()
        master = re.sub(r"(?m)^(smtp +inet .*)$", r"#\1", master)
        master = re.sub(r"(?m)^([a-z0-9-]+ +(?:unix|fifo|inet) +[a-z-]+ +[a-z-]+ +)y( .*)$", r"\1n\2", master)  # no chroot
        master = re.sub(r"(?m)^#(postlog .*)$", r"\1", master)
        (etc / "master.cf").write_text(f"{master}\n127.0.0.1:{self.port} inet n - n - - smtpd\n")

    def _run(self, *words: str) -> None:
        # Into a file: a daemon keeps a pipe open, and one would wait for its end for ever.
        with open(self.root / "start.log", "a+") as log:
            run = subprocess.run(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False)
        if run.returncode:
            raise SystemExit(f"{' '.join(words)}: {(self.root / 'start.log').read_text()}")

    def stop(self) -> None:
        subprocess.run(["postfix", "-c", str(self.root / "etc"), "abort"], capture_output=True, check=False)
        subprocess.run(["doveadm", "-c", str(self.root / "dovecot.conf"), "stop"], capture_output=True, check=False)

    def delivered(self) -> int:
        return sum(1 for _ in (self.root / "mail" / "alice" / "new").glob("*"))

    def processes(self) -> list[int]:
        masters = [self.root / "queue" / "pid" / "master.pid", self.root / "dovecot" / "master.pid"]
        pids = [int(path.read_text()) for path in masters]
        return [*pids, *(child for pid in pids for child in descendants(pid))]


class Mailsuite:
    """All of Mailsuite: screening, threads, full-text index and the change log included."""

    name = "Mailsuite"

    def __init__(self, folder: Path, **environment: str) -> None:
        self.house = Suite(folder, **environment)
        self.port = self.house.ports["SMTP"]

    def start(self) -> None:
        self.house.found("alice")
        self.house.start()
        self.link = imaplib.IMAP4("127.0.0.1", self.house.ports["IMAP"])
        self.link.login("alice@example.org", PASSWORD)

    def stop(self) -> None:
        self.house.stop()

    def delivered(self) -> int:
        _, answer = self.link.status("INBOX", "(MESSAGES)")
        return int(re.search(rb"MESSAGES (\d+)", answer[0]).group(1))  # type: ignore[union-attr]

    def processes(self) -> list[int]:
        assert self.house.process
        return [self.house.process.pid, *descendants(self.house.process.pid)]


def install() -> None:
    """The peer, from Debian, where it is not here yet."""
    if shutil.which("postfix") and shutil.which("dovecot"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"The benchmark needs its peer: apt install {' '.join(PACKAGES)}, and root to start it.")
    print(f"Installing {' '.join(PACKAGES)}", file=sys.stderr)
    words = ["apt-get", "install", "-qy", "--no-install-recommends", *PACKAGES]
    subprocess.run(words, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, check=True)
