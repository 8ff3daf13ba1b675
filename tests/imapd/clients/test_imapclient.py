"""IMAPClient, the library most Python programs read mail with: an archiver that keeps what it knows between its visits."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient

from mailsuite.accounts.models import Account
from tests.imapd.clients import letters
from tests.imapd.clients.scene import LOGIN, VIEWS, Scene, digest
from tests.imapd.conftest import SECRET, deliver


@contextmanager
def signed_in(scene: Scene) -> Iterator[IMAPClient]:
    context = ssl.create_default_context(cafile=scene.certificate)
    with IMAPClient("localhost", port=scene.server.imaps, ssl_context=context, timeout=30) as client:
        client.login(LOGIN, SECRET)
        yield client


def test_an_archiver_reads_all_files_some_and_catches_up_by_modseq(scene: Scene) -> None:
    with signed_in(scene) as client:
        assert (b"name", b"Mailsuite") in client.id_({"name": "archiver"})
        assert client.namespace().personal[0] == ("", "/")
        names = {name for _, _, name in client.list_folders()}
        assert names >= {*letters.LABELS, "Rechnungen/2026", "INBOX"}
        assert client.find_special_folder(b"\\Sent") == "Sent"
        known = {name: read_all(client, name) for name in names - VIEWS}
        for name, held in known.items():
            assert sorted(held.values()) == sorted(kept for kept, _ in scene.kept(name).elements()), name

        modseq = client.select_folder("INBOX")[b"HIGHESTMODSEQ"]
        uid = {n: client.search(["SUBJECT", f"Letter {n}", "HEADER", "Message-ID", f"letter.{n}@"])[0] for n in range(1, 10)}
        client.add_flags([uid[1], uid[2]], [b"\\Seen"])
        client.set_flags(uid[3], [b"\\Answered", b"$Forwarded"])
        client.create_folder("Garten/Beete")
        client.move([uid[4]], "Rechnungen/2026/März")
        client.copy([uid[5]], "日本語")
        client.move([uid[7]], "Garten/Beete")
        client.add_flags(uid[6], [b"\\Deleted"])
        client.uid_expunge(uid[6])
        assert b"APPENDUID" in client.append("Drafts", letters.plain(400), [b"\\Draft"])
        scene.meanwhile()
        client.noop()
        changed = client.fetch(client.search(), ["FLAGS"], [f"CHANGEDSINCE {modseq}"])
        assert {uid[1], uid[2], uid[3], scene.uid("INBOX", "Letter 10"), scene.uid("INBOX", "Letter 301")} <= set(changed)
        assert uid[8] not in changed
        assert set(client.search()) == set(read_all(client, "INBOX"))
        assert client.folder_status("Garten/Beete", ["MESSAGES"]) == {b"MESSAGES": 1}
    assert scene.names("Letter 4") == {"Rechnungen/2026/März", "Archive"}
    assert scene.names("Letter 5") == {"INBOX", "日本語"}
    assert scene.names("Letter 6") == {"Archive"}
    scene.one_of_each()
    scene.at_rest()


def read_all(client: IMAPClient, name: str) -> dict[int, str]:
    """Digest of the content of every message, by UID."""
    client.select_folder(name, readonly=True)
    found = {uid: digest(parts[b"BODY[]"]) for uid, parts in client.fetch(client.search(), ["BODY.PEEK[]"]).items()}
    client.unselect_folder()
    client.select_folder("INBOX")
    return found


def test_it_hears_while_it_idles_what_others_do(scene: Scene, alice: Account) -> None:
    with signed_in(scene) as client:
        client.select_folder("INBOX")
        client.idle()
        deliver(alice, letters.plain(500))
        heard = client.idle_check(timeout=30)
        assert (111, b"EXISTS") in heard
        scene.on_the_web("star", "Letter 1")
        (number, word, data), *_ = client.idle_check(timeout=30)
        assert (number, word) == (1, b"FETCH")
        assert b"\\Flagged" in data[data.index(b"FLAGS") + 1]
        scene.on_the_web("archive", "Letter 1")
        assert (1, b"EXPUNGE") in client.idle_check(timeout=30)
        client.idle_done()
        client.logout()
    scene.at_rest()
