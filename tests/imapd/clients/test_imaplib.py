"""imaplib, from Python's own library: a large message there and back."""

from __future__ import annotations

import imaplib
import ssl
import time
from pathlib import Path

from django.conf import settings

from mailsuite.accounts.models import Account
from tests.imapd.clients.scene import LOGIN
from tests.imapd.conftest import SECRET, RunningServer, letter


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
