"""iprev: does a name that a client's address claims lead back to the address? (RFC 8601 §3, §2.7.3; also called FCrDNS)."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol import ip
from mailsuite.protocol.lookups import Asking, Question

MOST_NAMES = 10  # RFC 8601 §3: whoever owns the address may claim any number


@dataclass(frozen=True)
class IprevResult:
    """result: pass, fail, temperror or permerror. name: the one that is confirmed, "" where none is."""

    result: str
    name: str = ""
    reason: str = ""


def check(client_ip: str) -> Asking[IprevResult]:
    """Ask for the names of an IP address in text form, and for their addresses."""
    try:
        address = ip.parse(client_ip)
    except ValueError:
        return IprevResult("permerror", reason="no address")
    claimed = yield Question(str(address), "PTR")
    if claimed.trouble:
        return IprevResult("temperror", reason="no answer from DNS for the address")
    if not claimed.values:  # RFC 8601 §3: NXDOMAIN or no records; asking again is unlikely to help
        return IprevResult("permerror", reason="the address has no name")
    trouble = False
    for name in claimed.values[:MOST_NAMES]:
        found = yield Question(name, "A" if address.version == 4 else "AAAA")
        if any(ip.parse(value) == address for value in found.values):
            return IprevResult("pass", name, name)
        trouble = trouble or found.trouble
    if trouble:
        return IprevResult("temperror", reason="no answer from DNS for a name")
    return IprevResult("fail", reason=f"{claimed.values[0]} does not lead back to it")
