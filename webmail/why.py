""" "Why is this here?": what was found out about a message when it came, in sentences (product.md 4.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailsuite.mailstore.models import Message
from webmail import display

PLACES = {Message.Place.MAIL: "Mail", Message.Place.SPAM: "Spam", Message.Place.TRASH: "Trash"}


@dataclass(frozen=True, slots=True)
class Line:
    """A heading and what there is to say under it."""

    name: str
    text: str


def lines(message: Message) -> list[Line]:
    """What the panel says; empty for mail that never came in by SMTP (own, imported)."""
    decision = message.decision or {}
    return [line for line in _lines(message, decision) if line.text] if decision else []


def _lines(message: Message, decision: Mapping[str, Any]) -> Iterator[Line]:
    auth = decision.get("auth") or {}
    yield Line("Place", PLACES.get(message.place, ""))
    yield Line("Sender", _sender(auth, message.author_address.rpartition("@")[2]))
    yield Line(
        "Checks", ", ".join(f"{name.upper()} {result}" for name in ("spf", "dkim", "dmarc") if (result := _result(auth, name)))
    )
    for reason in decision.get("reasons") or ():
        text = reason.get("text", "") if isinstance(reason, Mapping) else str(reason)
        weight = reason.get("weight") if isinstance(reason, Mapping) else None
        yield Line("Because", display.clean(str(text)) + (f" ({weight:+g})" if weight else ""))


def _sender(auth: Mapping[str, Any], domain: str) -> str:
    domain = display.clean(domain)
    match _result(auth, "dmarc"):
        case "pass":
            return f"Confirmed: really from {domain}"
        case "fail":
            return f"Not confirmed: this may not be from {domain}"
        case "none" | "":
            return f"{domain} says nothing about who may write in its name" if auth else ""
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
