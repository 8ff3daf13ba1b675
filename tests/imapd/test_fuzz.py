"""Commands put together at random: whatever comes, an answer goes back that somebody foresaw."""

from __future__ import annotations

import logging
import random

import pytest

from mailsuite.accounts.models import Account
from mailsuite.imapd.commands.table import COMMANDS
from mailsuite.mailstore.verify import verify
from tests.imapd.conftest import Connect, deliver, letter

PLAIN = """
1 1:* * 2,4 $ 99 0 4294967295 ( ) () (FLAGS) FLAGS +FLAGS -FLAGS.SILENT (\\Seen) \\Deleted INBOX Work Trash Junk Sent "a/b" a/b/c
"" *% % "
BODY[] BODY.PEEK[1.2]<0.10> ENVELOPE BODYSTRUCTURE RETURN (SAVE) ALL NOT OR SEEN TEXT letter SUBJECT HEADER SINCE 1-Feb-2026
UID KEYWORD LARGER MODSEQ EMAILID M1 THREADID T1 CHARSET UTF-8 &AA- &- é NIL (SUBSCRIBED) (CONDSTORE) CONDSTORE \\ [ ] < >
"""
WORDS = [
    *(name for name in COMMANDS if name not in ("LOGOUT", "IDLE", "STARTTLS", "APPEND")),
    *PLAIN.split(),
    *("(UID FLAGS)", "(\\Deleted $x)", '"All Mail"', "BODY[HEADER.FIELDS (To)]", "(CHANGEDSINCE 2)", "(UNCHANGEDSINCE 1)"),
    *(
        "(RECURSIVEMATCH)",
        "(METADATA (/private/a))",
        "/private/a",
        '(/private/a "b")',
        "(DEPTH 1)",
        "(USE (\\Sent))",
        "(STORAGE 1)",
    ),
    *(
        "(QRESYNC (1 1))",
        "(QRESYNC (1 1 1:9 (1,3 2:3)))",
        "(CHANGEDSINCE 1 VANISHED)",
        "(UNCHANGEDSINCE 0)",
        "-FLAGS.SILENT ($x)",
    ),
    *("(MIN MAX)", "(STATUS (MESSAGES))", "(MESSAGES UNSEEN SIZE)", "{3+}\r\nabc", "{0+}\r\n", "\x00"),
]
USUAL = ["FETCH", "UID FETCH", "STORE", "UID STORE", "SEARCH", "COPY", "MOVE", "SELECT", "LIST", "STATUS", "CREATE", "RENAME"]
USUAL += ["GETMETADATA", "SETMETADATA", "GETQUOTA", "GETQUOTAROOT", "SETQUOTA", "LSUB", "SUBSCRIBE"]
APPENDED = [
    " ", " INBOX", " 1", " (\\Seen)", ' "17-Jul-1996 02:44:25 -0700"', " {3+}\r\nabc", " {3+}\r\nabc", " ~{3+}\r\na\0c",
    " {0+}\r\n", " CATENATE (", 'URL "/INBOX/;UID=1"', "URL {15+}\r\n/INBOX/;UID=1/;", "TEXT {3+}\r\nabc",
    " TEXT {3+}\r\n\r\n\r", ")", "))", " UTF8 (", "~{2+}\r\nab",
]  # fmt: skip


ENABLED = ["X-NOTHING", "QRESYNC UTF8=ACCEPT", "IMAP4rev2 CONDSTORE", "UIDONLY QRESYNC"]


@pytest.mark.parametrize("seed", range(4))
def test_random_commands_never_break_anything(
    seed: int, alice: Account, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    deliver(alice, *(letter(n) for n in range(1, 8)))
    client = connect().login()
    client.ok(f"ENABLE {ENABLED[seed]}")
    client.ok("SELECT INBOX")
    for _ in range(250):
        command = " ".join([dice.choice(USUAL), *(dice.choice(WORDS) for _ in range(dice.randint(0, 4)))])
        answer = client.say(command)[-1]
        assert b"SERVERBUG" not in answer, (command, answer)
        client.ok("NOOP")  # and resets the count of bad commands
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("seed", range(3))
def test_random_messages_for_append_and_replace_leave_the_stream_in_step(
    seed: int, alice: Account, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    deliver(alice, *(letter(n) for n in range(1, 4)))
    client = connect().login()
    client.ok("ENABLE UTF8=ACCEPT")
    client.ok("SELECT INBOX")
    good = 0
    for _ in range(200):
        start = dice.choice(
            ["APPEND INBOX", "APPEND INBOX", "APPEND", "REPLACE 1 Drafts", "UID REPLACE 1", "APPEND {5+}\r\nINBOX"]
        )
        command = start + "".join(dice.choice(APPENDED) for _ in range(dice.randint(1, 4)))
        answer = client.say(command)[-1]
        assert b"SERVERBUG" not in answer, (command, answer)
        good += b" OK" in answer
        client.ok("NOOP")
    assert good
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert list(verify(alice.pk)) == []
