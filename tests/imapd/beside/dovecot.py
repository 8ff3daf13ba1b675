"""A Dovecot of its own in a temporary folder, as Debian ships it, with one empty mailbox."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.ports import free_ports

MAIL_UID = 5000
CONF = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 100
mail_location = sdbox:{root}/mail
mail_fsync = never
auth_username_format = %n
passdb {{
  driver = static
  args = password=x
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/home allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Dovecot:
    """`start` it and log alice in with the password x; `version` tells which it is."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="mailsuite-dovecot-", ignore_cleanup_errors=True)
        self.root = Path(self._folder.name)
        (self.port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str:
        """Why it cannot be started here; "" where it can."""
        if not shutil.which("dovecot"):
            return "dovecot is not installed (apt install dovecot-imapd)"
        return "" if os.geteuid() == 0 else "only root can start dovecot"

    def start(self) -> None:
        for part in ("run", "home", "mail"):
            (self.root / part).mkdir(parents=True)
        self.root.chmod(0o755)  # its processes run as users of their own
        for part in ("home", "mail"):
            os.chown(self.root / part, MAIL_UID, MAIL_UID)
        conf = self.root / "dovecot.conf"
        conf.write_text(CONF.format(root=self.root, uid=MAIL_UID, port=self.port))
        with (self.root / "start.log").open("w") as log:
            words = ["dovecot", "-F", "-c", str(conf)]
            self._process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.root / "start.log").read_text())

    def version(self) -> str:
        return subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(60)
        self._folder.cleanup()
