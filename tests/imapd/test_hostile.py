"""What an attacker says, or wrote into a message: every answer is one that a client can read, and the session goes on."""

from __future__ import annotations

import pytest

from mailsuite.accounts.models import Account
from mailsuite.imapd import limits, wire
from mailsuite.imapd.pace import Pace
from mailsuite.protocol.imap.syntax import MAX_FLAG
from tests.fuzz.answers import check
from tests.imapd.conftest import Client, Connect, RunningServer, deliver

PLAIN = b"Content-Type: text/plain\r\n\r\ntext\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000))
FORWARDED = b"Content-Type: message/rfc822\r\n\r\n" * 3_000
MESSAGES = {
    "a line end in an encoded subject": b"Subject: =?utf-8?q?a=0D=0A*_BYE_b?= =?utf-8?b?DQoqIEJZRSBi?=\r\n" + PLAIN,
    "bare line ends": b"Subject: a\r* BYE b\rc\nFrom: x\ry <a@b\r* OK>\r\n" + PLAIN,
    "NUL and controls": b'Subject: a\0b\x07c\x7f\r\nFrom: "a\0\x01" <\0@\x02>\r\nMessage-ID: <\0>\r\n' + PLAIN,
    "quotes and backslashes": b'From: "\\"a\\\\" <"\\"b"@c>\r\nSubject: "\\\r\nMessage-ID: <"\\">\r\nIn-Reply-To: \\"\r\n'
    + PLAIN,
    "what looks like literals": b"From: {5}\r\nSubject: a {5+}\r\nTo: {99} <{1}@{2}>\r\nDate: {3}\r\n" + PLAIN,
    "parentheses": b"From: (((((\r\nTo: " + b"(" * 50_000 + b"\r\nCc: )))\r\nSubject: ) NIL (\r\n" + PLAIN,
    "groups without end": b"To: " + b"g:" * 5_000 + b"a@b\r\nCc: " + b"<" * 5_000 + b"\r\n" + PLAIN,
    "eight bits": b'From: "\xff\xfe" <\xe9@\xc3>\r\nSubject: \xff {5}\r\nMessage-ID: <\xff>\r\n' + PLAIN,
    "hostile parameters": b'Content-Type: te"xt/pl(ain; a"b="\\\r\n x"; =; c*0*=%0D%0A; name="\xff\0\\""; charset="a b"\r\n'
    b'Content-Transfer-Encoding: "\r\nContent-ID: <"\r\nContent-Description: \\\r\nContent-Disposition: (;filename="\r\n'
    b"Content-Language: a, (\r\nContent-Location: \x01\r\nContent-MD5: {1}\r\n\r\n",
    "parts within parts": NESTED,
    "messages within messages": FORWARDED + PLAIN,
    "nothing": b"\r\n",
    "no header": b"\r\n\r\ntext",
    "a boundary of nothing": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n--\r\n----\r\n',
}
ITEMS = (
    "(ENVELOPE BODY BODYSTRUCTURE)",
    "(BODY.PEEK[HEADER.FIELDS (Subject From X)] BODY.PEEK[1.MIME] BODY.PEEK[1.1.HEADER])",
    "(BINARY.PEEK[1] BINARY.SIZE[1] PREVIEW)",
    "(BODY.PEEK[] FLAGS)",
)


def exchange(client: Client, command: bytes) -> bytes:
    """All that comes back, octet by octet as it was sent."""
    client._tag += 1
    tag = b"t%d" % client._tag
    client.send(tag + b" " + command + b"\r\n")
    heard = b""
    while not (line := client._file.readline()).startswith(tag + b" "):
        assert line, (command[:100], heard[-300:])
        heard += line
        if line.endswith(b"}\r\n") and (size := line.rpartition(b"{")[2][:-3]).isdigit():
            heard += client.octets(int(size))
    return heard + line


@pytest.mark.parametrize("enabled", ["CONDSTORE", "IMAP4rev2"])
def test_no_message_makes_an_answer_that_is_none(enabled: str, connect: Connect, alice: Account) -> None:
    deliver(alice, *MESSAGES.values())
    client = connect().login()
    client.ok(f"ENABLE {enabled}")
    client.ok("SELECT INBOX")
    for number, name in enumerate(MESSAGES, 1):
        for items in ITEMS:
            heard = exchange(client, f"FETCH {number} {items}".encode())
            told = check(heard, utf8=enabled == "IMAP4rev2")
            assert len(told) <= 2, (name, items, told)
            assert told[0][0].startswith(b"* %d FETCH (" % number) or b" NO [UNKNOWN-CTE]" in heard, (name, items, heard[:200])
    assert client.ok("NOOP") == []


