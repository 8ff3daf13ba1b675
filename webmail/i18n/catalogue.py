"""The catalogues: gettext's .po files, one per language, for pages and for the application, read and written."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
CONTEXT = "||"  # `Archive||place`: what is behind it tells apart what English has one word for, and is never shown
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_ESCAPED = re.compile(r'\\([\\"nt])')
_BACK = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}


@dataclass(slots=True)
class Entry:
    """A message as it is written in English, its translation ("" where there is none yet), and the files that say it."""

    message: str
    translation: str = ""
    files: list[str] = field(default_factory=list)


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "webmail.po"


@functools.cache
def translations(language: str) -> dict[str, str]:
    """What is translated, by its English."""
    return {entry.message: entry.translation for entry in read(language) if entry.translation}


def read(language: str) -> list[Entry]:
    """All entries of a language; none where it has no catalogue."""
    path = path_of(language)
    return [entry for entry in _entries(path.read_text("utf-8").splitlines()) if entry.message] if path.exists() else []


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    entry, texts, last = Entry(""), {"msgctxt": "", "msgid": "", "msgstr": ""}, ""
    for line in [*lines, ""]:
        if line.startswith("#: "):
            entry.files += line[3:].split()
        elif line.startswith("msg"):
            last, text = line.split(" ", 1)
            texts[last] = _unquoted(text)
        elif line.startswith('"'):
            texts[last] += _unquoted(line)
        elif not line and last:
            context = CONTEXT + texts["msgctxt"] if texts["msgctxt"] else ""
            entry.message, entry.translation = texts["msgid"] + context, texts["msgstr"]
            yield entry
            entry, texts, last = Entry(""), {"msgctxt": "", "msgid": "", "msgstr": ""}, ""


def write(language: str, entries: Iterable[Entry]) -> None:
    """In order of their English, so that two people who add words rarely meet in a line."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    blocks = [_block(entry) for entry in sorted(entries, key=lambda one: one.message)]
    path.write_text("\n".join([head, *blocks]), "utf-8")
    translations.cache_clear()


def _block(entry: Entry) -> str:
    message, _, context = entry.message.partition(CONTEXT)
    lines = [f"#: {file}" for file in sorted(entry.files)]
    lines += [f"msgctxt {_quoted(context)}"] if context else []
    return "\n".join([*lines, f"msgid {_quoted(message)}", f"msgstr {_quoted(entry.translation)}", ""])


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(sign, sign) for sign in text) + '"'


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: _BACK[found[1]], text.strip()[1:-1])
