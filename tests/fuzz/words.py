"""Seeds and a dictionary for the fuzzer, from the conversations in tests/imapd/transcripts: new ones are taken up too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TRANSCRIPTS = Path(__file__).resolve().parents[1] / "imapd" / "transcripts"
_SAID = re.compile(r"^C\d?: ?(.*)$", re.M)
_WORD = re.compile(rb"[^\s()]{2,60}")
# What no client of good will writes.
_ODD = (
    b"{0}\r\n", b"{0+}\r\n", b"~{1+}\r\n", b"{4294967296+}\r\n", b"{-1}\r\n", b"\r\n", b"\n", b"\x00", b'"\\"',
    b"*%", b"1:*", b"$", b"4294967295", b"(((", b")))", b"&-", b"&AAA-", b"\xc3\xa9", b"\xff", b"INBOX/", b"//", b"<0.1>",
)  # fmt: skip


def conversations() -> Iterator[bytes]:
    """What the clients of each conversation say, as octets."""
    for path in sorted(TRANSCRIPTS.glob("*.txt")):
        yield b"".join(line.encode() + b"\r\n" for line in _SAID.findall(path.read_text()))


def write_seeds(folder: Path) -> None:
    """A conversation a file, and each of its first commands alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, said in enumerate(conversations()):
        (folder / f"all-{number}").write_bytes(b"\x00" + said)
        for at, line in enumerate(said.splitlines(keepends=True)[:40]):
            (folder / f"line-{number}-{at}").write_bytes(b"\x00" + line)


def write_dictionary(path: Path) -> None:
    """In libFuzzer's form: a quoted word a line, with what is not printable as \\xNN."""
    words = {word for said in conversations() for word in _WORD.findall(said)} | set(_ODD)
    path.write_text("".join(f'"{_escaped(word)}"\n' for word in sorted(words)))


def _escaped(word: bytes) -> str:
    return "".join(chr(octet) if 32 <= octet < 127 and octet not in b'"\\' else f"\\x{octet:02x}" for octet in word)
