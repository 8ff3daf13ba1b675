"""The table of product.md 3.9 row by row over IMAP, and I1 to I8 after whatever mail programs do (product.md 3.7)."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable

import pytest

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.mailstore import history, labels, mailboxes
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.mailstore.verify import verify
from tests.imapd.conftest import Client, Connect, deliver, letter, mailbox

COPYUID = re.compile(rb"\[COPYUID (\d+) ([\d:,]+) ([\d:,]+)\]")
SEEDS = int(os.environ.get("MAILSUITE_SEEDS", "3"))  # more of them find what is rare
LETTERS = 12


def where(number: int) -> set[str]:
    """The mailboxes that letter `number` is in, All Mail left out."""
    held = Membership.objects.filter(message__message_id=f"{number}@example.org")
    return set(held.values_list("mailbox__name", flat=True)) - {"All Mail"}


def spread(numbers: bytes) -> list[int]:
    """1:3,7 as 1, 2, 3, 7."""
    found: list[int] = []
    for part in numbers.split(b","):
        low, _, high = part.partition(b":")
        found += range(int(low), int(high or low) + 1)
    return found


def copied(lines: list[bytes], target: Mailbox) -> list[tuple[int, int]]:
    """The pairs of COPYUID; its UIDVALIDITY must be the target's."""
    for line in lines:
        if match := COPYUID.search(line):
            assert int(match[1]) == Mailbox.objects.get(pk=target.pk).uidvalidity
            old, new = spread(match[2]), spread(match[3])
            assert len(old) == len(new)
            return list(zip(old, new, strict=True))
    return []


# letters 1 to 3 are in INBOX, and 2 and 3 in Work; 4 is in Archive, 5 in Trash, 6 in Junk, 7 in Sent, 8 in Drafts.
ROWS = [
    ("INBOX", "UID MOVE 1 Archive", 1, {"Archive"}),
    ("INBOX", "UID MOVE 1 Home", 1, {"Home", "Archive"}),
    ("INBOX", "UID MOVE 2 Home", 2, {"Home", "Work", "Archive"}),
    ("INBOX", "UID COPY 1 Home", 1, {"Home", "INBOX"}),
    ("Archive", "UID COPY 1 Home", 4, {"Home", "Archive"}),
    ("Sent", "UID COPY 1 Home", 7, {"Home", "Sent"}),
    ("Work", "UID MOVE 1 Home", 2, {"Home", "INBOX"}),
    ("Work", "UID MOVE 1 Work", 2, {"Work", "INBOX"}),
    ("INBOX", "expunge 1", 1, {"Archive"}),
    ("INBOX", "expunge 2", 2, {"Work", "Archive"}),
    ("INBOX", "close 2", 2, {"Work", "Archive"}),
    ("Work", "expunge 1", 2, {"INBOX"}),
    ("Archive", "expunge 1", 4, {"Trash"}),
    ("All Mail", "expunge 2", 2, {"Trash"}),
    ("Sent", "expunge 1", 7, {"Trash"}),
    ("Trash", "expunge 1", 5, set()),
    ("Junk", "expunge 1", 6, set()),
    ("Trash", "close 1", 5, set()),
    ("INBOX", "UID MOVE 2 Trash", 2, {"Trash"}),
    ("INBOX", "UID COPY 2 Trash", 2, {"Trash"}),
    ("Work", "UID COPY 1 Trash", 2, {"Trash"}),
    ("Trash", "UID MOVE 1 INBOX", 5, {"INBOX"}),
    ("Trash", "UID MOVE 1 Home", 5, {"Home", "Archive"}),
    ("INBOX", "UID MOVE 2 Junk", 2, {"Junk"}),
    ("Junk", "UID MOVE 1 INBOX", 6, {"INBOX"}),
    ("INBOX", "UID STORE 2 +FLAGS ($Junk)", 2, {"Junk"}),
    ("Junk", "UID STORE 1 +FLAGS ($NotJunk)", 6, {"INBOX"}),
    ("Work", "UID MOVE 1 Archive", 2, {"Archive"}),
    ("Work", 'UID MOVE 1 "All Mail"', 2, {"INBOX"}),
    ("Work", "UID COPY 1 Archive", 2, {"Work", "INBOX"}),
    ("Work", 'UID COPY 1 "All Mail"', 2, {"Work", "INBOX"}),
    ("INBOX", "UID MOVE 1 Starred", 1, {"INBOX", "Starred"}),
    ("INBOX", r"UID STORE 1 +FLAGS (\Flagged)", 1, {"INBOX", "Starred"}),
    ("INBOX", "CREATE Work/Below", 2, {"INBOX", "Work"}),
    ("INBOX", "RENAME Work Labour", 2, {"INBOX", "Labour"}),
    ("INBOX", "DELETE Work", 2, {"INBOX"}),
]


