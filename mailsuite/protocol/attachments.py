"""What a message shows as its text, and what it carries as files (RFC 8621 §4.1.4, product.md 4.3 and 4.8)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote

from mailsuite.protocol import transfer
from mailsuite.protocol.mime import decoded, find
from mailsuite.protocol.part import Part
from mailsuite.protocol.unseen import TAGS, UNSEEN

NAME_CAP = 200  # characters
MOST_LISTED = 1000
INLINE_MEDIA = {"image", "audio", "video"}
STATUS = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-encrypted",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
}
WINMAIL = {"application/ms-tnef", "application/vnd.ms-tnef"}
MOST_UU_BYTES = 2_000_000  # of a text that are searched for uuencoded files

INVISIBLE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{UNSEEN}{TAGS}]+")
FORBIDDEN = re.compile(r'[<>:"|?*]+')
BLANKS = re.compile(r"\s+")
CID = re.compile(r"cid:([^\"'\s<>)]{1,250})", re.I)
UU_FILE = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?\n((?:[ -`]{1,90}\r?\n)*)(?:end\b)?", re.M)
UU_TEXT = re.compile(r"^begin [0-7]{3,4} [^\n]{1,255}\n(?:[ -`]{1,90}\n)++(?:end\b)?", re.M)


class Bodies(NamedTuple):
    """RFC 8621 §4.1.4: the parts shown as text, shown as HTML, and the rest."""

    text: list[Part]
    html: list[Part]
    attachments: list[Part]


def bodies(root: Part) -> Bodies:
    """Divides the leaves of a message: a message/rfc822 is one leaf, whatever is in it."""
    found = Bodies([], [], [])
    _divide([root], "mixed", found, in_alternative=False, text=found.text, html=found.html)
    return found


def _divide(
    parts: list[Part], multipart: str, found: Bodies, *, in_alternative: bool, text: list | None, html: list | None
) -> None:
    """The algorithm RFC 8621 §4.1.4 suggests. `text` or `html` is None where that side has been decided by an alternative."""
    texts, htmls = len(found.text), len(found.html)
    for index, part in enumerate(parts):
        media = part.type in INLINE_MEDIA
        if part.is_multipart:
            alternative = in_alternative or part.subtype == "alternative"
            _divide(part.children, part.subtype, found, in_alternative=alternative, text=text, html=html)
        elif not _is_inline(part, index, multipart, media=media):
            found.attachments.append(part)
        elif multipart == "alternative":
            side = {"text/plain": found.text, "text/html": found.html}.get(part.mime_type, found.attachments)
            side.append(part)
        else:
            text, html = _place(part, found, (text, html), in_alternative=in_alternative, media=media)
    if multipart == "alternative" and text is not None and html is not None:
        if len(found.text) == texts and len(found.html) > htmls:
            found.text.extend(found.html[htmls:])
        elif len(found.html) == htmls and len(found.text) > texts:
            found.html.extend(found.text[texts:])


def _place(part: Part, found: Bodies, sides: tuple, *, in_alternative: bool, media: bool) -> tuple:
    text, html = sides
    if in_alternative:
        if part.mime_type == "text/plain":
            html = None
        if part.mime_type == "text/html":
            text = None
    if text is not None:
        found.text.append(part)
    if html is not None:
        found.html.append(part)
    if (text is None or html is None) and media:
        found.attachments.append(part)
    return text, html


def _is_inline(part: Part, index: int, multipart: str, *, media: bool) -> bool:
    if part.disposition == "attachment" or not (media or part.mime_type in ("text/plain", "text/html")):
        return False
    return index == 0 or (multipart != "related" and (media or not part.filename))


def listing(content: bytes, found: Bodies, html: str, *, sealed: bool = False) -> list[dict[str, Any]]:
    """`[{part, name, type, size, inline, cid}]`: names fit to show, size in bytes after decoding.

    `inline` says that the part is shown with the text (an image the HTML refers to) or as a status (a signature), so that it is
    no file of its own (product.md 4.3); in a `sealed` message (multipart/encrypted) no part is. A file uuencoded inside a text
    has as `part` the text's number, "!" and its index: `file_bytes` knows both forms.
    """
    shown = {unquote(name).lower() for name in CID.findall(html)} if html else set()
    media = [part for part in (*found.text, *found.html) if part.type != "text"]  # shown between the texts
    parts = {part.header_start: part for part in (*found.attachments, *media)}
    entries = [_entry(content, parts[start], shown) for start in sorted(parts)[:MOST_LISTED]]
    for entry in entries if sealed else ():
        entry["inline"] = True
    for part in found.text:
        if part.mime_type == "text/plain":
            entries += uuencoded(content, part)
    return entries


def _entry(content: bytes, part: Part, shown: set[str]) -> dict[str, Any]:
    cid, name, kind = part.content_id or "", part.filename or "", part.mime_type
    if kind == "application/octet-stream" and name.lower() == "winmail.dat":
        kind = "application/ms-tnef"
    referred = bool({cid.lower(), part.field("content-location").lower(), name.lower()} & shown - {""})
    return {
        "part": part.number,
        "name": display_name(name) or _made_up_name(part, kind),
        "type": kind,
        "size": transfer.decoded_size(content[part.body_start : part.end], part.encoding),
        "inline": kind in STATUS or (referred and part.disposition != "attachment"),
        "cid": cid,
    }


def _made_up_name(part: Part, kind: str) -> str:
    if kind == "message/rfc822":
        subject = part.children[0].field("subject") if part.children else ""
        return (display_name(subject)[:80].rstrip(". ") or "message") + ".eml"
    if kind in WINMAIL:
        return "winmail.dat"
    return ""


def uuencoded(content: bytes, part: Part) -> list[dict[str, Any]]:
    """Files written as uuencoded text inside a plain text part."""
    if content.find(b"begin ", part.body_start, part.end) < 0:
        return []
    files = UU_FILE.finditer(decoded(content, part)[:MOST_UU_BYTES])
    listed = []
    for index, found in enumerate(found for found in files if found[2]):
        size = sum((line[0] - 32) & 63 for line in found[2].split(b"\n") if line.strip())
        listed.append(
            {
                "part": f"{part.number}!{index}",
                "name": display_name(found[1].decode("utf-8", "replace")),
                "type": "application/octet-stream",
                "size": size,
                "inline": False,
                "cid": "",
            }
        )
        if len(listed) == MOST_LISTED:
            break
    return listed


def file_bytes(content: bytes, root: Part, name: str) -> bytes | None:
    """The bytes of a file that `listing` calls `name` ("2", "1.3", "1!0"), decoded; None where there is none."""
    number, bang, index = name.partition("!")
    part = find(root, number) if number else None
    if part is None:
        return None
    if not bang:
        return decoded(content, part)
    files = (found for found in UU_FILE.finditer(decoded(content, part)[:MOST_UU_BYTES]) if found[2])
    chosen = next((found for position, found in enumerate(files) if str(position) == index), None)
    return transfer.decode_uu(chosen[0]) if chosen else None


def without_uuencoded(plain: str) -> str:
    """A text without the files uuencoded in it: nobody searches for their letters."""
    return UU_TEXT.sub("", plain) if "begin " in plain else plain


def display_name(name: str) -> str:
    """A file name fit to show and to save: its last path component without control, bidi and reserved characters, at most 200.

    Bidi overrides make `gpj.exe` out of an executable; they and everything invisible go (product.md 4.2).
    """
    name = name.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    name = BLANKS.sub(" ", FORBIDDEN.sub("_", INVISIBLE.sub("", name))).strip(". ") if name.strip(". ") else ""
    if len(name) <= NAME_CAP:
        return name
    stem, dot, ending = name.rpartition(".")
    return stem[: NAME_CAP - len(ending) - 1] + dot + ending if dot and len(ending) <= 20 else name[:NAME_CAP]
