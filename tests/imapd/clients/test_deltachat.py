"""Delta Chat's core: two people who chat over our mail, encrypted, and see each letter by IDLE."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.imapd.clients.house import House, house
from tests.imapd.clients.trace import Trace
from tests.stories.suite import PASSWORD

pytest.importorskip("deltachat_rpc_client", reason="deltachat-rpc-server has no wheel for this machine")
from deltachat_rpc_client import Account, DeltaChat, Rpc

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@contextmanager
def core(folder: Path) -> Iterator[DeltaChat]:
    program = Path(sys.executable).with_name("deltachat-rpc-server")
    with Rpc(accounts_dir=str(folder), rpc_server_path=str(program if program.exists() else shutil.which(program.name))) as rpc:
        yield DeltaChat(rpc)


def sign_in(chat: DeltaChat, home: House, name: str) -> Account:
    """A phone of this member, which is online when this returns."""
    phone, login = chat.add_account(), f"{name}@example.org"
    phone.set_config("displayname", name.title())
    phone.set_config("bcc_self", "1")  # as with a second device: else it takes every letter off the server at once
    imap = {"imapServer": "127.0.0.1", "imapPort": home.imaps, "imapSecurity": "ssl", "imapUser": login}
    smtp = {
        "smtpServer": "127.0.0.1",
        "smtpPort": home.submissions,
        "smtpSecurity": "ssl",
        "smtpUser": login,
        "smtpPassword": PASSWORD,
    }
    phone.add_or_update_transport(
        {
            "addr": login,
            "password": PASSWORD,
            "smtpPassword": PASSWORD,
            **imap,
            **smtp,
            "certificateChecks": "acceptInvalidCertificates",
        }
    )
    phone.bring_online()
    return phone


def test_two_people_chat_and_what_they_read_or_delete_is_so_on_the_server(trace: Trace, tmp_path: Path) -> None:
    with house(trace) as home, core(tmp_path / "phones") as chat:
        alice, bob = sign_in(chat, home, "alice"), sign_in(chat, home, "bob")
        bob.secure_join(alice.get_qr_code())
        alice.wait_for_securejoin_inviter_success()
        bob.wait_for_securejoin_joiner_success()

        talk = alice.create_chat(bob)
        for word in ("Quinces?", "Grüße, 日本"):
            talk.send_text(word)
            heard = bob.wait_for_incoming_msg().get_snapshot()
            assert (heard.text, heard.show_padlock) == (word, True)
        heard.chat.accept()
        heard.chat.send_text("Sunday.")
        assert alice.wait_for_incoming_msg().get_snapshot().text == "Sunday."
        (tmp_path / "map.bin").write_bytes(bytes(range(256)) * 200)
        talk.send_message(text="The way", file=str(tmp_path / "map.bin"), viewtype="File")
        way = bob.wait_for_incoming_msg()
        assert way.get_snapshot().file_bytes == 51_200

        before = home.counts("bob")
        bob.mark_seen_messages([way])
        home.doors.wait_for(lambda: home.counts("bob")["INBOX"][1] < before["INBOX"][1], "what bob read to be read")
        bob.delete_messages([way])
        archived = before["Archive"][0] + 1  # product.md 3.9: what a program deletes in INBOX is archived
        home.doors.wait_for(lambda: home.counts("bob")["Archive"][0] >= archived, "what bob deleted to go")
        for phone in (alice, bob):
            phone.stop_io()
        home.at_rest("alice", "bob")
