"""Lines and literals, however the octets arrive."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap.connection import (
    AFTER_LOGIN,
    BEFORE_LOGIN,
    NEED_DATA,
    Command,
    Connection,
    Continue,
    Limits,
    Malformed,
    Octets,
    RawLine,
    Upload,
)

PIPELINE = (
    b'a1 LOGIN {5+}\r\nalice {6}\r\nsecret\r\na2 uid fetch 1:* (FLAGS)\r\na3 APPEND "In{4}box" (\\Seen) {11}\r\nhello\r\nwide\r\n'
    b"a4 APPEND {5+}\r\nINBOX {2+}\r\nhi\r\nbogus\r\na5 NOOP \r\n"
)


def events(connection: Connection, octets: bytes, step: int) -> list[object]:
    seen: list[object] = []
    for start in range(0, len(octets), step):
        connection.receive_data(octets[start : start + step])
        while (event := connection.next_event()) is not NEED_DATA:
            if isinstance(event, Upload):
                connection.accept_upload()
            if isinstance(event, Octets) and seen and isinstance(seen[-1], Octets):
                event = Octets(seen.pop().octets + event.octets, event.last)  # type: ignore[attr-defined]
            seen.append(event)
    return seen


def test_a_pipeline_of_commands_and_literals_is_read_the_same_in_pieces_of_any_size() -> None:
    whole = events(Connection(), PIPELINE, len(PIPELINE))
    assert whole == [
        Continue(),
        Command("a1", "LOGIN", [b" ", b"alice", b" ", b"secret", b""]),
        Command("a2", "UID FETCH", [b" 1:* (FLAGS)"]),
        Upload("a3", "APPEND", [b' "In{4}box" (\\Seen) '], 11, True),
        Octets(b"hello\r\nwide", True),
        Command("a3", "APPEND", [b""]),
        Upload("a4", "APPEND", [b" ", b"INBOX", b" "], 2, False),
        Octets(b"hi", True),
        Command("a4", "APPEND", [b""]),
        Malformed("bogus", "A command is a tag, a space and a name"),
        Command("a5", "NOOP", [b" "]),
    ]
    for step in (1, 2, 3, 7, 50):
        assert events(Connection(), PIPELINE, step) == whole


@given(st.lists(st.binary(max_size=60), max_size=6), st.integers(1, 20))
def test_no_octets_break_the_framing(parts: list[bytes], step: int) -> None:
    connection = Connection(Limits(line=40, literal=30, discard=100))
    octets = b"\r\n".join(parts) + b"\r\n"
    assert events(connection, octets, step) == events(Connection(Limits(40, 30, discard=100)), octets, len(octets))
    assert len(events(connection, b"\r\nz NOOP\r\n" * 60, 7)) > 0


def test_an_overlong_line_is_dropped_up_to_its_end_and_the_next_command_is_heard() -> None:
    connection = Connection(Limits(line=100, literal=10))
    octets = b"a1 " + b"x" * 10_000 + b"\r\na2 NOOP\r\n"
    assert events(connection, octets, 64) == [Malformed("a1", "A line may have 100 octets"), Command("a2", "NOOP", [b""])]


def test_what_an_overlong_line_announces_is_no_command() -> None:
    long = b"a1 APPEND " + b"x" * 300
    refused = Malformed("a1", "A line may have 100 octets")
    limits = Limits(line=100, literal=10, discard=1_000)
    for step in (1, 13, 10_000):
        unasked = long + b" {20+}\r\nz1 DELETE Archive\r\n" + b")\r\na2 NOOP\r\n"
        assert events(Connection(limits), unasked, step) == [refused, Command("a2", "NOOP", [b""])]
        waiting = long + b" {20}\r\na2 NOOP\r\n"
        assert events(Connection(limits), waiting, step) == [refused, Command("a2", "NOOP", [b""])]
        (event,) = events(Connection(limits), long + b" {" + b"9" * 40 + b"+}\r\nz1 NOOP\r\n", step)[:1]
        assert event == Malformed("a1", "A line may have 100 octets", fatal=True)


def test_a_literal_too_large_is_refused_and_if_it_comes_unasked_it_is_read_past() -> None:
    limits = Limits(line=100, literal=10, discard=1_000)
    refused = Malformed("a1", "Literals here may have 10 octets, and be 1000")
    assert events(Connection(limits), b"a1 LOGIN {11}\r\na2 NOOP\r\n", 5) == [refused, Command("a2", "NOOP", [b""])]
    unasked = b"a1 LOGIN {500+}\r\n" + b"a9 LOGOUT\r\n" * 45 + b"12345" + b" more {3+}\r\nabc more\r\na2 NOOP\r\n"
    assert events(Connection(limits), unasked, 9) == [refused, Command("a2", "NOOP", [b""])]


def test_an_unasked_literal_beyond_all_measure_ends_the_connection() -> None:
    (event,) = events(Connection(), b"a1 LOGIN {99999999999999999999+}\r\n", 100)
    assert isinstance(event, Malformed)
    assert event.fatal


def test_literals_of_one_command_are_counted_together() -> None:
    many = b"a1 SEARCH TEXT {200000+}\r\n" + b"x" * 200_000 + b" TEXT {200000+}\r\n" + b"x" * 200_000 + b"\r\na2 NOOP\r\n"
    assert [type(event) for event in events(Connection(AFTER_LOGIN), many, 65_536)] == [Malformed, Command]


def test_a_refused_upload_leaves_the_stream_in_order() -> None:
    connection = Connection()
    connection.receive_data(b"a1 APPEND x {5+}\r\nhello\r\na2 APPEND x {7}\r\na3 NOOP\r\n")
    assert isinstance(connection.next_event(), Upload)
    assert connection.refuse_upload()
    assert isinstance(connection.next_event(), Upload)
    assert connection.refuse_upload()
    assert connection.next_event() == Command("a3", "NOOP", [b""])


def test_an_expected_line_is_no_command() -> None:
    connection = Connection()
    connection.receive_data(b"AGFsaWNlAHNlY3JldA==\r\na2 NOOP\r\n")
    connection.expect_line()
    assert connection.next_event() == RawLine(b"AGFsaWNlAHNlY3JldA==")
    assert connection.next_event() == Command("a2", "NOOP", [b""])


def test_nothing_received_before_tls_is_left_after_it() -> None:
    connection = Connection()
    connection.receive_data(b"a1 STARTTLS\r\na2 LOGIN mallory x\r\n")
    assert connection.next_event() == Command("a1", "STARTTLS", [b""])
    connection.clear()
    assert connection.next_event() is NEED_DATA


def test_a_megabyte_in_one_octet_steps_costs_linear_time() -> None:
    def seconds(size: int) -> float:
        connection = Connection(Limits(line=10**7, literal=10))
        start = time.process_time()
        for _ in range(size):
            connection.receive_data(b"(")
            connection.next_event()
        return time.process_time() - start

    small, large = min(seconds(20_000) for _ in range(3)), seconds(200_000)
    assert large < 40 * small


def test_empty_literals_without_end_take_no_room_without_end() -> None:
    for limits, most in ((BEFORE_LOGIN, 16), (AFTER_LOGIN, 1_000)):
        connection = Connection(limits)
        octets = b"a1 LOGIN" + b" {0+}\r\n" * most + b"\r\na2 LOGIN" + b" {0+}\r\n" * (most + 1) + b"\r\na3 NOOP\r\n"
        assert [type(event) for event in events(connection, octets, 65_536)] == [Command, Malformed, Command]
    between = b"a1 SEARCH" + (b" " * 60_000 + b"{0+}\r\n") * 6 + b"\r\na2 NOOP\r\n"
    assert [type(event) for event in events(Connection(AFTER_LOGIN), between, 65_536)] == [Malformed, Command]
