"""What a message says: its plain text ready to lay out, and which part is HTML for `webmail.rendering`."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol import mime
from mailsuite.protocol.attachments import Bodies, bodies
from mailsuite.protocol.flowed import joined
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.part import Part

MOST_TEXT = 1_000_000  # bytes of a text part that a page shows; the rest is in the original
MOST_SAID = 200_000  # bytes of it that are compared with what later messages quote


@dataclass(frozen=True, slots=True)
class Body:
    """A message's text. `html_part`: the number of its HTML part, "" where it has none or its plain text is all there is."""

    text: str
    html_part: str
    cut: bool


def read(content: bytes) -> Body:
    """The body of a message, whatever it is made of. Never raises."""
    divided = bodies(mime.scan(content))
    html = next((part for part in divided.html if part.mime_type == "text/html"), None)
    return Body(_text(content, divided), html.number if html else "", any(part.size > MOST_TEXT for part in divided.text))


def _text(content: bytes, divided: Bodies) -> str:
    return "\n\n".join(filter(None, (text_of(content, part).strip("\n") for part in divided.text if part.type == "text")))


def text_of(content: bytes, part: Part, most: int = MOST_TEXT) -> str:
    """The text of a part, at most so many bytes of it: HTML without its tags, flowed lines joined."""
    text = mime.text(content, part, most)
    if part.subtype == "html":
        return html_to_text(text, most, read=most)
    flowed, delsp = part.flowed
    return joined(text, delsp=delsp) if flowed else text


def everything_said(content: bytes) -> list[str]:
    """The text of a message in each of its forms: who quotes it may have read the plain one or the HTML."""
    divided = bodies(mime.scan(content))
    parts = {part.number: part for part in (*divided.text, *divided.html) if part.type == "text"}
    return [text_of(content, part, MOST_SAID) for part in parts.values()]
