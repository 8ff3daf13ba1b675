"""A Dovecot of its own in a folder, as Debian ships it; alice logs in with the password x."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.ports import free_ports

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
    """`start` it and it answers on the ports `imap` and `lmtp`. form: sdbox or maildir, in the folder `mail` of `root`.

    fsync: Dovecot's mail_fsync, which is optimized where nobody says otherwise.
    """

    login, password = "alice", "x"

    def __init__(self, root: Path, form: str = "sdbox", *, fsync: str = "never") -> None:
        self.root, self.form, self.fsync = root, form, fsync
        self.imap, self.lmtp = free_ports(2)
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str:
        """Why it cannot be started here; "" where it can."""
        if not shutil.which("dovecot") or not Path("/usr/lib/dovecot/lmtp").exists():
            return "dovecot is not installed (apt install dovecot-imapd dovecot-lmtpd)"
        return "" if os.geteuid() == 0 else "only root can start dovecot"

    def start(self) -> None:
        for part in ("run", "home", "mail"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        for folder in (self.root, self.root.parent):
            folder.chmod(0o755)  # its processes run as users of their own
        for part in ("home", "mail"):
            os.chown(self.root / part, MAIL_UID, MAIL_UID)
        facts = {"uid": MAIL_UID, "imap": self.imap, "lmtp": self.lmtp, "form": self.form, "fsync": self.fsync}
        self.conf.write_text(CONF.format(root=self.root, **facts))
        with (self.root / "start.log").open("a") as log:
            words = ["dovecot", "-F", "-c", str(self.conf)]
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

    @property
    def conf(self) -> Path:
        return self.root / "dovecot.conf"

    def _wait(self) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                for port in (self.imap, self.lmtp):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.root / "start.log").read_text())

    def version(self) -> str:
        return subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.process = None
