"""Which hosts a stranger may make us call: only what lies on the public internet (against server-side request forgery)."""

from __future__ import annotations

import ipaddress

from django.conf import settings

PORTS = {80, 443}

# Everything in the IANA special-purpose registries (RFC 6890) that is not simply somebody's host, and what clouds put elsewhere.
_CLOSED_4 = [
    ipaddress.IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # "this network": Linux takes it for this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata, in the middle of public space
        "169.254.0.0/16",  # link-local; everybody else's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Of IPv6 only global unicast is open. So whatever holds an IPv4 address stays closed too: mapped, NAT64, 6to4 and Teredo.
_OPEN_6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_6 = [ipaddress.IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")]


def is_public(text: str) -> bool:
    """Is this the IP address of some host on the internet? What cannot be read is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in closed for closed in _CLOSED_4)
    return address.scope_id is None and address in _OPEN_6 and not any(address in closed for closed in _CLOSED_6)


def may_call(address: str, port: int) -> bool:
    """May we be sent to this address and port? Beside the public web what the operator permits, by both."""
    return (port in PORTS and is_public(address)) or (address, port) in settings.FETCH_PERMITS
