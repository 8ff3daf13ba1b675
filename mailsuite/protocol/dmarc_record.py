"""DMARC policy records, read leniently as the standard asks (RFC 9989 §4.7, §4.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

POLICIES = ("none", "quarantine", "reject")
VERSION = re.compile(r"\s*v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
REPORT_URI = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:[^\s,]+\s*\Z")
LONGEST = 10_000  # characters


@dataclass(frozen=True)
class Policy:
    """What a domain asks for. `applies` is False for a record that is found but asks for nothing that can be done."""

    p: str = "none"
    sp: str = ""  # of subdomains; "" is as p
    np: str = ""  # of subdomains that do not exist; "" is as sp
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: str = "u"  # y: below it others register; n: it is an organisation; u: unsaid
    testing: bool = False
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    applies: bool = True

    def for_subdomains(self, exists: bool) -> str:
        """The policy for a name below the record's: sp, or np where the name does not exist (RFC 9989 §4.10.1)."""
        return (self.sp if exists else self.np or self.sp) or self.p


def select(texts: Iterable[str]) -> Policy | None:
    """The policy among the TXT records of a _dmarc name; two of them are none (RFC 9989 §4.10)."""
    found = [text for text in texts if VERSION.match(text)]
    return parse(found[0][:LONGEST]) if len(found) == 1 else None


@lru_cache(maxsize=1024)
def parse(text: str) -> Policy:
    """Read a record that begins with v=DMARC1: unknown tags and bad values are passed over, pct too."""
    tags: dict[str, str] = {}
    for part in text.split(";")[1:]:
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    asked = {name: tags[name].lower() for name in ("p", "sp", "np") if name in tags}
    rua = _uris(tags.get("rua", ""))
    clear = "p" in asked and all(value in POLICIES for value in asked.values())
    if not clear:  # RFC 9989 §4.10.1: reports may be wanted all the same; without them there is nothing to do
        asked = {}
    return Policy(
        p=asked.get("p", "none"),
        sp=asked.get("sp", ""),
        np=asked.get("np", ""),
        strict_dkim=tags.get("adkim", "r").lower() == "s",
        strict_spf=tags.get("aspf", "r").lower() == "s",
        psd=psd if (psd := tags.get("psd", "u").lower()) in ("y", "n") else "u",
        testing=tags.get("t", "n").lower() == "y",
        rua=rua,
        ruf=_uris(tags.get("ruf", "")),
        applies=clear or bool(rua),
    )


def _uris(value: str) -> tuple[str, ...]:
    return tuple(uri.strip() for uri in value.split(",")[:20] if REPORT_URI.match(uri))
