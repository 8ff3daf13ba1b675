"""alice's mail as it is before a program meets it, what happens to it meanwhile on the web, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from django.test import Client as Browser

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import actions, mailboxes, messages
from mailsuite.mailstore.acts import PLAINLY, How
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.mailstore.verify import verify
from mailsuite.protocol.imap import utf7
from tests.imapd.clients import letters
from tests.imapd.clients.trace import Trace
from tests.imapd.conftest import NOON, SECRET, Client, RunningServer, deliver, mailbox

LOGIN = "alice@example.org"
VIEWS = {"All Mail", "Starred", "Snoozed", "Scheduled"}  # of mail that is in other mailboxes: not subscribed
ADDED = re.compile(rb"^X-(?:TUID|OfflineIMAP|getmail-[a-z-]+): .*\n", re.M)  # what programs write into their own copies
STATUS = re.compile(rb'\* STATUS (?:"((?:[^"\\]|\\.)*)"|(\S+)) \(MESSAGES (\d+) UNSEEN (\d+)\)')
EXISTS, COUNT = re.compile(rb"\* \d+ EXISTS"), re.compile(rb"COUNT (\d+)")
MARKS = ((Message.DRAFT, "D"), (Message.FLAGGED, "F"), (Message.ANSWERED, "R"), (Message.SEEN, "S"))
Kept = Counter[tuple[str, str]]  # (digest of the content, Maildir's letters of its flags)


class Scene:
    """A running door, and alice behind it with 110 letters in INBOX and three in each of her labels."""

    def __init__(self, alice: Account, server: RunningServer, trace: Trace, certificate: Path, folder: Path) -> None:
        self.alice, self.server, self.trace = alice, server, trace
        self.certificate, self.folder = certificate, folder
        self.arrived = 0
        for name in letters.LABELS:
            mailboxes.create(alice.pk, name)
        self.arrive(*(letters.plain(n) for n in range(1, letters.PLAIN + 1)), *letters.awkward())
        for name, content in letters.with_label():
            file_under(alice, name, content)

    def arrive(self, *contents: bytes) -> None:
        """Letters come in from outside, with our trace before them."""
        deliver(self.alice, *contents, trace=letters.TRACE)

    def box(self, name: str) -> Mailbox:
        return mailbox(self.alice, name)

    def uid(self, name: str, subject: str) -> int:
        """The UID that the letter of this subject has in the mailbox."""
        return Membership.objects.get(mailbox=self.box(name), message__subject=subject).uid

    def message(self, subject: str) -> Message:
        return Message.objects.get(account=self.alice, subject=subject)

    def digest(self, subject: str) -> str:
        return digest(messages.content(self.message(subject)))

    def names(self, subject: str) -> set[str]:
        """The mailboxes that the letters of this subject are in, those left out that everybody's views are."""
        held = Membership.objects.filter(mailbox__account=self.alice, message__subject=subject)
        return set(held.values_list("mailbox__name", flat=True)) - {"All Mail", "Starred"}

    def kept(self, name: str, without: str = "") -> Kept:
        """What the store holds in a mailbox, as a Maildir would have it. without: the subject of a letter that is left out."""
        held = Membership.objects.filter(mailbox=self.box(name)).exclude(message__subject=without or None)
        held = held.select_related("message__blob__packed")
        found = ((one.message, messages.content(one.message)) for one in held)
        return Counter((digest(content), letters_of(message.flags)) for message, content in found)

    def by_uid(self, name: str, without: Collection[str] = ()) -> dict[int, str]:
        """The digest of each message in a mailbox, those of some subjects left out."""
        held = Membership.objects.filter(mailbox=self.box(name)).exclude(message__subject__in=without)
        held = held.select_related("message__blob__packed")
        return {one.uid: digest(messages.content(one.message)) for one in held}

    def on_the_web(self, act: str, subject: str, label: str = "") -> None:
        """What the application does with a conversation."""
        how = How(label=self.box(label).pk) if label else PLAINLY
        actions.do(self.alice.pk, act, [self.message(subject).thread_id], how=how)

    def meanwhile(self) -> None:
        """What happened while the program was away: two letters came, and alice tidied up in her browser."""
        self.arrive(letters.plain(301), letters.plain(302))
        self.on_the_web("archive", "Letter 9")
        self.on_the_web("star", "Letter 10")
        self.on_the_web("star", "Letter 11")
        self.on_the_web("trash", "Letter 12")
        self.on_the_web("archive", "Letter 13")
        self.on_the_web("remove_label", "Letter 210", "Rechnungen/2026/März")
        self.on_the_web("add_label", "Letter 211", "Büro")

    def one_of_each(self) -> None:
        """No letter was doubled on its way back and forth."""
        subjects = Counter(Message.objects.filter(account=self.alice).exclude(subject="").values_list("subject", flat=True))
        assert {subject: n for subject, n in subjects.items() if n > 1} == {}

    def at_rest(self) -> None:
        """I1 to I8 of the store hold, every blob is whole, and IMAP and JMAP count the same in every mailbox."""
        self.trace.deaf = True
        assert list(verify(self.alice.pk, read_bytes=True)) == []
        over_imap, over_jmap = by_imap(self.server.imap), by_jmap(self.alice)
        assert over_imap == over_jmap
        assert self.trace.refused() == []


