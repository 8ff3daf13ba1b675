"""Bytes that claim a charset become text, whatever they claim.

The claim is tried first, then UTF-8, then (long texts only) a detector, and Windows-1252 last, which takes nearly every byte.
A detector must not see short texts: it takes short German Latin-1 for Windows-1250. Text that leaves here has no NUL and no lone
surrogate, because PostgreSQL and JSON refuse both.
"""

from __future__ import annotations

import codecs
from functools import lru_cache

DETECT_FROM = 200  # bytes; below that a detector guesses
SAMPLE = 16 * 1024  # bytes a detector gets to see: it is slow

# Labels as browsers and mail clients read them (WHATWG): the superset that writers really used.
SUPERSETS = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
}
LABELS = {
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-x-big5": "cp950",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "ansi_x3.110-1983": "cp1252",
    "cp-850": "cp850",
    "x-user-defined": "cp1252",
}
# Python knows codecs that are no charsets, and some of these take quadratic time (idna, punycode).
NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode-escape",
    "unicode_escape",
    "raw-unicode-escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
}


@lru_cache(maxsize=512)
def codec(label: str) -> str | None:
    """Python's name for a charset label, or None where the label names no charset we can read."""
    name = label.strip().strip("\"'").lower()
    name = LABELS.get(name, name)
    if not name or len(name) > 40 or not name.isascii() or "\0" in name:
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if found.name in NO_CHARSETS or not getattr(found, "_is_text_encoding", True):
        return None
    return SUPERSETS.get(found.name, found.name)


def to_text(data: bytes, label: str = "") -> str:
    """`data` as text: by its label, else UTF-8, else detected, else Windows-1252. Never raises."""
    if data.isascii() and not _shifts(label):
        text = data.decode("ascii")
    else:
        text = _by_claim(data, codec(label) if label else None)
    return text.replace("\0", "") if "\0" in text else text


def _shifts(label: str) -> bool:
    """Charsets in which ASCII bytes do not stand for themselves."""
    return bool(label) and (codec(label) or "").startswith(("utf-7", "utf-16", "utf-32", "iso2022", "hz", "cp037", "cp500"))


def _by_claim(data: bytes, claimed: str | None) -> str:
    for name in (claimed, "utf-8"):
        if name is None:
            continue
        try:
            return _without_surrogates(data.decode(name), name)
        except (UnicodeError, ValueError, LookupError):
            continue
    return _damaged(data, claimed) or _guessed(data)


def _damaged(data: bytes, claimed: str | None) -> str | None:
    """One bad byte in a long text (a cut, a wrong join) does not make its claim a lie."""
    for name in dict.fromkeys((claimed or "utf-8", "utf-8")):
        text = data.decode(name, "replace")
        strange = text.count("\ufffd")
        beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
        if strange * 2 <= beyond_ascii:  # at least as much makes sense as does not
            return _without_surrogates(text, name)
    return None


def _guessed(data: bytes) -> str:
    if len(data) > DETECT_FROM:
        # Slow to import, seldom needed.
        from charset_normalizer import from_bytes

        best = from_bytes(data[:SAMPLE]).best()
        name = codec(best.encoding) if best else None
        if name:
            return _without_surrogates(data.decode(name, "replace"), name)
    return data.decode("cp1252", "replace")


def _without_surrogates(text: str, name: str) -> str:
    if name.startswith(("utf-7", "utf-16", "utf-32")):
        return text.encode("utf-8", "replace").decode("utf-8")
    return text
