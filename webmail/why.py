""" "Why is this here?": what was found out about a message when it came, in sentences (product.md 4.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailsuite.mailstore.models import Message
from webmail import display
from webmail.i18n import mark, t

PLACES = {Message.Place.MAIL: mark("Mail"), Message.Place.SPAM: mark("Spam"), Message.Place.TRASH: mark("Trash")}


@dataclass(frozen=True, slots=True)
class Line:
    """A heading and what there is to say under it."""

    name: str
    text: str


def lines(message: Message) -> list[Line]:
    """What the panel says; empty for mail that never came in by SMTP (own, imported)."""
    decision = message.decision or {}
    return [line for line in _lines(message, decision) if line.text] if decision else []


@dataclass(frozen=True, slots=True)
class Found:
    """The same for programs: results of SPF, DKIM and DMARC ("" where nobody looked), and (text, weight) of each reason."""

    domain: str
    results: dict[str, str]
    reasons: list[tuple[str, float]]


def found(message: Message) -> Found | None:
    """What was found out; None for mail that never came in by SMTP (own, imported)."""
    decision = message.decision or {}
    if not decision:
        return None
    auth = decision.get("auth") or {}
    results = {name: _result(auth, name) for name in ("spf", "dkim", "dmarc")}
    reasons = [_reason(one) for one in decision.get("reasons") or ()]
    return Found(display.clean(message.author_address.rpartition("@")[2]), results, [one for one in reasons if one[0]])


def _reason(reason: object) -> tuple[str, float]:
    if not isinstance(reason, Mapping):
        return display.clean(str(reason)), 0.0
    weight = reason.get("weight")
    return display.clean(str(reason.get("text", ""))), float(weight) if isinstance(weight, int | float) else 0.0


def _lines(message: Message, decision: Mapping[str, Any]) -> Iterator[Line]:
    auth = decision.get("auth") or {}
    yield Line(mark("Place"), t(PLACES[message.place]) if message.place in PLACES else "")
    yield Line(mark("Sender"), _sender(auth, message.author_address.rpartition("@")[2]))
    yield Line(
        mark("Checks"),
        ", ".join(f"{name.upper()} {result}" for name in ("spf", "dkim", "dmarc") if (result := _result(auth, name))),
    )
    for reason in decision.get("reasons") or ():
        text = reason.get("text", "") if isinstance(reason, Mapping) else str(reason)
        weight = reason.get("weight") if isinstance(reason, Mapping) else None
        yield Line(mark("Because"), display.clean(str(text)) + (f" ({weight:+g})" if weight else ""))


def _sender(auth: Mapping[str, Any], domain: str) -> str:
    domain = display.clean(domain)
    match _result(auth, "dmarc"):
        case "pass":
            return t("Confirmed: really from {domain}", domain=domain)
        case "fail":
            return t("Not confirmed: this may not be from {domain}", domain=domain)
        case "none" | "":
            return t("{domain} says nothing about who may write in its name", domain=domain) if auth else ""
    return ""


def _result(auth: Mapping[str, Any], method: str) -> str:
    """The result of a method, however it was kept: a word, {"result": word}, or a list of them (the best one counts)."""
    found = auth.get(method)
    if isinstance(found, Mapping):
        found = found.get("result", "")
    if isinstance(found, list):
        results = [str(one.get("result", "")) if isinstance(one, Mapping) else str(one) for one in found]
        return "pass" if "pass" in results else results[0] if results else "none"
    return str(found or "")