def file_under(owner: Account, name: str, content: bytes) -> None:
    """A letter that has the label and is not in INBOX."""
    (blob,) = store.save([(store.draft(content), 0)])
    label = mailbox(owner, name).pk
    messages.append([messages.NewMessage(owner.pk, blob, content, letters.TRACE, received_at=NOON, mailbox_id=label)])


def letters_of(flags: int) -> str:
    return "".join(letter for flag, letter in MARKS if flags & flag)


def digest(content: bytes) -> str:
    """The same for a message on the wire and in a Maildir, whatever line ends it has there."""
    return hashlib.sha256(ADDED.sub(b"", content.replace(b"\r\n", b"\n"))).hexdigest()


def maildir(folder: Path, without: str = "\0") -> Kept:
    """What a Maildir holds. without: the subject of a letter that is left out."""
    files = (path for part in ("new", "cur") for path in (folder / part).iterdir())
    found = [path for path in files if f"\nSubject: {without}\n".encode() not in path.read_bytes()]
    return Counter(
        (digest(path.read_bytes()), "".join(sorted(set(path.name.partition(":2,")[2]) & set("DFRS")))) for path in found
    )


def by_imap(port: int, login: str = LOGIN, secret: str = SECRET) -> dict[str, tuple[int, int]]:
    """(messages, unread ones that are no drafts, as JMAP has it) of each mailbox; STATUS, EXAMINE and SEARCH agree on the way."""
    client = Client(port)
    client.read()
    client.ok(f'LOGIN {login} "{secret}"')
    found = {}
    for line in client.ok('LIST "" * RETURN (STATUS (MESSAGES UNSEEN))'):
        if match := STATUS.match(line):
            name = match[1] or match[2]
            answers = b" ".join([*client.ok(b'EXAMINE "%b"' % name), *client.ok("SEARCH RETURN (COUNT) UNSEEN")])
            assert (b"* %b EXISTS" % match[3], b"COUNT %b" % match[4]) == (EXISTS.search(answers)[0], COUNT.search(answers)[0])
            unread = COUNT.search(b" ".join(client.ok("SEARCH RETURN (COUNT) UNSEEN UNDRAFT")))
            found[utf7.decode(name)] = (int(match[3]), int(unread[1]))
    client.close()
    return found


def by_jmap(owner: Account) -> dict[str, tuple[int, int]]:
    """The same as JMAP's Mailbox/get says it."""
    browser = Browser(REMOTE_ADDR="192.0.2.1")
    browser.force_login(owner)
    session = browser.get("/jmap/session").json()
    arguments = {"accountId": next(iter(session["accounts"]))}
    request = {"using": list(session["capabilities"]), "methodCalls": [["Mailbox/get", arguments, "0"]]}
    return counted(browser.post("/jmap/api", request, content_type="application/json").json())


def counted(response: dict) -> dict[str, tuple[int, int]]:
    """Totals and unread of a response to Mailbox/get, by the mailbox's full name."""
    boxes = {box["id"]: box for box in response["methodResponses"][0][1]["list"]}
    return {path(box, boxes).replace("Inbox", "INBOX"): (box["totalEmails"], box["unreadEmails"]) for box in boxes.values()}


def path(box: dict, boxes: dict[str, dict]) -> str:
    above = boxes.get(box["parentId"])
    return f"{path(above, boxes)}/{box['name']}" if above else box["name"]
