"""For whom a proxy speaks, however its header is cut, and what it may not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.proxy import LONGEST, SIGNATURE_2, BadIntroduction, Introduction, read

TCP4 = bytes([192, 0, 2, 7, 198, 51, 100, 1]) + (40_000).to_bytes(2) + (25).to_bytes(2)
TCP6 = bytes.fromhex("20010db8" + "0" * 23 + "7") + bytes(16) + (40_000).to_bytes(2) + (25).to_bytes(2)


def version_2(family: int, addresses: bytes, *, version_and_command: int = 0x21) -> bytes:
    return SIGNATURE_2 + bytes([version_and_command, family]) + len(addresses).to_bytes(2) + addresses


GOOD = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", ("192.0.2.7", 40_000)),
    (b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", ("255.255.255.255", 65_535)),
    (b"PROXY TCP6 2001:DB8::7 ::1 0 25\r\n", ("2001:db8::7", 0)),
    (b"PROXY TCP6 " + b" ".join([b":".join([b"ffff"] * 8)] * 2) + b" 65535 65535\r\n", (":".join(["ffff"] * 8), 65_535)),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN " + b" ".join([b":".join([b"ffff"] * 8)] * 2) + b" 65535 65535\r\n", None),
    (b"PROXY UNKNOWN \0\xff \n whatever\r\n", None),
    (version_2(0x11, TCP4), ("192.0.2.7", 40_000)),
    (version_2(0x11, TCP4 + b"\x04\x00\x03abc"), ("192.0.2.7", 40_000)),
    (version_2(0x21, TCP6), ("2001:db8::7", 40_000)),
    (version_2(0x31, b"/run/client".ljust(216, b"\0")), None),
    (version_2(0x00, b""), None),
    (version_2(0x00, b"\x04\x00\x03abc"), None),
    (version_2(0x11, TCP4 + bytes(65_523)), ("192.0.2.7", 40_000)),
    (version_2(0x00, b"", version_and_command=0x20), None),
    (version_2(0x77, b"ignored", version_and_command=0x20), None),
]
BAD = [
    b"EHLO client.elsewhere.example\r\n",
    b"\x16\x03\x01\x02\x00\x01",  # a TLS handshake
    b"proxy TCP4 192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY\r\n",
    b"PROXY \r\n",
    b"PROXY TCP4\r\n",
    b"PROXY TCP5 192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY UDP4 192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY UNKNOWNS\r\n",
    b"PROXY  TCP4 192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY TCP4  192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25 \r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25 26\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 040000 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 25 99999\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 \xb2 25\r\n",
    b"PROXY TCP4 192.0.2.256 198.51.100.1 40000 25\r\n",
    b"PROXY TCP4 192.0.2.007 198.51.100.1 40000 25\r\n",
    b"PROXY TCP4 192.0.2.7 nowhere 40000 25\r\n",
    b"PROXY TCP4 2001:db8::7 ::1 40000 25\r\n",
    b"PROXY TCP6 192.0.2.7 198.51.100.1 40000 25\r\n",
    b"PROXY TCP6 fe80::1%eth0 ::1 40000 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\nEHLO x\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\rEHLO x\r\n",
    b"PROXY UNKNOWN " + b"(" * 1_000_000,
    b"PROXY TCP4 " + b"1" * 1_000_000 + b"\r\n",
    SIGNATURE_2[:-1] + b"\r",
    version_2(0x11, TCP4, version_and_command=0x11),
    version_2(0x11, TCP4, version_and_command=0x22),
    version_2(0x11, TCP4[:-1]),
    version_2(0x21, TCP4),
    version_2(0x31, bytes(215)),
    version_2(0x12, TCP4),
    version_2(0x41, TCP4),
]


@pytest.mark.parametrize(("header", "source"), GOOD)
def test_a_header_is_read_when_its_last_byte_is_there_and_not_before(header: bytes, source: tuple[str, int] | None) -> None:
    step = 1 if len(header) < 1_000 else 997
    assert [read(header[:length]) for length in range(0, len(header), step)] == [None] * len(range(0, len(header), step))
    for rest in (b"", b"E", b"EHLO x\r\n", header, b"\0" * 70_000):
        assert read(header + rest) == Introduction(source, len(header))
    assert len(header) <= LONGEST


@pytest.mark.parametrize("start", BAD, ids=lambda start: repr(start[:50]))
def test_what_is_no_header_is_refused_in_one_piece_and_byte_by_byte(start: bytes) -> None:
    with pytest.raises(BadIntroduction):
        read(start)
    with pytest.raises(BadIntroduction):
        any(read(start[:length]) for length in range(200))


@given(
    st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", b"PROXY TCP6 ", SIGNATURE_2, SIGNATURE_2 + b"\x21"]), st.binary(max_size=300)
)
def test_no_bytes_break_the_reader(start: bytes, rest: bytes) -> None:
    heard = start + rest
    try:
        found = read(heard)
    except BadIntroduction:
        return
    assert found is None or read(heard[: found.length]) == found
