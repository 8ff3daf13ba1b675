"""Addresses on the web that a mail refers to, in the one form in which they can be compared, fetched and shown."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from mailsuite.protocol.address import domain_ascii
from mailsuite.protocol.organisation import registrable

LONGEST = 8_192  # characters
KEPT = "%/:=&?~#+!$,;'@()*[]|"
DROPPED = re.compile(r"[\t\r\n]+")  # a browser drops these from anywhere in an address (WHATWG URL, basic parser)
BRACKETED = re.compile(r"\[[0-9a-f:.]+\]\Z")

# Who clicked, and on which campaign: told to sites that nobody asked to tell.
TRACKING = {
    *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "igshid", "li_fat_id"),
    *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "__hssc", "__hstc", "__hsfp", "vero_id", "vero_conv"),
    *("oly_enc_id", "oly_anon_id", "rb_clickid", "s_cid", "ml_subscriber", "ml_subscriber_hash", "_openstat", "wickedid"),
    *("_kx", "sc_eh", "sc_uid", "sc_src", "bsft_clkid", "bsft_eid", "bsft_uid", "trk_contact", "trk_msg", "trk_module", "dm_i"),
    *("mtm_campaign", "mtm_source", "mtm_medium", "pk_campaign", "pk_source", "pk_medium", "ck_subscriber_id"),
}
PREFIXES = ("utm_", "stm_", "itm_", "hsa_")


def web_address(written: str) -> str | None:
    """An http(s) address as a mail writes it, in ASCII, without fragment and without the name that may stand before an `@`."""
    address = DROPPED.sub("", written[: LONGEST * 2]).strip("".join(map(chr, range(33))))
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address.replace("\\", "/") if address[:5].lower() in ("http:", "https") else address)
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or len(address) > LONGEST:
            return None
        name = f"[{host}]" if ":" in host and BRACKETED.match(f"[{host}]") else domain_ascii(host)
        if not name:
            return None
        netloc = f"{name}:{port}" if port is not None else name
        return urlunsplit((parts.scheme, netloc, quote(parts.path, safe=KEPT), quote(parts.query, safe=KEPT), ""))
    except ValueError:
        return None


def host_of(address: str) -> str:
    """The host of what `web_address` gave."""
    return urlsplit(address).hostname or ""


def organisation_of(address: str) -> str:
    """The registrable domain of what `web_address` gave."""
    return registrable(host_of(address))


def without_tracking(address: str) -> str:
    """The same address without parameters that only say who clicked where; the rest stays as it was written."""
    head, mark, rest = address.partition("?")
    if not mark or len(address) > LONGEST:
        return address
    query, hash_, fragment = rest.partition("#")
    kept = [pair for pair in query.split("&") if not _tracks(pair.partition("=")[0])]
    if len(kept) == query.count("&") + 1:
        return address
    return head + ("?" + "&".join(kept) if kept else "") + hash_ + fragment


def _tracks(name: str) -> bool:
    name = name.lower().removeprefix("amp;")
    return name in TRACKING or name.startswith(PREFIXES)


def destination(address: str) -> str:
    """Where an address leads that only wraps another one; itself where it wraps none that we can read."""
    for _ in range(3):  # a wrapper may wrap a wrapper
        inside = next(filter(None, (web_address(one) for one in _wrapped(address))), None)
        if inside is None:
            break
        address = inside
    return address


def _wrapped(address: str) -> Iterator[str]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return

    def value(name: str) -> str:
        return next(iter(query.get(name, ())), "")

    if host.endswith(".safelinks.protection.outlook.com"):
        yield value("url")
    elif host == "urldefense.proofpoint.com" and parts.path.startswith("/v2/"):
        yield unquote(value("u").replace("-", "%").replace("_", "/"))
    elif host == "urldefense.proofpoint.com" and parts.path.startswith("/v1/"):
        yield value("u")
    elif host == "urldefense.com" and parts.path.startswith("/v3/__"):
        yield _proofpoint_3(address)
    elif host.startswith("www.google.") and parts.path == "/url":
        yield from (value("q"), value("url"))
    elif host in ("l.facebook.com", "lm.facebook.com", "l.instagram.com") or (host == "out.reddit.com"):
        yield from (value("u"), value("url"))
    elif host == "linkprotect.cudasvc.com":
        yield value("a")
    elif host == "secure-web.cisco.com":
        yield unquote(parts.path.rpartition("/")[2])
    elif host == "duckduckgo.com" and parts.path == "/l/":
        yield value("uddg")
    elif host == "slack-redir.net":
        yield value("url")


def _proofpoint_3(address: str) -> str:
    """Version 3 writes the address plainly, with `*` for what it found awkward, which stands packed behind it."""
    found = re.search(r"/v3/__(.{1,8192}?)__;([A-Za-z0-9_-]{0,2000})!", address)
    if not found:
        return ""
    try:
        awkward = list(urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode("utf-8", "replace"))
    except ValueError:
        awkward = []
    return re.sub(r"\*", lambda _: awkward.pop(0) if awkward else "*", found[1])
