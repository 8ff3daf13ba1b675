"""Everything the store keeps of a message, in one pass over it: the hot path of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from mailsuite.protocol import header
from mailsuite.protocol.address import mailboxes
from mailsuite.protocol.address_list import Entry, entries
from mailsuite.protocol.attachments import Bodies, bodies, listing, without_uuencoded
from mailsuite.protocol.flowed import joined
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.imap.bodystructure import bodystructure
from mailsuite.protocol.imap.envelope import ADDRESS_FIELDS, envelope
from mailsuite.protocol.mime import scan, text
from mailsuite.protocol.part import Part
from mailsuite.protocol.preview import preview
from mailsuite.protocol.traits import traits

MOST_PEOPLE = 200  # of each field
BODY_CAP = 200_000  # characters for the index
TEXT_BYTES = 400_000  # of one part that are decoded for it
USEFUL = 20  # characters of plain text below which the HTML says more


@dataclass(slots=True)
class Summary:
    """What `summarise` finds. All texts are decoded and free of NUL and line breaks, except `body`, which has lines."""

    subject: str
    people: dict[str, list[list[str]]]  # {from|sender|reply_to|to|cc|bcc: [[name, address], …]}, at most 200 each
    message_id: str  # without < >; rule R2's synthetic one where there was none
    references: list[str]
    in_reply_to: list[str]
    date: datetime | None
    preview: str
    body: str  # for the index, at most 200,000 characters
    attachments: list[dict[str, Any]]  # see attachments.listing
    imap_envelope: bytes
    imap_structure: bytes
    traits: dict[str, Any]  # see traits.traits
    size: int  # of prefix and content: RFC822.SIZE


def summarise(content: bytes, *, prefix: bytes = b"") -> Summary:
    """Reads a message once. `prefix` is our trace, which goes before it over IMAP and changes only the size."""
    root = scan(content)
    values = root.values
    lists = {name: entries(values[name]) for name in ADDRESS_FIELDS if name in values}
    divided = bodies(root)
    html, body = _texts(content, divided)
    return Summary(
        subject=header.decode(values.get("subject", b"")),
        people=_people(lists),
        message_id=_message_id(values, content),
        references=header.message_ids(values.get("references", b"")),
        in_reply_to=header.message_ids(values.get("in-reply-to", b"")),
        date=header.parse_date(values.get("date", b"")),
        preview=preview(body),
        body=body,
        attachments=listing(content, divided, html, sealed=root.mime_type == "multipart/encrypted"),
        imap_envelope=envelope(values, lists),
        imap_structure=bodystructure(root),
        traits=traits(content, root, divided, body),
        size=len(prefix) + len(content),
    )


def _people(lists: dict[str, list[Entry]]) -> dict[str, list[list[str]]]:
    return {
        name.replace("-", "_"): [[person.name, person.address] for person in mailboxes(found[: MOST_PEOPLE * 2])[:MOST_PEOPLE]]
        for name, found in lists.items()
    }


def _message_id(values: dict[str, bytes], content: bytes) -> str:
    """Rule R2: where the sender gave none, the bytes name themselves."""
    own = header.message_ids(values.get("message-id", b""))
    return own[0] if own else f"{sha256(content).hexdigest()}@synthetic.invalid"


def _texts(content: bytes, divided: Bodies) -> tuple[str, str]:
    """The HTML source (for its cid: links), and the text of the body: plain text where it says something, else from HTML."""
    html = "\n".join(text(content, part, TEXT_BYTES) for part in divided.html if part.subtype == "html" and part.type == "text")
    plain = "\n".join(_plain(content, part) for part in divided.text if part.mime_type == "text/plain")
    if html and len(plain.strip()) < USEFUL:
        plain = f"{plain}\n{html_to_text(html, BODY_CAP)}".strip()
    return html, plain[:BODY_CAP]


def _plain(content: bytes, part: Part) -> str:
    flowed, delsp = part.flowed
    plain = text(content, part, TEXT_BYTES)
    return joined(plain, delsp=delsp) if flowed else without_uuencoded(plain)
