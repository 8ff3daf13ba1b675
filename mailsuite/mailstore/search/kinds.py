"""Which kind of thing an attachment is: the values of `has:` (product.md 2.4, Q13 to Q15)."""

from __future__ import annotations

from typing import Any

_BY_EXTENSION = {
    "pdf": "pdf",
    "image": "jpg jpeg png gif webp heic heif avif tif tiff bmp svg raw",
    "video": "mp4 mov avi mkv webm m4v mpg mpeg 3gp",
    "audio": "mp3 m4a ogg oga opus wav flac aac amr",
    "archive": "zip 7z rar tar gz tgz bz2 xz zst",
    "calendar": "ics ical ifb",
    "contact": "vcf vcard",
    "document": "doc docx odt rtf pages dot dotx ott",
    "spreadsheet": "xls xlsx ods csv numbers xlsm ots",
    "presentation": "ppt pptx odp key pps ppsx otp",
}
EXTENSIONS = {extension: kind for kind, words in _BY_EXTENSION.items() for extension in words.split()}
TYPES = {
    "application/pdf": "pdf",
    "application/zip": "archive",
    "application/gzip": "archive",
    "application/x-7z-compressed": "archive",
    "application/vnd.rar": "archive",
    "text/calendar": "calendar",
    "application/ics": "calendar",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "text/csv": "spreadsheet",
    "application/rtf": "document",
    "application/msword": "document",
    "application/vnd.ms-excel": "spreadsheet",
    "application/vnd.ms-powerpoint": "presentation",
    "application/vnd.oasis.opendocument.text": "document",
    "application/vnd.oasis.opendocument.spreadsheet": "spreadsheet",
    "application/vnd.oasis.opendocument.presentation": "presentation",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "spreadsheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "presentation",
}


def kinds_of(attachments: list[dict[str, Any]], traits: dict[str, Any]) -> list[str]:
    """The kinds that a message has, `attachment` first; an inline image is no attachment, as signatures carry them."""
    real = [item for item in attachments if not item.get("inline")]
    found = {kind_of(str(item.get("type") or ""), str(item.get("name") or "")) for item in real}
    named = sorted(kind for kind in found if kind)
    if traits.get("calendar_uid") and "calendar" not in named:
        named.append("calendar")
    return [*(["attachment"] if real else []), *named]


def kind_of(media_type: str, name: str) -> str:
    """By declared type, and by extension where the type says nothing; "" for none of ours."""
    media_type = media_type.lower()
    if media_type in TYPES:
        return TYPES[media_type]
    family = media_type.partition("/")[0]
    if family in ("image", "video", "audio"):
        return family
    return EXTENSIONS.get(name.rpartition(".")[2].lower(), "") if "." in name else ""
