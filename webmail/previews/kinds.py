"""What a file is, by its first bytes before its name and its sender's word, of the kinds that can be looked into."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """How a file is previewed."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"
    TABLE = "table"
    SOURCE = "source"
    AUDIO = "audio"
    VIDEO = "video"
    MESSAGE = "message"
    EVENT = "event"
    CONTACT = "contact"
    ARCHIVE = "archive"


MARKUP = {"svg", "svgz", "html", "htm", "xhtml", "xml", "mht", "xht"}
OFFICE = {
    "docx",
    "xlsx",
    "pptx",
    "odt",
    "ods",
    "odp",
    "odg",
    "docm",
    "xlsm",
    "pptm",
    "epub",
    "jar",
    "apk",
    "xpi",
    "pages",
    "numbers",
}
SOURCE = set(
    "json log md rst py js ts css c h cpp rs go java kt rb php pl sh bat ps1 sql toml yaml yml ini cfg conf tex diff".split()
)
FIRST = {
    b"\x89PNG\r\n\x1a\n": (Kind.IMAGE, "image/png"),
    b"\xff\xd8\xff": (Kind.IMAGE, "image/jpeg"),
    b"GIF87a": (Kind.IMAGE, "image/gif"),
    b"GIF89a": (Kind.IMAGE, "image/gif"),
    b"BM": (Kind.IMAGE, "image/bmp"),
    b"II*\0": (Kind.IMAGE, "image/tiff"),
    b"MM\0*": (Kind.IMAGE, "image/tiff"),
    b"%PDF-": (Kind.PDF, "application/pdf"),
    b"ID3": (Kind.AUDIO, "audio/mpeg"),
    b"\xff\xfb": (Kind.AUDIO, "audio/mpeg"),
    b"\xff\xf3": (Kind.AUDIO, "audio/mpeg"),
    b"OggS": (Kind.AUDIO, "audio/ogg"),
    b"fLaC": (Kind.AUDIO, "audio/flac"),
    b"\x1aE\xdf\xa3": (Kind.VIDEO, "video/webm"),
    b"PK\x03\x04": (Kind.ARCHIVE, "application/zip"),
    b"PK\x05\x06": (Kind.ARCHIVE, "application/zip"),
}
RIFF = {b"WEBP": (Kind.IMAGE, "image/webp"), b"WAVE": (Kind.AUDIO, "audio/wav")}
FTYP = {b"avif": (Kind.IMAGE, "image/avif"), b"avis": (Kind.IMAGE, "image/avif"), b"M4A ": (Kind.AUDIO, "audio/mp4")}
FTYP |= dict.fromkeys(
    (b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"), (Kind.VIDEO, "video/mp4")
)
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def of(name: str, declared: str, content: bytes) -> tuple[Kind | None, str]:
    """The kind, and the media type that a browser may be told; None for what is only handed out."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in OFFICE:
        return None, "application/octet-stream"
    if found := _by_bytes(content):
        return found
    if declared in ("message/rfc822", "message/global") or ending == "eml":
        return Kind.MESSAGE, "message/rfc822"
    return _text(ending, declared, content), "text/plain"


def _by_bytes(content: bytes) -> tuple[Kind, str] | None:
    if content[:4] == b"RIFF":
        return RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return FTYP.get(content[8:12])
    if content[257:262] == b"ustar":
        return Kind.ARCHIVE, "application/x-tar"
    if b"%PDF-" in content[:1024]:
        return Kind.PDF, "application/pdf"
    return next((found for first, found in FIRST.items() if content.startswith(first)), None)


def _text(ending: str, declared: str, content: bytes) -> Kind | None:
    beginning = content[:4096]
    if not content or (BINARY.search(beginning) and not beginning.startswith((b"\xff\xfe", b"\xfe\xff"))):
        return None
    shouted = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper()
    if shouted.startswith(b"BEGIN:VCALENDAR"):
        return Kind.EVENT
    if shouted.startswith(b"BEGIN:VCARD"):
        return Kind.CONTACT
    if ending in MARKUP or declared.endswith(("xml", "html")) or shouted.startswith((b"<?XML", b"<!DOCTYPE", b"<HTML", b"<SVG")):
        return Kind.SOURCE
    if ending in ("csv", "tsv") or declared in ("text/csv", "text/tab-separated-values"):
        return Kind.TABLE
    if ending in SOURCE or declared == "application/json":
        return Kind.SOURCE
    return Kind.TEXT if declared.startswith("text/") or ending in ("txt", "text", "asc") else None
