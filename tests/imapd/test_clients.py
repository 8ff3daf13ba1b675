"""Mail programs that are not ours, each at its daily work: mbsync, curl, imaplib, aioimaplib, mutt."""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import os
import re
import ssl
import subprocess
import time
from pathlib import Path

import aioimaplib
import pytest
from django.conf import settings

from mailsuite.accounts.models import Account
from mailsuite.mailstore import placement
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.net import tls
from tests.imapd.conftest import SECRET, RunningServer, deliver, letter, mailbox

LOGIN = "alice@example.org"
MBSYNC = """
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
Patterns INBOX Work Archive
Create Both
Expunge Both
CopyArrivalDate yes
SyncState *
"""


@pytest.fixture
def certificate(server: RunningServer) -> Path:
    tls.server_context()
    return Path(settings.TLS_DIR) / "cert.pem"


class Mbsync:
    def __init__(self, folder: Path, port: int, certificate: Path) -> None:
        self.folder = folder / "mail"
        self.folder.mkdir()
        self._config = folder / "mbsyncrc"
        version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
        word = "TLSType" if tuple(map(int, version.split(".")[:2])) >= (1, 5) else "SSLType"
        self._config.write_text(
            MBSYNC.format(port=port, login=LOGIN, secret=SECRET, folder=self.folder, certificate=certificate, tls=word)
        )

    def run(self) -> None:
        done = subprocess.run(["mbsync", "-c", self._config, "all"], capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self, name: str) -> dict[str, str]:
        """Content hash by file name, new and cur."""
        found = (path for part in ("new", "cur") for path in (self.folder / name / part).iterdir())
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def store_state(owner: Account) -> list[object]:
    """All that a second run must not change."""
    boxes = Mailbox.objects.filter(account=owner).order_by("pk").values_list("name", "uidnext", "modseq", "total")
    held = (
        Membership.objects.filter(mailbox__account=owner).order_by("pk").values_list("uid", "deleted", "modseq", "message__flags")
    )
    return [*boxes, *held]


@pytest.mark.program("mbsync")
def test_mbsync_mirrors_a_thousand_messages_both_ways_and_the_second_run_changes_nothing(
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
    placement.store_flags(mailbox(alice, "INBOX"), range(101, 111), Message.SEEN, (), "+")


@pytest.mark.program("curl")
def test_curl_reads_a_message_byte_for_byte_and_appends_one(
    server: RunningServer, alice: Account, certificate: Path, tmp_path: Path
) -> None:
    deliver(alice, letter(1), trace=b"Return-Path: <bob@example.org>\r\nReceived: from here\r\n\tby there\r\n")
    url = f"imaps://localhost:{server.imaps}"
    curl = ["curl", "-sS", "--max-time", "20", "--cacert", str(certificate), "-u", f"{LOGIN}:{SECRET}"]
    read = subprocess.run([*curl, f"{url}/INBOX;MAILINDEX=1"], capture_output=True, check=True).stdout
    assert read == b"Return-Path: <bob@example.org>\r\nReceived: from here\r\n\tby there\r\n" + letter(1)
    (tmp_path / "draft.eml").write_bytes(letter(2))
    subprocess.run([*curl, "-T", str(tmp_path / "draft.eml"), f"{url}/Drafts"], capture_output=True, check=True)
    found = subprocess.run([*curl, f"{url}/Drafts", "-X", "SEARCH SUBJECT Letter"], capture_output=True, check=True).stdout
    assert found == b"* SEARCH 1\r\n"
    plain = ["--ssl-reqd", f"imap://localhost:{server.imap}"]
    listed = subprocess.run([*curl, *plain], capture_output=True, check=True).stdout
    assert b'"/" INBOX' in listed


def test_imaplib_files_a_large_message_and_reads_it_back(server: RunningServer, alice: Account) -> None:
    content = letter(1) + b"".join(b"%08d some more text to fill the line, and more of it\r\n" % n for n in range(60_000))
    with imaplib.IMAP4("localhost", server.imap) as client:
        context = ssl.create_default_context(cafile=Path(settings.TLS_DIR) / "cert.pem")
        client.starttls(context)
        client.login(LOGIN, SECRET)
        client.create("Work")
        assert client.append("Work", "(\\Seen)", imaplib.Time2Internaldate(time.time()), content)[0] == "OK"
        client.select("Work")
        ((_, read), _) = client.fetch("1", "(RFC822)")[1]
        assert read == content
        ((_, part), _) = client.fetch("1", "(BODY.PEEK[1]<3000000.100>)")[1]
        body = content.partition(b"\r\n\r\n")[2]
        assert part == body[3_000_000:3_000_100]
        assert client.search(None, "SUBJECT", '"Letter 1"') == ("OK", [b"1"])
        assert client.copy("1", "INBOX")[0] == "OK"
        assert client.store("1", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert client.expunge() == ("OK", [b"1"])
        assert client.status("INBOX", "(MESSAGES UNSEEN)")[1] == [b"INBOX (MESSAGES 1 UNSEEN 0)"]


async def test_aioimaplib_hears_of_a_new_message_while_it_idles(server: RunningServer, alice: Account) -> None:
    context = ssl.create_default_context(cafile=Path(settings.TLS_DIR) / "cert.pem")
    client = aioimaplib.IMAP4_SSL("localhost", server.imaps, ssl_context=context)
    await client.wait_hello_from_server()
    assert (await client.login(LOGIN, SECRET)).result == "OK"
    assert (await client.select("INBOX")).result == "OK"
    idle = await client.idle_start(timeout=60)
    await asyncio.to_thread(deliver, alice, letter(1))
    assert b"1 EXISTS" in await client.wait_server_push()
    client.idle_done()
    await asyncio.wait_for(idle, 10)
    assert (await client.search("UNSEEN")).lines[0] == b"1"
    assert (await client.logout()).result == "OK"


@pytest.mark.program("mutt")
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