LITERALS = [
    b"CREATE {6+}\r\na\r\nb c",
    b"CREATE &AA0ACg-",
    b"CREATE a&AA0ACg-b",
    b"CREATE {3+}\r\na\x00b",
    b"RENAME INBOX {4+}\r\na\r\nb",
    b"LIST {9+}\r\nx\r\n* BYE *",
    b"SELECT {8+}\r\nx\r\n* BYE",
    b"SUBSCRIBE a&AA0ACg-b",
    b"STATUS {8+}\r\nx\r\n* BYE (MESSAGES)",
    b'ID ("name" {8+}\r\nx\r\n* BYE)',
    b"FETCH 1 BODY.PEEK[HEADER.FIELDS ({8+}\r\nx\r\n* BYE)]",
    b"SEARCH HEADER {8+}\r\nx\r\n* BYE a",
    b'FETCH 1 BODY.PEEK[HEADER.FIELDS ("a]b(" "c\\"d" {2+}\r\n\xff\xff)]',
    b"SEARCH KEYWORD {8+}\r\nx\r\n* BYE",
    b"COPY 1 {3+}\r\na\r\n",
    b"SEARCH CHARSET {8+}\r\nx\r\n* BYE ALL",
    b"NOTIFY SET (mailboxes {8+}\r\nx\r\n* BYE (MailboxName))",
    b"APPEND {8+}\r\nx\r\n* BYE {1+}\r\nx",
    b"NOOP {-1}",
    b"NOOP {}",
    b"NOOP {+}",
    b"NOOP {1",
    b"NOOP { 1}",
    b"NOOP {1}}",
    b"NOOP {1++}",
    b"NOOP {0x1}",
    b"NOOP ~{}",
    b"NOOP {0+}\r\n",
    b"NOOP {0+}\r\n{0+}\r\n{0+}\r\n",
    b"LOGIN {99999999999999999999}",
    b"SEARCH TEXT {4294967296}",
    b"CREATE {4294967295}",
]


def test_nothing_a_client_says_comes_back_as_an_answer_of_ours(inbox: Client) -> None:
    for command in LITERALS:
        heard = exchange(inbox, command)
        told = check(heard)
        assert not [pieces for pieces in told if pieces[0].startswith(b"* BYE")], (command, heard)
        assert exchange(inbox, b"SELECT INBOX").endswith(b"Here it is\r\n"), command


@pytest.mark.parametrize("announced", [b"{4294967296+}", b"{18446744073709551616+}", b"{999999999999999999999999999+}"])
def test_a_literal_that_nobody_can_wait_for_ends_the_connection(inbox: Client, announced: bytes) -> None:
    inbox.send(b"x SEARCH TEXT " + announced + b"\r\ny DELETE Archive\r\n")
    assert inbox.read().startswith(b"x BAD")
    assert inbox.read().startswith(b"* BYE")
    assert inbox.read() == b""


def test_a_tag_is_a_tag_or_is_not_repeated(inbox: Client) -> None:
    odd = [b"+", b"*", b"a+b", b"a{1}", b'"a"', b"a" * 65, b"\x80", b"\x1b[2J", b"a\\", b"%", b"(", b"a\0b", b"\xc3\xa9", b""]
    for tag in odd:
        inbox.send(tag + b" NOOP\r\n")
        line = inbox.read()
        assert line.startswith(b"* BAD"), (tag, line)
        assert not tag.strip(b"*") or tag not in line[:3], (tag, line)
        inbox.ok("NOOP")
    inbox.send(b"!#$&',-./0:;<=>?@[]^_`|}~ NOOP\r\n")
    assert inbox.read() == b"!#$&',-./0:;<=>?@[]^_`|}~ OK Done nothing"


def test_commands_that_pour_in_are_not_held_in_memory(connect: Connect, server: RunningServer) -> None:
    server.door.pace = Pace(0)
    client = connect().login()
    (session,) = server.door.sessions
    most, receive = 0, session.connection.receive_data

    def counted(octets: bytes) -> None:
        nonlocal most
        receive(octets)
        most = max(most, session.connection.waiting)

    session.connection.receive_data = counted  # type: ignore[method-assign]
    client._socket.settimeout(90)
    count = 20_000
    client.send((b"x NOOP" + b" " * 40 + b"\r\n") * count)
    assert all(client.read().startswith(b"x OK") for _ in range(count))
    assert most <= wire.PAUSE_AT + 262_144


def test_half_a_line_is_no_reason_to_wait_for_ever(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOGIN_SECONDS", 0.5)
    client = connect()
    client.read()
    client.send(b"x LOGIN {5}\r\nal")
    assert client.read().startswith(b"+ ")
    assert client.read().startswith(b"* BYE")


def test_keywords_have_an_end(inbox: Client) -> None:
    longest = b"k" * MAX_FLAG
    assert longest in inbox.ok(b"STORE 1 +FLAGS (" + longest + b")")[0]
    for command in (b"STORE 1 +FLAGS (%b)", b"SEARCH KEYWORD %b", b"STORE 1 FLAGS %b"):
        assert b" BAD " in inbox.say(command % (b"k" * (MAX_FLAG + 1)))[-1]
    for letter in (b"a", b"b", b"c"):
        inbox.ok(b"STORE 1 +FLAGS.SILENT (%b)" % b" ".join(letter + b"%d" % n for n in range(100)))
    (told,) = inbox.ok("FETCH 1 FLAGS")
    assert len(told.split()) <= 4 + 100
    assert b" BAD " in inbox.say(b"STORE 1 +FLAGS (" + b" ".join([b"x"] * 101) + b")")[-1]


def test_a_pattern_of_wildcards_alone_is_matched_once_a_name(inbox: Client) -> None:
    everything = inbox.ok('LIST "" *')
    assert inbox.ok(b'LIST "" (' + b" ".join([b"*%" * 400] * 19) + b")") == everything
    assert inbox.ok(b'LIST "" ' + b"*%" * 30_000) == []
