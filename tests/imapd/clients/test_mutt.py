"""mutt: read, delete, leave."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from tests.imapd.clients.scene import LOGIN
from tests.imapd.conftest import SECRET, RunningServer, deliver, letter, mailbox

pytestmark = pytest.mark.program("mutt")


def test_mutt_reads_and_deletes(server: RunningServer, alice: Account, certificate: Path, tmp_path: Path) -> None:
    deliver(alice, letter(1), letter(2))
    (tmp_path / "muttrc").write_text(
        f'set folder="imaps://localhost:{server.imaps}/"\nset spoolfile="+INBOX"\nset imap_user="{LOGIN}"\n'
        f'set imap_pass="{SECRET}"\nset ssl_starttls=no\nset certificate_file="{certificate}"\nset ssl_verify_host=no\n'
        "set delete=yes\nset mark_old=no\n"
        'push "<delete-pattern>~s Letter.1<enter><tag-pattern>~A<enter><sync-mailbox><quit>"\n'
    )
    environment = {**os.environ, "TERM": "vt100", "HOME": str(tmp_path)}
    command = f"stty rows 24 cols 80 2>/dev/null; exec mutt -n -F {tmp_path}/muttrc"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert mailbox(alice, "INBOX").total == 1, done.stdout[-2_000:]
    assert mailbox(alice, "Archive").total == 1
