"""aioimaplib: it waits, and hears."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aioimaplib
from django.conf import settings

from mailsuite.accounts.models import Account
from tests.imapd.clients.scene import LOGIN
from tests.imapd.conftest import SECRET, RunningServer, deliver, letter


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
