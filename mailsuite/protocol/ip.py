"""IP addresses of clients: one form for each, whatever socket it came by."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=1024)
def parse(text: str) -> IpAddress:
    """The address without its zone; IPv4 in IPv6 is IPv4. Raises ValueError."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def is_loopback(text: str) -> bool:
    """Does the client sit on this machine? Nobody can listen in between."""
    try:
        return parse(text).is_loopback
    except ValueError:
        return False
