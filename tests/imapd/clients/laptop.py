"""A Maildir on alice's laptop, and what she does in it while there is no network."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from pathlib import Path

from mailsuite.mailstore.models import Mailbox
from tests.imapd.clients.scene import VIEWS, Scene, letters_of, maildir

DRAFT = b"From: alice@example.org\nSubject: A draft\nMessage-ID: <draft@laptop.example.org>\n\nNot done y\xc3\xabt.\n"
SENT = (
    b"From: alice@example.org\nTo: bob@example.org\nSubject: From the laptop\nMessage-ID: <sent@laptop.example.org>\n\nHello.\n"
)


class Laptop:
    """Maildirs, one for each mailbox. folder: where the Maildir of a mailbox's name is."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self.folder = folder

    def find(self, name: str, subject: str) -> Path:
        """The file of the letter with this subject."""
        found = [path for part in ("new", "cur") for path in (self.folder(name) / part).iterdir() if subject_of(path) == subject]
        assert len(found) == 1, (name, subject, found)
        return found[0]

    def mark(self, name: str, subject: str, letters: str) -> None:
        """Add letters to the flags of a file."""
        path = self.find(name, subject)
        base, _, flags = path.name.partition(":2,")
        path.rename(self.folder(name) / "cur" / f"{base}:2,{''.join(sorted({*flags, *letters}))}")

    def copy(self, name: str, subject: str, target: str) -> None:
        """As a mail program copies: the same octets under a new file name."""
        path = self.find(name, subject)
        flags = path.name.partition(":2,")[2]
        shutil.copy(path, self.folder(target) / "cur" / f"1764000000.{abs(hash(path.name + target))}.laptop:2,{flags}")

    def move(self, name: str, subject: str, target: str) -> None:
        self.copy(name, subject, target)
        self.find(name, subject).unlink()

    def put(self, name: str, content: bytes, flags: str) -> None:
        (self.folder(name) / "cur" / f"1764000001.{abs(hash(content))}.laptop:2,{flags}").write_bytes(content)

    def make(self, name: str) -> None:
        for part in ("cur", "new", "tmp"):
            (self.folder(name) / part).mkdir(parents=True)

    def offline(self) -> None:
        """An hour on the train."""
        self.mark("INBOX", "Letter 1", "S")
        self.mark("INBOX", "Letter 2", "F")
        self.mark("INBOX", "Letter 3", "RS")
        self.move("INBOX", "Letter 4", "Rechnungen/2026/März")
        self.copy("INBOX", "Letter 5", "日本語")
        self.find("INBOX", "Letter 6").unlink()
        self.make("Garten")  # offlineimap makes a mailbox's parents at home, and then misses them here
        self.make("Garten/Beete")
        self.move("INBOX", "Letter 7", "Garten/Beete")
        self.move("INBOX", "Letter 8", "Trash")
        self.mark("INBOX", "Letter 11", "S")
        self.mark("INBOX", "Letter 12", "F")
        self.move("INBOX", "Letter 13", "R&D")
        self.find("Büro", "Letter 200").unlink()
        self.put("Drafts", DRAFT, "DS")
        self.put("Sent", SENT, "S")


AFTERWARDS = {
    "Letter 4": {"Rechnungen/2026/März", "Archive"},
    "Letter 5": {"INBOX", "日本語"},
    "Letter 6": {"Archive"},  # product.md 3.9: expunged in INBOX is archived
    "Letter 7": {"Garten/Beete", "Archive"},
    "Letter 8": {"Trash"},
    "Letter 9": {"Archive"},
    "Letter 12": {"Trash"},
    "Letter 13": {"R&D", "Archive"},
    "Letter 200": {"Archive"},
    "Letter 210": {"Archive"},
    "Letter 211": {"Rechnungen/2026/März", "Büro", "Archive"},
    "Letter 302": {"INBOX"},
    "A draft": {"Drafts"},
    "From the laptop": {"Sent"},
}


def as_wished(scene: Scene) -> None:
    """Where everything is when what was done on the train and on the web have met."""
    assert {subject: scene.names(subject) for subject in AFTERWARDS} == AFTERWARDS
    marked = {n: letters_of(scene.message(f"Letter {n}").flags) for n in (1, 2, 3, 10, 11)}
    assert marked == {1: "S", 2: "F", 3: "RS", 10: "F", 11: "FS"}
    scene.one_of_each()


def changed_on_both_sides(
    scene: Scene, run: Callable[[], None], folder: Callable[[str], Path], *, left: str = "", mended: str = "\0"
) -> None:
    """Maildirs and mailboxes are the same, at first and after each was changed.

    left, mended: the subject of the letter that the program does not take home, or not as it is.
    """
    run()
    same(scene, folder, left, mended)
    Laptop(folder).offline()
    scene.meanwhile()
    run()
    run()
    same(scene, folder, left, mended)
    as_wished(scene)
    scene.at_rest()


def same(scene: Scene, folder: Callable[[str], Path], left: str, mended: str) -> None:
    names = Mailbox.objects.filter(account=scene.alice).values_list("name", flat=True)
    for name in sorted({*names} - VIEWS):
        assert maildir(folder(name), mended) == scene.kept(name, left or mended), name


def subject_of(path: Path) -> str:
    return str(make_header(decode_header(BytesHeaderParser().parsebytes(path.read_bytes()[:100_000]).get("Subject", "") or "")))
