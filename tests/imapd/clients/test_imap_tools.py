"""imap-tools, the library of small scripts: what invoices came, file them, tidy up."""

from __future__ import annotations

import ssl

from imap_tools import AND, H, MailBox, MailMessageFlags

from tests.imapd.clients import letters
from tests.imapd.clients.scene import LOGIN, VIEWS, Scene
from tests.imapd.conftest import SECRET


def test_a_script_reads_what_is_awkward_and_files_what_it_finds(scene: Scene) -> None:
    context = ssl.create_default_context(cafile=scene.certificate)
    with MailBox("localhost", scene.server.imaps, ssl_context=context, timeout=30).login(LOGIN, SECRET) as box:
        assert {one.name for one in box.folder.list()} >= {*letters.LABELS, *VIEWS}
        read = {one.subject: one for one in box.fetch(mark_seen=False, bulk=50)}
        assert len(read) == 110
        (picture,) = read["Quittung für März"].attachments
        assert (picture.filename, len(picture.payload)) == ("März.png", 102_400)
        assert "Grüße" in read["Quittung für März"].text
        assert len(read["A huge header"].headers["references"][0]) > 40_000
        assert read["A long line"].text.strip() == "x" * 60_000
        assert scene.box("INBOX").unread == 110  # it only looked

        assert [one.subject for one in box.fetch(AND(subject="März"), charset="utf-8", mark_seen=False)] == ["Quittung für März"]
        found = {n: next(iter(box.uids(AND(header=H("Message-ID", f"<letter.{n}@"))))) for n in range(1, 8)}
        box.flag([found[1], found[2]], MailMessageFlags.SEEN, True)
        box.flag(found[2], MailMessageFlags.FLAGGED, True)
        box.move(found[4], "Rechnungen/2026/März")
        box.copy(found[5], "日本語")
        box.folder.create("Garten/Beete")
        box.move(found[7], "Garten/Beete")
        box.delete(found[6])
        box.append(letters.plain(400), "Drafts", flag_set=[MailMessageFlags.DRAFT])
        box.folder.rename("R&D", "Forschung & Lehre")

        scene.meanwhile()
        box.client.noop()
        found_again = {one.subject for one in box.fetch(AND(subject="Letter 30"), mark_seen=False)}
        assert found_again == {"Letter 30", "Letter 301", "Letter 302"}
        assert box.folder.status("INBOX")["MESSAGES"] == scene.box("INBOX").total
        box.folder.set("Büro")
        assert {one.subject for one in box.fetch(mark_seen=False)} == {"Letter 200", "Letter 201", "Letter 202", "Letter 211"}
        box.folder.delete("Forschung & Lehre")
    assert scene.names("Letter 4") == {"Rechnungen/2026/März", "Archive"}
    assert scene.names("Letter 5") == {"INBOX", "日本語"}
    assert scene.names("Letter 6") == {"Archive"}
    assert scene.names("Letter 230") == {"Archive"}  # its label went, the letter stays
    scene.one_of_each()
    scene.at_rest()


def test_it_hears_of_new_mail_while_it_idles(scene: Scene) -> None:
    context = ssl.create_default_context(cafile=scene.certificate)
    with MailBox("localhost", scene.server.imaps, ssl_context=context, timeout=30).login(LOGIN, SECRET) as box, box.idle as idle:
        scene.arrive(letters.plain(500))
        assert b"* 111 EXISTS" in idle.poll(timeout=30)
    scene.at_rest()
