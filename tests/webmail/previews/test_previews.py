"""Attachments looked into: each kind shows what is in it, nothing in it runs, and nobody else sees it."""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from mailsuite.accounts.models import Account
from mailsuite.images.drawing import draw
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail.previews import archive, bundle, kinds
from webmail.previews.kinds import Kind

EVIL = b"<script>alert(1)</script>"


def image(kind: str = "PNG", size: tuple[int, int] = (640, 480), **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#0a6c5e").save(written, kind, **more)
    return written.getvalue()


def pdf(pages: int = 2) -> bytes:
    """A PDF file with a line of text on each page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects.append(f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode())
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for n in range(pages):
        shown = f"BT /F1 24 Tf 50 700 Td (The rules, page {n + 1}) Tj ET".encode()
        of = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * n} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        objects += [of.encode(), b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown)]
    body, at = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        at.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in at)
    start = b"startxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n%s" % (
        len(at) + 1, table, len(at) + 1, start,
    )  # fmt: skip


def zipped(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name in names:
            file.writestr(name, b"x" * 2048)
    return written.getvalue()


def tarred(*names: str) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as file:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = 5
            file.addfile(entry, io.BytesIO(b"12345"))
    return written.getvalue()


def letter(account: Account, *files: tuple[str, str, bytes]) -> Message:
    thread = conversation(account, "Papers", Letter(text="Here.", files=files, ago=timedelta(hours=1)))
    return thread.messages.get()


def address(message: Message, n: int = 0) -> str:
    return f"/m/{message.pk}/preview/{message.attachments[n]['part']}"


EML = b"From: Carol <carol@elsewhere.example>\r\nSubject: Within\r\nContent-Type: text/html\r\n\r\n<p>Inner words</p>" + EVIL
VCF = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Carol Danvers <script>alert(1)</script>\r\nORG:Elm Street;Garden\r\n"
    b"TEL;TYPE=cell:+1 555 0100\r\nEMAIL:carol@elsewhere.example\r\nADR:;;Elm Street 5;Springfield;;12345;\r\nEND:VCARD\r\n"
)
SHOWN = {
    "text": ("notes.txt", "text/plain", b"First line\n" + EVIL, ["First line", "&lt;script&gt;"]),
    "csv": (
        "dues.csv",
        "text/csv",
        b"name;due\nAna;5\n=1+1;" + EVIL,
        ["<th>name</th>", "<td>Ana</td>", "=1+1", "&lt;script&gt;"],
    ),
    "json": ("data.json", "application/json", b'{"a": "' + EVIL + b'"}', ["&lt;script&gt;"]),
    "svg": ("logo.svg", "image/svg+xml", b"<svg onload='alert(1)'>" + EVIL, ["&lt;svg", "&lt;script&gt;"]),
    "html": ("page.html", "text/html", b"<html>" + EVIL, ["&lt;html&gt;", "&lt;script&gt;"]),
    "a page that is called a text": ("readme.txt", "text/plain", b"<!doctype html>" + EVIL, ["&lt;script&gt;"]),
    "zip": (
        "all.zip",
        "application/zip",
        zipped("a.txt", "b/<script>.txt", "../../etc/passwd"),
        ["a.txt", "2 KB", "&lt;script&gt;"],
    ),
    "tar": ("all.tar", "application/x-tar", tarred("a.txt", "dir/b.txt"), ["a.txt", "dir/b.txt", "5 B"]),
    "contact": ("carol.vcf", "text/vcard", VCF, ["Carol Danvers", "+1 555 0100", "Elm Street, Garden", "/compose?to=carol%40"]),
    "message": ("within.eml", "message/rfc822", EML, ["Within", "carol@elsewhere.example", "<iframe sandbox="]),
    "image": ("roof.png", "image/png", image(), ["/picture?side=2048"]),
    "pdf": ("rules.pdf", "application/pdf", pdf(2), ["page=1", "The rules, page 1", "Page 2 of 2"]),
    "broken pdf": ("rules.pdf", "application/pdf", b"%PDF-1.7\n" + b"(" * 100_000, ["can't be shown"]),
    "sound": ("song.mp3", "audio/mpeg", b"ID3\x04" + b"\0" * 100, ["<audio controls", "/media"]),
    "film": ("film.mp4", "video/mp4", b"\0\0\0\x18ftypisom" + b"\0" * 100, ["<video controls"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_file_shows_what_is_in_it_and_nothing_of_it_runs(web: Client, alice: Account, name: str) -> None:
    *file, expected = SHOWN[name]
    response = web.get(address(letter(alice, tuple(file))))
    page = response.content.decode()
    assert [one for one in expected if one not in page] == []
    assert "<script" not in page
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "sandbox " in policy
    assert "allow-scripts" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "file",
    [
        ("run.exe", "application/octet-stream", b"MZ\x90\0"),
        ("macro.docm", "application/zip", zipped("word/vbaProject.bin")),
        ("empty.txt", "text/plain", b""),
        ("noise.txt", "text/plain", bytes(range(256))),
    ],
)
def test_what_cannot_be_looked_into_is_only_handed_out(web: Client, alice: Account, file: tuple[str, str, bytes]) -> None:
    message = letter(alice, file)
    assert web.get(address(message)).status_code == 404
    assert web.get(f"/m/{message.pk}/part/{message.attachments[0]['part']}/x").status_code == 200


@pytest.mark.parametrize("path", ["", "/picture", "/media", "/body", "/files"])
def test_nobody_else_looks_into_a_file(web: Client, alice: Account, bob: Account, path: str) -> None:
    files = [("roof.png", "image/png", image()), ("song.mp3", "audio/mpeg", b"ID3\x04"), ("within.eml", "message/rfc822", EML)]
    message = letter(alice, *files)
    n = {"/media": 1, "/body": 2}.get(path, 0)
    where = f"/m/{message.pk}/files.zip" if path == "/files" else address(message, n) + path
    assert web.get(where).status_code == 200
    other = Client()
    assert other.get(where).status_code == 302
    other.force_login(bob)
    assert other.get(where).status_code == 404
    assert web.post(where).status_code == 405


def test_a_picture_is_drawn_small_and_without_what_it_carried(web: Client, alice: Account) -> None:
    camera = Image.Exif()
    camera[0x010E] = "where we live"
    message = letter(alice, ("roof.jpg", "image/jpeg", image("JPEG", exif=camera)))
    drawn = web.get(address(message) + "/picture?side=100")
    assert drawn["Content-Type"] == "image/jpeg"
    assert b"where we live" not in drawn.content
    assert max(Image.open(io.BytesIO(drawn.content)).size) == 100
    assert web.get(address(message) + "/picture?side=100").content == drawn.content
    assert web.get(address(message) + "/picture?side=99999").status_code == 404
    original = web.get(f"/m/{message.pk}/part/{message.attachments[0]['part']}/roof.jpg")
    assert b"where we live" in original.content


def test_a_message_inside_shows_its_body_by_the_same_rules(web: Client, alice: Account) -> None:
    response = web.get(address(letter(alice, ("within.eml", "message/rfc822", EML))) + "/body")
    assert "<p>Inner words</p>" in response.content.decode()
    assert "alert" not in response.content.decode()
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, 1004),
        ("bytes=-4", 206, 1000, 1004),
        ("bytes=0-99999", 206, 0, 1004),
        ("bytes=1004-", 416, 0, 0),
        ("bytes=9-3", 416, 0, 0),
        ("bytes=-", 200, 0, 1004),
        ("bytes=0-1,5-6", 200, 0, 1004),
        ("chapters=1-2", 200, 0, 1004),
        ("bytes=" + "9" * 400 + "-", 200, 0, 1004),
    ],
)
def test_sound_is_served_in_ranges(web: Client, alice: Account, asked: str, status: int, start: int, end: int) -> None:
    content = b"ID3\x04" + bytes(range(250)) * 4
    response = web.get(address(letter(alice, ("song.mp3", "audio/mpeg", content))) + "/media", headers={"Range": asked})
    assert response.status_code == status
    assert response.content == content[start:end]
    assert response["Accept-Ranges"] == "bytes"
    if status != 200:
        assert response["Content-Range"] == (f"bytes {start}-{end - 1}/1004" if status == 206 else "bytes */1004")
    assert response["Content-Type"] == "audio/mpeg" or status == 416


def test_all_files_come_as_one_archive_under_names_that_any_system_takes(web: Client, alice: Account) -> None:
    files = [("plan.txt", "text/plain", b"one"), ("Plan.TXT", "text/plain", b"two"), ("con.txt", "text/plain", b"three")]
    response = web.get(f"/m/{letter(alice, *files).pk}/files.zip")
    assert response.streaming
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == {
            "plan.txt": b"one",
            "Plan (2).TXT": b"two",
            "_con.txt": b"three",
        }


def test_names_in_an_archive_are_never_the_same_and_lead_nowhere() -> None:
    wanted = ["a", "a", "A", "a (2)", "..", "../x", "nul", "COM1.txt", "x.", "", ".htaccess", ".htaccess", "c:\\x"]
    found = bundle.names(wanted)
    assert len({name.casefold() for name in found}) == len(wanted)
    assert not [name for name in found if set(name) & set('/\\:"<>|?*') or name.endswith((".", " ")) or name in ("..", ".")]
    assert found[6:8] == ["_nul", "_COM1.txt"]


def test_a_downloaded_message_is_what_is_kept_byte_by_byte(web: Client, alice: Account) -> None:
    message = letter(alice, ("within.eml", "message/rfc822", EML))
    sums = {
        hashlib.sha256(one).hexdigest() for one in (web.get(f"/m/{message.pk}/message.eml").content, messages.content(message))
    }
    assert len(sums) == 1


def test_a_picture_that_the_text_shows_is_a_file_too_where_it_is_large(web: Client, alice: Account) -> None:
    message = letter(alice, ("small.png", "image/png", image()), ("large.png", "image/png", image()))
    small, large = message.attachments
    small |= {"inline": True, "size": 39_000}
    large |= {"inline": True, "size": 41_000}
    message.save(update_fields=["attachments"])
    page = web.get(f"/t/{message.thread_id}").content.decode()
    assert "large.png" in page
    assert "small.png" not in page


HOSTILE = {
    "many names": zipped(*(f"{n}.txt" for n in range(3_000))),
    "a long list": b"PK\x03\x04" + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 0xFFFFFFF0, 0, 0),
    "no list": b"PK\x03\x04" + b"(" * 1_000_000,
    "only ends": b"PK\x05\x06" * 100_000,
    "a broken tar": tarred("a")[:400] + b"\xff" * 1_000_000,
    "a tar of headers": tarred(*(f"{n}" for n in range(2_000))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_shows_a_thousand_names_at_most(name: str) -> None:
    found, complete = archive.entries(HOSTILE[name])
    assert len(found) <= archive.MOST
    assert not complete or not found


@pytest.mark.parametrize("content", [b"", b"%PDF-", b"%PDF-1.7" + b"[" * 1_000_000, image()[:200], b"GIF89a" + b"\xff" * 5_000])
@pytest.mark.parametrize("kind", ["image", "page"])
def test_what_cannot_be_drawn_has_no_picture(content: bytes, kind: str) -> None:
    assert draw(content, kind, 100) is None


def test_the_kind_goes_by_the_bytes_before_the_name() -> None:
    assert kinds.of("photo.png", "image/png", EVIL) == (None, "text/plain")
    assert kinds.of("photo.png", "image/png", b"%PDF-1.4")[0] == Kind.PDF
    assert kinds.of("x.txt", "text/plain", b"BEGIN:VCALENDAR\r\n")[0] == Kind.EVENT