@pytest.fixture
def spread_out(connect: Connect, alice: Account) -> Client:
    for role, numbers in {
        "inbox": (1, 2, 3), "archive": (4,), "trash": (5,), "junk": (6,), "sent": (7,), "drafts": (8,),
    }.items():  # fmt: skip
        deliver(alice, *map(letter, numbers), role=role)
    for name in ("Work", "Home"):
        mailboxes.create(alice.pk, name)
    client = connect().login()
    client.ok("SELECT INBOX")
    client.ok("UID COPY 2:3 Work")
    return client


@pytest.mark.parametrize(("source", "command", "number", "expected"), ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_what_a_mail_program_does_means_what_the_table_says(
    spread_out: Client, alice: Account, source: str, command: str, number: int, expected: set[str]
) -> None:
    client = spread_out
    client.ok(f'SELECT "{source}"')
    what, uid, *_ = command.split()
    if what in ("expunge", "close"):
        client.ok(rf"UID STORE {uid} +FLAGS.SILENT (\Deleted)")
        client.ok("CLOSE" if what == "close" else f"UID EXPUNGE {uid}")
    else:
        lines = client.say(command)
        assert b" OK" in lines[-1], lines
        if " COPY " in command or " MOVE " in command:
            target = mailbox(alice, command.split(None, 3)[3].strip('"'))
            here = Membership.objects.filter(mailbox=target, message__message_id=f"{number}@example.org").first()
            assert copied(lines, target) == ([(int(command.split()[2]), here.uid)] if here else [])
    assert where(number) == expected
    assert list(verify(alice.pk)) == []


@pytest.mark.parametrize("way", ["EXPUNGE", "UID EXPUNGE 1", "CLOSE"])
def test_a_member_may_choose_that_deleting_in_the_inbox_is_trash(inbox: Client, alice: Account, way: str) -> None:
    preferences.change(alice, {"inbox_expunge": "trash"})
    inbox.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    inbox.ok(way)
    assert where(1) == {"Trash"}
    assert where(2) == {"INBOX"}


@pytest.mark.parametrize("target", ["Archive", "All Mail", "Home", "Starred", "Sent", "Drafts"])
@pytest.mark.parametrize("way", ["EXPUNGE", "CLOSE"])
def test_what_was_copied_elsewhere_and_deleted_in_the_inbox_was_moved(
    spread_out: Client, alice: Account, target: str, way: str
) -> None:
    preferences.change(alice, {"inbox_expunge": "trash"})
    spread_out.ok(f'UID COPY 1 "{target}"')
    spread_out.ok(r"STORE 1,3 +FLAGS.SILENT (\Deleted)")
    spread_out.ok(way)
    assert where(1) in ({target}, {target, "Archive"}, {"Archive"})
    assert ("Trash" in where(3)) is False  # it got its label after it came
    assert list(verify(alice.pk)) == []


def test_a_label_says_nothing_of_deleting_where_only_its_mark_was_set_and_taken_off(inbox: Client, alice: Account) -> None:
    label = mailboxes.create(alice.pk, "Work")
    deliver(alice, letter(50), labels=[label.pk])
    preferences.change(alice, {"inbox_expunge": "trash"})
    inbox.ok("SELECT Work")
    inbox.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    inbox.ok(r"STORE 1 -FLAGS.SILENT (\Deleted)")
    inbox.ok("SELECT INBOX")
    inbox.ok(r"STORE * +FLAGS.SILENT (\Deleted)")
    inbox.ok("EXPUNGE")
    assert where(50) == {"Trash"}


GUESTS = {
    "COPY": ("SELECT INBOX", "UID COPY 1 Drafts"),
    "flag": ("SELECT INBOX", r"UID STORE 1 +FLAGS (\Draft)"),
}


@pytest.mark.parametrize("way", GUESTS)
@pytest.mark.parametrize("ending", ["EXPUNGE", "REPLACE"])
def test_what_was_received_stays_where_it_was_when_its_copy_in_drafts_is_deleted(
    spread_out: Client, alice: Account, way: str, ending: str
) -> None:
    """An invariant of product.md 3.7: nothing but deleting for ever takes bytes away, and Drafts only what began there."""
    for command in GUESTS[way]:
        spread_out.ok(command)
    assert where(1) == {"INBOX", "Drafts"}
    spread_out.ok("SELECT Drafts")
    if ending == "EXPUNGE":
        spread_out.ok(r"STORE * +FLAGS.SILENT (\Deleted)")
        spread_out.ok("EXPUNGE")
    else:
        spread_out.ok(b"REPLACE * Drafts {%d+}\r\n%b" % (len(letter(60)), letter(60)))
    assert where(1) == {"INBOX"}
    assert list(verify(alice.pk)) == []


@pytest.mark.parametrize(("source", "number"), [("Archive", 4), ("Sent", 7)])
def test_what_came_to_drafts_later_and_is_nowhere_else_can_be_found_in_trash(
    spread_out: Client, source: str, number: int
) -> None:
    spread_out.ok(f"SELECT {source}")
    spread_out.ok("COPY 1 Drafts")
    spread_out.ok("SELECT Drafts")
    spread_out.ok(r"STORE * +FLAGS.SILENT (\Deleted)")
    spread_out.ok("EXPUNGE")
    assert where(number) == {"Trash"}


def test_a_draft_is_gone_for_ever(spread_out: Client) -> None:
    spread_out.ok("SELECT Drafts")
    spread_out.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    spread_out.ok("EXPUNGE")
    assert where(8) == set()
    assert not Message.objects.filter(message_id="8@example.org").exists()


def test_who_has_a_label_open_that_is_deleted_and_brought_back_is_told_to_look_anew(
    spread_out: Client, connect: Connect, alice: Account
) -> None:
    """Its messages come back under other UIDs: what is done to the old ones must not meet them."""
    spread_out.ok("SELECT Work")
    label = mailbox(alice, "Work")
    labels.delete_label(alice.pk, label.pk)
    history.undo(alice.pk)
    assert mailbox(alice, "Work").pk == label.pk
    spread_out.send(b"s UID STORE 1:2 +FLAGS (\\Deleted)\r\n")
    assert spread_out.read() == b"* BYE The selected mailbox was deleted"
    assert not Membership.objects.filter(mailbox_id=label.pk, deleted=True).exists()
    again = connect().login()
    again.ok("SELECT Work")
    assert again.ok("UID SEARCH ALL")[0] == b"* SEARCH 3 4"


def test_who_opened_a_mailbox_for_reading_takes_nothing_out_of_it(spread_out: Client) -> None:
    for source, target in (("INBOX", "Trash"), ("INBOX", "Junk"), ("Trash", "INBOX"), ("Junk", "Trash")):
        spread_out.ok(f"EXAMINE {source}")
        assert b" NO [CANNOT]" in spread_out.say(f"COPY 1 {target}")[-1], (source, target)
    spread_out.ok("EXAMINE INBOX")
    spread_out.ok("COPY 1 Home")
    assert where(1) == {"INBOX", "Home"}


def test_keywords_are_kept_in_all_mailboxes_and_told_to_every_session(spread_out: Client, connect: Connect) -> None:
    other = connect().login()
    other.ok("SELECT Work")
    words = rb"\Answered $Forwarded $Label1 $MDNSent $muted $notify project"
    spread_out.ok(b"UID STORE 2 +FLAGS.SILENT (" + words + b")")
    heard = b"".join(other.ok("NOOP"))
    for word in words.split():
        assert word in heard, (word, heard)
    spread_out.ok("UID STORE 2 -FLAGS.SILENT ($label1 PROJECT)")
    assert b"$Label1" not in b"".join(other.ok("NOOP"))


def test_any_keyword_may_be_made(inbox: Client) -> None:
    told = b"\n".join(inbox.ok("SELECT INBOX"))
    assert rb"[PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)]" in told


class Program:
    """A mail program that does anything to any mailbox."""

    def __init__(self, client: Client, owner: Account, chance: random.Random) -> None:
        self.client, self.owner, self.chance = client, owner, chance
        self.here = mailbox(owner, "INBOX")
        client.ok("SELECT INBOX")

    def do(self) -> None:
        acts: list[Callable[[], None]] = [self.select, self.put, self.put, self.store, self.store, self.expunge, self.append]
        self.chance.choice([*acts, self.replace, self.label])()

    def boxes(self) -> list[Mailbox]:
        return mailboxes.list_all(self.owner.pk)

    def uids(self) -> str:
        there = list(Membership.objects.filter(mailbox=self.here).values_list("uid", flat=True))
        return ",".join(map(str, self.chance.sample(there, min(len(there), self.chance.randint(1, 4))))) or "1:*"

    def say(self, command: str | bytes) -> list[bytes]:
        lines = self.client.say(command)
        assert b"SERVERBUG" not in lines[-1], (command, lines)
        return lines

    def select(self) -> None:
        self.here = self.chance.choice(self.boxes())
        assert b" OK" in self.say(f'SELECT "{self.here.name}"')[-1]

    def put(self) -> None:
        target, uids = self.chance.choice(self.boxes()), self.uids()
        before = dict(Membership.objects.filter(mailbox=self.here).values_list("uid", "message_id"))
        lines = self.say(f'UID {self.chance.choice(["COPY", "MOVE"])} {uids} "{target.name}"')
        after = dict(Membership.objects.filter(mailbox=target).values_list("uid", "message_id"))
        for old, new in copied(lines, target):
            assert after[new] == before[old], "COPYUID names another message"

    def store(self) -> None:
        word = self.chance.choice(
            [r"\Seen", r"\Flagged", r"\Deleted", r"\Deleted", r"\Draft", r"\Answered", "$Junk", "$NotJunk", "$muted", "Tag"]
        )
        self.say(f"UID STORE {self.uids()} {self.chance.choice(['+', '-', ''])}FLAGS ({word})")

    def expunge(self) -> None:
        how = self.chance.choice(["EXPUNGE", f"UID EXPUNGE {self.uids()}", "CLOSE"])
        self.say(how)
        if how == "CLOSE":
            self.select()

    def append(self) -> None:
        contents = [letter(self.chance.randint(1, LETTERS)) for _ in range(self.chance.randint(1, 3))]
        literals = b"".join(b" (%b) {%d+}\r\n%b" % (self.chance.choice([b"", rb"\Seen"]), len(one), one) for one in contents)
        self.say(b'APPEND "%b"' % self.chance.choice(self.boxes()).name.encode() + literals)

    def replace(self) -> None:
        content, target = letter(self.chance.randint(1, LETTERS)), self.chance.choice(self.boxes())
        uid = self.uids().partition(",")[0]
        self.say(b'UID REPLACE %b "%b" {%d+}\r\n%b' % (uid.encode(), target.name.encode(), len(content), content))

    def label(self) -> None:
        names = ["Work", "Work/Below", "Home", "INBOX/Old"]
        one, other = self.chance.sample(names, 2)
        if self.here.name not in names:  # who deletes what another session has selected says goodbye to it
            self.say(self.chance.choice([f"CREATE {one}", f"RENAME {one} {other}", f"RENAME INBOX {one}"]))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_two_mail_programs_do_the_invariants_hold(connect: Connect, alice: Account, seed: int) -> None:
    """I1, I2, I4 to I8 are what `verify` looks at; and COPYUID tells the truth."""
    chance = random.Random(seed)
    deliver(alice, *map(letter, range(1, LETTERS // 2)))
    for name in ("Work", "Home"):
        mailboxes.create(alice.pk, name)
    programs = [Program(connect().login(), alice, chance) for _ in range(2)]
    for _ in range(12):
        for _ in range(8):
            chance.choice(programs).do()
        assert list(verify(alice.pk)) == []
    assert Message.objects.filter(account=alice).exists()
    for box in mailboxes.list_all(alice.pk):
        told = b"".join(programs[0].client.ok(f'STATUS "{box.name}" (MESSAGES UNSEEN)'))
        assert b"(MESSAGES %d UNSEEN %d)" % (box.total, box.unread) in told
