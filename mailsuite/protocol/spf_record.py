"""SPF records read into terms (RFC 7208 §4.5, §4.6, §5, §6, §12)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mailsuite.protocol import spf_macro

LONGEST = 10_000  # bytes; ten times what anybody publishes
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
TERM = re.compile(r"([-+~?]?)([A-Za-z][A-Za-z0-9_.-]*)(.*)\Z")
_NUMBER = r"(0|[1-9][0-9]{0,2})"
CIDR = re.compile(rf"(?::(.+?))?(?:/{_NUMBER})?(?://{_NUMBER})?\Z")
NETWORK = re.compile(rf":([0-9A-Fa-f.:]+)(?:/{_NUMBER})?\Z")
WITH_CIDR, WITH_DOMAIN, WITH_OPTIONAL_DOMAIN = ("a", "mx"), ("include", "exists"), ("ptr",)


class SyntaxProblem(ValueError):
    """A record that breaks the grammar: permerror."""


@dataclass(frozen=True)
class Mechanism:
    """One directive. `domain` is a domain-spec with macros, "" for the current domain."""

    text: str
    name: str
    result: str  # of the directive when it matches
    domain: str = ""
    network: int = 0  # of ip4 and ip6: the network's bits, shifted down
    bits4: int = 32
    bits6: int = 128


@dataclass(frozen=True)
class Record:
    mechanisms: tuple[Mechanism, ...] = ()
    modifiers: dict[str, str] = field(default_factory=dict)  # redirect and exp, where they are


def select(texts: Sequence[str]) -> str | None:
    """The SPF record among a name's TXT records; None where there is none (RFC 7208 §4.5)."""
    found = [text for text in texts if text.lower().partition(" ")[0] == "v=spf1"]
    if len(found) > 1:
        raise SyntaxProblem("more than one SPF record")
    return found[0] if found else None


@lru_cache(maxsize=1024)
def parse(text: str) -> Record:
    """All terms of a record, or SyntaxProblem: one bad term spoils it, wherever it stands (RFC 7208 §4.6)."""
    if len(text) > LONGEST or not text.isascii():
        raise SyntaxProblem("the record is too long or not in ASCII")
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in text.split(" ")[1:]:
        if term:
            _read_term(term, mechanisms, modifiers)
    return Record(tuple(mechanisms), modifiers)


def _read_term(term: str, mechanisms: list[Mechanism], modifiers: dict[str, str]) -> None:
    found = TERM.match(term)
    if not found:
        raise SyntaxProblem(f"bad term {term[:50]!a}")
    qualifier, name, rest = found.groups()
    if rest.startswith("=") and not qualifier:
        _read_modifier(name.lower(), rest[1:], modifiers)
    else:
        mechanisms.append(_mechanism(term, name.lower(), RESULTS[qualifier or "+"], rest))


def _read_modifier(name: str, value: str, modifiers: dict[str, str]) -> None:
    if name not in ("redirect", "exp"):
        if not spf_macro.is_macro_string(value):
            raise SyntaxProblem(f"bad modifier {name[:50]}")
        return
    if name in modifiers:  # RFC 7208 §6
        raise SyntaxProblem(f"{name} is given twice")
    modifiers[name] = _domain_spec(value)


def _mechanism(term: str, name: str, result: str, rest: str) -> Mechanism:
    if name == "all" and not rest:
        return Mechanism(term, name, result)
    if name in WITH_CIDR and (found := CIDR.match(rest)):
        domain = _domain_spec(found[1]) if found[1] else ""
        return Mechanism(term, name, result, domain, 0, _bits(found[2], 32), _bits(found[3], 128))
    if name in ("ip4", "ip6") and (found := NETWORK.match(rest)):
        return _network(term, name, result, found)
    if name in WITH_OPTIONAL_DOMAIN and not rest:
        return Mechanism(term, name, result)
    if name in WITH_DOMAIN + WITH_OPTIONAL_DOMAIN and rest.startswith(":"):
        return Mechanism(term, name, result, _domain_spec(rest[1:]))
    raise SyntaxProblem(f"bad term {term[:50]!a}")


def _network(term: str, name: str, result: str, found: re.Match[str]) -> Mechanism:
    kind, width = (ipaddress.IPv4Address, 32) if name == "ip4" else (ipaddress.IPv6Address, 128)
    try:
        address = int(kind(found[1]))
    except ValueError:
        raise SyntaxProblem(f"bad address in {term[:50]!a}") from None
    bits = _bits(found[2], width)
    return Mechanism(term, name, result, "", address >> (width - bits), bits, bits)


def _bits(text: str | None, width: int) -> int:
    bits = width if text is None else int(text)
    if bits > width:
        raise SyntaxProblem(f"/{bits} is longer than an address")
    return bits


def _domain_spec(text: str) -> str:
    if not spf_macro.is_domain_spec(text):
        raise SyntaxProblem(f"bad domain {text[:50]!a}")
    return text
