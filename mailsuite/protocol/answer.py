"""What an answer takes over from its parent: recipients, ids, quotation; and what a forward says about the forwarded message."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailsuite.protocol import header
from mailsuite.protocol.address import Mailbox, parse_list
from mailsuite.protocol.attribution import attribution
from mailsuite.protocol.compose import Person, trimmed
from mailsuite.protocol.header import Field

To = Literal["author", "everyone", "list"]
MOST = 200  # recipients
MAILTO = re.compile(r"<mailto:([^>?\s]{3,320})", re.IGNORECASE)  # RFC 2369 §3.4


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom an answer goes to. `redirected`: a Reply-To says otherwise than From, which its writer should see."""

    to: list[Person]
    cc: list[Person]
    redirected: bool = False


@dataclass(frozen=True, slots=True)
class Ids:
    """In-Reply-To and References of an answer, without < >."""

    in_reply_to: str
    references: list[str]


def reply_recipients(parent: Sequence[Field], mine: Collection[str], to: To = "author") -> Recipients:
    """Recipients of an answer to the message with these header fields (RFC 5322 §3.6.3). Never myself, unless nobody is left.

    mine: my addresses; case and a +tag make no difference. An answer to my own message goes to whom that went to. Reply-To is
    always honoured, Mail-Followup-To and List-Post where everyone or the list is asked for.
    """
    own = {_same(address) for address in mine}
    authors, named = _people(parent, "from"), _people(parent, "reply-to")
    first, others = named or authors, _people(parent, "cc")
    if authors and all(_same(address) in own for _, address in authors):
        first = _people(parent, "to") or others
    elif to == "everyone":
        followup = _people(parent, "mail-followup-to")
        first, others = (followup, []) if followup else (first, [*_people(parent, "to"), *others])
    if to == "list" and (posted := list_post(parent)):
        first = [("", posted)]
    chosen = _without(first, own)
    cc = _without(others, own | {_same(address) for _, address in chosen}) if to == "everyone" else []
    if not chosen:
        chosen, cc = (cc, []) if cc else (first[:1], [])
    redirected = bool(named) and {_same(one) for _, one in named} != {_same(one) for _, one in authors}
    return Recipients(chosen[:MOST], cc[:MOST], redirected)


def list_post(parent: Sequence[Field]) -> str:
    """The address that List-Post names; "" where there is none, or nobody may post."""
    found = MAILTO.search(header.decode(header.get(parent, "list-post") or b""))
    listed = parse_list(found[1]) if found else []
    return listed[0].address if listed else ""


def reply_ids(parent: Sequence[Field]) -> Ids:
    """RFC 5322 §3.6.4: the parent's References, or its single In-Reply-To, and then the parent; at most 20."""
    ids = {name: header.message_ids(header.get(parent, name) or b"") for name in ("message-id", "references", "in-reply-to")}
    own = ids["message-id"][:1]
    before = ids["references"] or (ids["in-reply-to"] if len(ids["in-reply-to"]) == 1 else [])
    return Ids(own[0] if own else "", trimmed([*(one for one in before if one not in own), *own]))


def quoted(text: str) -> str:
    """The text as a quotation: `>` for each line, `>>` where it was one already; its signature is left out (RFC 3676 §4.5)."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if "-- " in lines:
        lines = lines[: lines.index("-- ")]
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip(" ") for line in lines).rstrip("\n")


def reply_text(text: str, *, name: str, date: datetime, language: str = "en") -> str:
    """What stands below (or above) an answer: the attribution and the quotation."""
    return f"{attribution(language, name, date)}\n{quoted(text)}\n"


def forward_text(parent: Sequence[Field], text: str) -> str:
    """A forwarded message inside the text: a line, who, when, what, to whom, and its text."""
    shown = [f"{name}: {value}" for name in ("From", "Date", "Subject", "To", "Cc") if (value := _shown(parent, name))]
    return "\n".join(["---------- Forwarded message ----------", *shown, "", text.replace("\r\n", "\n").strip("\n"), ""])


def _shown(parent: Sequence[Field], name: str) -> str:
    raw = header.get(parent, name.lower())
    if raw is None:
        return ""
    if name in ("Subject", "Date"):
        return header.decode(raw)
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in parse_list(raw, MOST))


def _people(parent: Sequence[Field], name: str) -> list[Person]:
    raws: Iterable[bytes] = header.get_all(parent, name)
    found: list[Mailbox] = [one for raw in raws for one in parse_list(raw, MOST)]
    return [(one.name, one.address) for one in found if one.address]


def _without(people: Iterable[Person], left_out: Collection[str]) -> list[Person]:
    """Each address once, in order, those left out aside."""
    seen = set(left_out)
    return [person for person in people if _same(person[1]) not in seen and not seen.add(_same(person[1]))]


def _same(address: str) -> str:
    """What two addresses are compared by: case and a +tag aside."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
