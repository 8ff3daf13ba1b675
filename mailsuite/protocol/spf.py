"""Sender Policy Framework: may this host send for this domain? (RFC 7208)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from mailsuite.protocol import spf_macro, spf_record
from mailsuite.protocol.ip import IpAddress
from mailsuite.protocol.ip import parse as parse_ip
from mailsuite.protocol.lookups import Answer, Asking, Question
from mailsuite.protocol.spf_record import Mechanism, Record, SyntaxProblem

MOST_TERMS = 10  # that ask DNS, RFC 7208 §4.6.4
MOST_VOID = 2  # answers without a record, ibid.
MOST_NAMES = 10  # of one MX or PTR answer, ibid.
LABEL = re.compile(r"[^\x00-\x20\x7f.]{1,63}\Z")


@dataclass(frozen=True)
class SpfResult:
    """none, neutral, pass, fail, softfail, temperror or permerror; of which domain and why."""

    result: str
    domain: str
    reason: str = ""
    explanation: str = ""  # the domain's own words for a fail, where they were asked for


class _Stop(Exception):
    """Ends an evaluation early, in temperror or permerror."""

    def __init__(self, result: str, reason: str) -> None:
        self.result, self.reason = result, reason


def check_host(
    ip: str, domain: str, sender: str, helo: str, *, explain: bool = False, receiver: str = "unknown", now: int = 0
) -> Asking[SpfResult]:
    """Evaluate SPF for a client's IP address: `domain` is checked, `sender` (local@domain) and `helo` are for macros.

    explain: ask also for the domain's explanation of a fail, in which `receiver` and `now` (seconds since 1970) may be named.
    """
    evaluation = _Evaluation(parse_ip(ip), sender if "@" in sender else f"postmaster@{domain}", helo, receiver, now)
    try:
        result, reason, told_by, record = yield from evaluation.check(domain.removesuffix("."))
        explanation = ""
        if explain and result == "fail" and record and "exp" in record.modifiers:
            explanation = yield from evaluation.explanation(record.modifiers["exp"], told_by)
        return SpfResult(result, domain, reason, explanation)
    except _Stop as stop:
        return SpfResult(stop.result, domain, stop.reason)
    except SyntaxProblem as problem:
        return SpfResult("permerror", domain, str(problem))


class _Evaluation:
    """One check_host() with all that it includes: the limits are for the whole of it."""

    def __init__(self, ip: IpAddress, sender: str, helo: str, receiver: str, now: int) -> None:
        self._ip = ip
        self._family = "A" if ip.version == 4 else "AAAA"
        local, _, host = sender.rpartition("@")
        self._values = {
            "s": f"{local or 'postmaster'}@{host}", "l": local or "postmaster", "o": host, "h": helo, "r": receiver,
            "i": _dotted(ip), "c": str(ip), "v": "in-addr" if ip.version == 4 else "ip6", "t": str(now),
        }  # fmt: skip
        self._terms = self._void = 0

    def check(self, domain: str) -> Asking[tuple[str, str, str, Record | None]]:
        """(result, reason, the domain whose record decided, that record)."""
        if not _is_name(domain):
            return "none", "no domain name", domain, None
        answer = yield Question(domain, "TXT")
        if answer.trouble:
            raise _Stop("temperror", f"no answer from DNS for {domain}")
        text = spf_record.select(answer.values)
        if text is None:
            return "none", "no SPF record", domain, None
        record = spf_record.parse(text)
        for mechanism in record.mechanisms:
            if (yield from self._matches(mechanism, domain)):
                return mechanism.result, mechanism.text, domain, record
        if "redirect" in record.modifiers and not any(found.name == "all" for found in record.mechanisms):
            return (yield from self._redirect(record.modifiers["redirect"], domain))
        return "neutral", "nothing matched", domain, record

    def explanation(self, spec: str, domain: str) -> Asking[str]:
        """RFC 7208 §6.2: whatever goes wrong, there is just no explanation."""
        name = yield from self._expand(spec, domain)
        answer = yield Question(name, "TXT")
        if len(answer.values) != 1 or not spf_macro.is_explanation(answer.values[0]):
            return ""
        text = answer.values[0]
        name = (yield from self._validated_name(domain)) if spf_macro.needs_validated_name(text) else ""
        return spf_macro.expand(text, lambda letter: self._value(letter, domain, name))

    def _redirect(self, spec: str, domain: str) -> Asking[tuple[str, str, str, Record | None]]:
        self._count_term()
        target = yield from self._expand(spec, domain)
        found = yield from self.check(target)
        if found[0] == "none":
            raise _Stop("permerror", f"redirect to {_shown(target)}, which has no SPF record")
        return found

    def _matches(self, mechanism: Mechanism, domain: str) -> Asking[bool]:
        if mechanism.name == "all":
            return True
        if mechanism.name in ("ip4", "ip6"):
            width = 32 if mechanism.name == "ip4" else 128
            same_kind = self._ip.max_prefixlen == width
            return same_kind and int(self._ip) >> (width - mechanism.bits4) == mechanism.network
        self._count_term()
        target = (yield from self._expand(mechanism.domain, domain)) if mechanism.domain else domain
        return (yield from getattr(self, f"_matches_{mechanism.name}")(mechanism, target))

    def _matches_include(self, _: Mechanism, target: str) -> Asking[bool]:
        result = (yield from self.check(target))[0]
        if result == "none":
            raise _Stop("permerror", f"include of {_shown(target)}, which has no SPF record")
        return result == "pass"

    def _matches_a(self, mechanism: Mechanism, target: str) -> Asking[bool]:
        answer = yield from self._ask(target, self._family)
        return any(self._within(address, mechanism) for address in answer.values)

    def _matches_mx(self, mechanism: Mechanism, target: str) -> Asking[bool]:
        hosts = (yield from self._ask(target, "MX")).values
        if len(hosts) > MOST_NAMES:
            raise _Stop("permerror", f"{_shown(target)} has more than {MOST_NAMES} MX hosts")
        for host in filter(None, hosts):
            if (yield from self._matches_a(mechanism, host)):
                return True
        return False

    def _matches_exists(self, _: Mechanism, target: str) -> Asking[bool]:
        return bool((yield from self._ask(target, "A")).values)

    def _matches_ptr(self, _: Mechanism, target: str) -> Asking[bool]:
        for name in (yield from self._claimed_names()):
            if _within_domain(name, target) and (yield from self._is_validated(name)):
                return True
        return False

    def _claimed_names(self) -> Asking[tuple[str, ...]]:
        answer = yield Question(str(self._ip), "PTR")  # RFC 7208 §5.5: an error here is no match
        self._count_void(answer)
        return answer.values[:MOST_NAMES]

    def _is_validated(self, name: str) -> Asking[bool]:
        answer = yield Question(name, self._family)
        return str(self._ip) in answer.values

    def _validated_name(self, domain: str) -> Asking[str]:
        """RFC 7208 §7.3, %{p}: the domain itself, else a name below it, else any name of the host."""
        names = yield from self._claimed_names()
        for name in sorted(names, key=lambda name: (name.lower() != domain.lower(), not _within_domain(name, domain))):
            if (yield from self._is_validated(name)):
                return name
        return "unknown"

    def _expand(self, spec: str, domain: str) -> Asking[str]:
        name = (yield from self._validated_name(domain)) if spf_macro.needs_validated_name(spec) else ""
        return spf_macro.shorten(spf_macro.expand(spec, lambda letter: self._value(letter, domain, name)))

    def _value(self, letter: str, domain: str, validated_name: str) -> str:
        return {"d": domain, "p": validated_name}.get(letter) or self._values[letter]

    def _ask(self, name: str, rdtype: str) -> Asking[Answer]:
        answer = yield Question(name, rdtype)
        if answer.trouble:
            raise _Stop("temperror", f"no answer from DNS for {_shown(name)}")
        self._count_void(answer)
        return answer

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise _Stop("permerror", f"more than {MOST_TERMS} terms that ask DNS")

    def _count_void(self, answer: Answer) -> None:
        self._void += not answer.values and not answer.trouble
        if self._void > MOST_VOID:
            raise _Stop("permerror", f"more than {MOST_VOID} lookups without an answer")

    def _within(self, address: str, mechanism: Mechanism) -> bool:
        width = self._ip.max_prefixlen
        shift = width - (mechanism.bits4 if width == 32 else mechanism.bits6)
        return int(ipaddress.ip_address(address)) >> shift == int(self._ip) >> shift


def _dotted(ip: IpAddress) -> str:
    return str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", "").upper())


def _is_name(domain: str) -> bool:
    """RFC 7208 §4.3: several labels, none empty or too long."""
    labels = domain.split(".")
    return len(domain) <= spf_macro.LONGEST_NAME and len(labels) > 1 and all(map(LABEL.match, labels)) and domain[0] != "["


def _within_domain(name: str, domain: str) -> bool:
    return f".{name.lower()}".endswith(f".{domain.lower()}")


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:100]
