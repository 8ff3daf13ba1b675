"""Commands of every kind, printed by a small printer and cut anywhere, are read back as what was meant; in linear time."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap import commands, fetch, notify, search
from mailsuite.protocol.imap.connection import AFTER_LOGIN, NEED_DATA, Command, Connection, Continue
from mailsuite.protocol.imap.pattern import Pattern
from mailsuite.protocol.imap.search import And, Key, Node, Not, Or
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.imap.utf7 import encode
from mailsuite.protocol.sasl import Credentials

# -- the printer --

ATOM = re.compile(rb"[A-Za-z0-9$_/.\-]+")
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.integers(1, 2**32 - 1)
ends = numbers.map(str) | st.just("*")
sets = st.lists(ends | st.builds("{}:{}".format, ends, ends), min_size=1, max_size=5).map(",".join)
keywords = st.from_regex(r"[A-Za-z$][A-Za-z0-9$_\-]{0,12}", fullmatch=True)
flags = st.sampled_from(["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"]) | keywords
days = st.dates(date(1000, 1, 1))
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def shown(draw: st.DrawFn, octets: bytes) -> bytes:
    """An astring: an atom where it can be one, quoted where that can be, or a literal, with or without waiting."""
    ways = [b"{%d+}\r\n%b", b"{%d}\r\n%b"]
    if not re.search(rb"[\r\n\0]", octets):
        ways.append(b'"%b"')
    if ATOM.fullmatch(octets):
        ways.append(b"%b")
    way = draw(st.sampled_from(ways))
    if b"%d" in way:
        return way % (len(octets), octets)
    return way % (re.sub(rb'(["\\])', rb"\\\1", octets) if b'"' in way else octets)


def read_back(draw: st.DrawFn, arguments: bytes) -> Parser:
    """Through the framing and the connection, in pieces of any size, with a neighbour on either side."""
    octets = b"t1 NOOP\r\nt2 X-Y " + arguments + b"\r\nt3 NOOP\r\n"
    step = draw(st.integers(1, 40))
    connection, seen = Connection(AFTER_LOGIN), []
    for start in range(0, len(octets), step):
        connection.receive_data(octets[start : start + step])
        while (event := connection.next_event()) is not NEED_DATA:
            seen.append(event)
    before, command, after = [event for event in seen if not isinstance(event, Continue)]
    assert (before, after) == (Command("t1", "NOOP", [b""]), Command("t3", "NOOP", [b""]))
    assert isinstance(command, Command)
    return Parser(command.pieces)


# -- the round trips --


@given(st.data(), text, text)
def test_a_login(data: st.DataObject, name: str, secret: str) -> None:
    printed = b" ".join(shown(data.draw, word.encode()) for word in (name, secret))
    assert commands.login(read_back(data.draw, printed)) == Credentials(name, secret)


@given(st.data(), text.filter(lambda name: not name.casefold().startswith("inbox")), sets)
def test_a_copy(data: st.DataObject, name: str, numbers: str) -> None:
    printed = numbers.encode() + b" " + shown(data.draw, encode(name))
    assert commands.copy(read_back(data.draw, printed)) == (SequenceSet.parse(numbers.encode()), name)


@given(
    st.data(),
    sets,
    st.sampled_from(["", "+", "-"]),
    st.booleans(),
    st.lists(flags, max_size=9),
    st.none() | st.integers(0, 2**63 - 1),
)
def test_a_store(data: st.DataObject, numbers: str, sign: str, silent: bool, names: list[str], since: int | None) -> None:
    condition = "" if since is None else f"(UNCHANGEDSINCE {since}) "
    printed = f"{numbers} {condition}{sign}FLAGS{'.SILENT' if silent else ''} ({' '.join(names)})".encode()
    asked = commands.store(read_back(data.draw, printed))
    assert (asked.numbers, asked.mode, asked.silent) == (SequenceSet.parse(numbers.encode()), sign or "=", silent)
    assert asked.unchanged_since == since
    assert asked.keywords == tuple(sorted({name for name in names if name[0] != "\\"}))
    assert bin(asked.flags).count("1") == len({name for name in names if name[0] == "\\"})


@st.composite
def items(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """(as asked for, as it is called in the answer)."""
    if draw(st.booleans()):
        name = draw(st.sampled_from([b"UID", b"FLAGS", b"ENVELOPE", b"INTERNALDATE", b"RFC822.SIZE", b"BODYSTRUCTURE", b"BODY"]))
        return name, name
    part = draw(st.lists(st.integers(1, 99), max_size=4).map(lambda found: ".".join(map(str, found)))).encode()
    kinds = [b"", b"HEADER", b"TEXT", b"HEADER.FIELDS (To X-a)", b"HEADER.FIELDS.NOT (Date)", *([b"MIME"] if part else [])]
    section = b".".join(filter(None, [part, draw(st.sampled_from(kinds))]))
    first, most = draw(st.none() | numbers), draw(numbers)
    peek = draw(st.sampled_from([b"", b".PEEK"]))
    tail = b"" if first is None else b"<%d.%d>" % (first, most)
    return b"BODY%b[%b]%b" % (peek, section, tail), b"BODY[%b]%b" % (section, b"" if first is None else b"<%d>" % first)


@given(st.data(), st.lists(items(), min_size=1, max_size=6))
def test_a_fetch(data: st.DataObject, wanted: list[tuple[bytes, bytes]]) -> None:
    parser = read_back(data.draw, b"(" + b" ".join(asked for asked, _ in wanted) + b")")
    parser.space()
    found = fetch.parse(parser)
    parser.end()
    assert {item.label for item in found} == {label for _, label in wanted}


TEXTS = ["BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"]
leaves = st.one_of(
    st.builds(Key, st.sampled_from(["ALL", "SEEN", "UNSEEN", "DELETED", "DRAFT", "FLAGGED", "UNANSWERED"])),
    st.builds(Key, st.sampled_from(TEXTS), text),
    st.builds(Key, st.just("HEADER"), st.tuples(text, text)),
    st.builds(Key, st.sampled_from(["BEFORE", "ON", "SINCE", "SENTON"]), days),
    st.builds(Key, st.sampled_from(["LARGER", "SMALLER"]), numbers),
    st.builds(Key, st.sampled_from(["KEYWORD", "UNKEYWORD"]), keywords),
    st.builds(Key, st.sampled_from(["SEQUENCE", "UID"]), sets.map(lambda found: SequenceSet.parse(found.encode()))),
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Or, st.tuples(inner, inner))
        | st.builds(And, st.lists(inner, min_size=1, max_size=4).map(tuple))
    ),
    max_leaves=12,
)


def printed(draw: st.DrawFn, node: Node) -> bytes:
    match node:
        case Not(key):
            return b"NOT " + printed(draw, key)
        case Or((left, right)):
            return b"OR " + printed(draw, left) + b" " + printed(draw, right)
        case And(keys):
            return b"(" + b" ".join(printed(draw, key) for key in keys) + b")"
    assert isinstance(node, Key)
    value = node.value
    head = b"" if node.name == "SEQUENCE" else node.name.encode()
    if isinstance(value, SequenceSet):
        value = ",".join(":".join(str(end) if end else "*" for end in ends) for ends in value.ranges)
        return (head + b" " + value.encode()).strip()
    if isinstance(value, date):
        return head + b" %d-%b-%04d" % (value.day, MONTHS[value.month - 1].encode(), value.year)
    if isinstance(value, tuple):
        return head + b"".join(b" " + shown(draw, word.encode()) for word in value)
    if isinstance(value, str) and node.name in TEXTS:
        return head + b" " + shown(draw, value.encode())
    return head if value is None else head + b" " + str(value).encode()


def holds(node: Node, true: set[Key]) -> bool:
    match node:
        case Not(key):
            return not holds(key, true)
        case Or(keys):
            return any(holds(key, true) for key in keys)
        case And(keys):
            return all(holds(key, true) for key in keys)
    assert isinstance(node, Key)
    return node in true


def leaves_of(node: Node) -> list[Key]:
    match node:
        case Not(key):
            return leaves_of(key)
        case Or(keys) | And(keys):
            return [leaf for key in keys for leaf in leaves_of(key)]
    assert isinstance(node, Key)
    return [node]


@given(st.data(), trees)
def test_a_search_means_what_was_meant(data: st.DataObject, tree: Node) -> None:
    parser = read_back(data.draw, b"CHARSET UTF-8 " + printed(data.draw, tree))
    parser.space()
    found = search.parse(parser).tree
    keys = leaves_of(tree)
    assert set(leaves_of(found)) == set(keys)
    for _ in range(5):
        true = {key for key in keys if data.draw(st.booleans())}
        assert holds(found, true) == holds(tree, true)


@given(st.data(), st.lists(text.filter(lambda name: name and not name.casefold().startswith("inbox")), min_size=1, max_size=4))
def test_a_notify(data: st.DataObject, names: list[str]) -> None:
    listed = b" ".join(shown(data.draw, encode(name)) for name in names)
    asked = notify.parse(read_back(data.draw, b"SET STATUS (subtree (" + listed + b") (MailboxName))"))
    assert asked
    assert asked.status
    assert asked.groups[0].mailboxes.names == tuple(names)


# -- linear time: counted in lines of our code, which no clock and no neighbour changes --


def steps(work: Callable[[], object]) -> int:
    """How many lines of the IMAP grammar run."""
    count = 0

    def in_grammar(frame: object, event: str, _: object) -> object:
        nonlocal count
        count += event == "line"
        return in_grammar

    def called(frame: object, event: str, _: object) -> object:
        return in_grammar if "/protocol/imap/" in frame.f_code.co_filename else None  # type: ignore[attr-defined]

    before = sys.gettrace()
    sys.settrace(called)  # type: ignore[arg-type]
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def fed(octets: bytes, step: int) -> Callable[[], None]:
    def feed() -> None:
        connection = Connection(AFTER_LOGIN)
        for start in range(0, len(octets), step):
            connection.receive_data(octets[start : start + step])
            while connection.next_event() is not NEED_DATA:
                pass

    return feed


def read(reader: Callable[[Parser], object], *pieces: bytes) -> Callable[[], None]:
    def attempt() -> None:
        try:
            reader(Parser(pieces))
        except SyntaxProblem:
            pass

    return attempt


HOSTILE: list[Callable[[int], Callable[[], object]]] = [
    lambda n: fed(b"(" * n, 1),
    lambda n: fed(b"a NOOP\r\n" * n, 3),
    lambda n: fed(b"a X" + b" {1+}\r\nx" * n + b"\r\n", 5),
    lambda n: fed(b"a X {%d+}\r\n" % n + b"x" * n + b"\r\n", 1),
    lambda n: fed(b"a LOGIN {99999+}\r\n" + b"x" * n, 1),
    lambda n: read(search.parse, b"NOT " * n + b"ALL"),
    lambda n: read(search.parse, b"OR " * n + b"ALL"),
    lambda n: read(search.parse, b"(" * n),
    lambda n: read(search.parse, b",".join([b"1:*"] * n)),
    lambda n: read(fetch.parse, b"(" + b"BODY[HEADER.FIELDS (" + b"a " * n + b"b)])"),
    lambda n: read(fetch.parse, b"(" + b"UID " * n + b"UID)"),
    lambda n: read(commands.store, b" 1 FLAGS (" + b"a " * n + b")"),
    lambda n: read(notify.parse, b" SET " + b"(personal none) " * n),
    lambda n: lambda: Pattern("*a%" * 300).matches("a" * n),
]


def test_the_grammar_takes_twice_as_many_steps_for_twice_as_much() -> None:
    for number, hostile in enumerate(HOSTILE):
        small, large = steps(hostile(1_000)), steps(hostile(4_000))
        assert large <= 5 * small + 200, (number, small, large)
