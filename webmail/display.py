"""How names, sizes and people are written on the screen."""

from __future__ import annotations

import re
import zlib

from mailsuite.mailstore.mailboxes import HUES
from mailsuite.protocol.unseen import BIDI, TAGS, ZERO_WIDTH
from webmail.i18n import t

# What could make a line look like another line; joiners stay, for names are spelt with them.
_DECEIVING = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{BIDI}{ZERO_WIDTH}{TAGS}]")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]")


def clean(text: str) -> str:
    """One line of text from outside, safe to show beside our own: no bidi controls, no invisible signs, single blanks."""
    return _SPACES.sub(" ", _DECEIVING.sub("", text)).strip()


def clean_lines(text: str) -> str:
    """Text of several lines from outside: controls removed, line ends and bidi marks kept (its own box isolates it)."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\U000e0000-\U000e007f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


def size(n: int) -> str:
    """Bytes for people: 340 B, 21 KB, 4.2 MB."""
    if n < 1000:
        return f"{n} B"
    for unit in ("KB", "MB", "GB", "TB"):
        n_in_unit = n / 1000
        if n_in_unit < 999.5:
            return f"{n_in_unit:.1f} {unit}" if n_in_unit < 9.95 and unit != "KB" else f"{n_in_unit:.0f} {unit}"
        n = round(n_in_unit)
    return f"{n} PB"


def name_of(name: str, address: str) -> str:
    """What a person is called: the name, else the local part of the address, else the address."""
    return clean(name) or clean(address.split("@")[0]) or clean(address) or t("Unknown sender")


def first_name(name: str, address: str) -> str:
    """The short name in a list of several writers: "Ana" of "Ana Silva", "Silva" kept of "Silva, Ana"."""
    whole = name_of(name, address)
    if "," in whole:
        whole = whole.split(",", 1)[1].strip() or whole
    return whole.split(" ")[0]


def initials(name: str, address: str) -> str:
    """One or two letters for an avatar."""
    words = [word for word in name_of(name, address).split(" ") if _WORD.search(word)]
    letters = [found.group() for word in (words[:1] + words[-1:] if len(words) > 1 else words) if (found := _WORD.search(word))]
    return "".join(letters).upper()[:2] or "?"


def hue(address: str) -> str:
    """The class of an address's own colour: the same on every page and every day."""
    return f"hue-{HUES[zlib.crc32(address.casefold().encode()) % (len(HUES) - 1)]}"


def label_hue(color: str) -> str:
    """The class of a label's colour; grey where it has none we know."""
    return f"hue-{color if color in HUES else 'grey'}"


def plural(n: int, one: str, many: str = "") -> str:
    """`3 messages`, `1 message`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
