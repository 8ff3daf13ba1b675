"""The PROXY protocol of HAProxy, versions 1 and 2: a proxy says for whom it speaks, before anything else is said."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

# The specification has no RFC: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, whose sections are named here.
SIGNATURE_1 = b"PROXY "
SIGNATURE_2 = b"\r\n\r\n\0\r\nQUIT\n"
LONGEST_1 = 107  # §2.1: bytes of the longest line, CR LF included
FIXED_2 = 16  # §2.2: bytes before the addresses
LONGEST = FIXED_2 + 65_535  # bytes that any introduction can have
_LINE = re.compile(rb"PROXY TCP([46]) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})\Z")
# §2.2: family and transport, and how many bytes of addresses follow. A stream is the only transport that carries SMTP.
_UNSPECIFIED, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_ADDRESSES = {_UNSPECIFIED: 0, _TCP4: 12, _TCP6: 36, _UNIX: 216}


class BadIntroduction(Exception):
    """What came first is no PROXY header, or a broken one. Nothing after it can be trusted to be what it seems."""

    temporary = False


class Introduction(NamedTuple):
    """A whole header: `length` bytes. source: (address, port) of the client; None where the proxy speaks for itself."""

    source: tuple[str, int] | None
    length: int


def read(start: bytes | bytearray) -> Introduction | None:
    """The header at the start of a connection, whichever version; None until enough of it is there. Raises BadIntroduction.

    Takes the same time whatever `start` holds, so it may be asked again after each byte.
    """
    head = bytes(start[:LONGEST_1])
    if _begins(head, SIGNATURE_2):
        return _version_2(start) if len(start) >= FIXED_2 else None
    if _begins(head, SIGNATURE_1):
        return _version_1(head)
    raise BadIntroduction("no PROXY header")


def _begins(head: bytes, signature: bytes) -> bool:
    return head.startswith(signature) or signature.startswith(head)


def _version_1(head: bytes) -> Introduction | None:
    line, end, _ = head.partition(b"\r\n")
    if not end:
        if len(head) == LONGEST_1:
            raise BadIntroduction("no CR LF within 107 bytes")
        return None
    length = len(line) + 2
    # §2.1: of UNKNOWN everything up to the end of the line is ignored; the connection's own addresses count.
    if line == b"PROXY UNKNOWN" or line.startswith(b"PROXY UNKNOWN "):
        return Introduction(None, length)
    found = _LINE.match(line)
    if found is None:
        raise BadIntroduction("the line is broken")
    family, source, destination, port, other_port = (part.decode("ascii") for part in found.groups())
    if max(int(port), int(other_port)) > 65_535:
        raise BadIntroduction("no such port")
    read_address = IPv4Address if family == "4" else IPv6Address
    try:
        read_address(destination)
        return Introduction((str(read_address(source)), int(port)), length)
    except ValueError:
        raise BadIntroduction("an address is broken") from None


def _version_2(start: bytes | bytearray) -> Introduction | None:
    version, command, family = start[12] >> 4, start[12] & 15, start[13]
    length = FIXED_2 + int.from_bytes(start[14:16])
    # §2.2: whatever is not defined is refused, and the connection with it.
    if version != 2 or command > 1:
        raise BadIntroduction("another version or command")
    if command == 1 and (family not in _ADDRESSES or length - FIXED_2 < _ADDRESSES[family]):
        raise BadIntroduction("an unknown family, or less than its addresses")
    if len(start) < length:
        return None
    # What follows the addresses (TLVs) is for other purposes, and skipped.
    return Introduction(_source_2(family, bytes(start[FIXED_2 : FIXED_2 + 36])) if command == 1 else None, length)


def _source_2(family: int, addresses: bytes) -> tuple[str, int] | None:
    if family == _TCP4:
        return str(IPv4Address(addresses[:4])), int.from_bytes(addresses[8:10])
    if family == _TCP6:
        return str(IPv6Address(addresses[:16])), int.from_bytes(addresses[32:34])
    return None  # a client without an IP address, as behind a socket of the proxy's own machine
