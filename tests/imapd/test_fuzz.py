"""Commands put together at random: whatever comes, an answer goes back that somebody foresaw."""

from __future__ import annotations

import logging
import random

import pytest

from mailsuite.accounts.models import Account
from mailsuite.imapd.commands.table import COMMANDS
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
    *("(MIN MAX)", "(STATUS (MESSAGES))", "(MESSAGES UNSEEN SIZE)", "{3+}\r\nabc", "{0+}\r\n", "\x00"),
]
USUAL = ["FETCH", "UID FETCH", "STORE", "UID STORE", "SEARCH", "COPY", "MOVE", "SELECT", "LIST", "STATUS", "CREATE", "RENAME"]


@pytest.mark.parametrize("seed", range(4))
def test_random_commands_never_break_anything(
    seed: int, alice: Account, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    deliver(alice, *(letter(n) for n in range(1, 8)))
    client = connect().login()
    client.ok("SELECT INBOX")
    for _ in range(250):
        command = " ".join([dice.choice(USUAL), *(dice.choice(WORDS) for _ in range(dice.randint(0, 4)))])
        answer = client.say(command)[-1]
        assert b"SERVERBUG" not in answer, (command, answer)
        client.ok("NOOP")  # and resets the count of bad commands
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
