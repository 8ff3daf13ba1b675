"""Messages as ICU writes them: `{name}`, `{count, plural, one {# letter} other {# letters}}`, `{kind, select, …}`.

The same as webmail/app/src/i18n/message.ts, which fills them in the browser; an apostrophe is only an apostrophe.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from webmail.i18n.plurals import category, number

Values = Mapping[str, str | int]


class Malformed(ValueError):
    """A message that is not written as it should be; says where. Never temporary."""

    temporary = False


@dataclass(frozen=True, slots=True)
class Argument:
    """kind: "" for a value, "plural" or "select" with their cases."""

    name: str
    kind: str
    cases: Mapping[str, Parts]


class Hash:
    """`#`: the number that a plural is about."""


Parts = tuple["str | Argument | Hash", ...]
KINDS = ("plural", "select")


def fill(message: str, values: Values, language: str) -> str:
    """The message with its values, in the plural forms of the language."""
    return _say(parse(message), values, language, 0) if "{" in message else message


@functools.lru_cache(maxsize=2_048)
def parse(message: str) -> Parts:
    """Raises Malformed."""
    parts, end = _parts(message, 0, inside=False)
    if end != len(message):
        raise Malformed(f"one brace too many at {end}: {message}")
    return parts


def arguments(parts: Parts) -> Iterator[Argument]:
    """Every argument, those inside of cases too."""
    for part in parts:
        if isinstance(part, Argument):
            yield part
            for case in part.cases.values():
                yield from arguments(case)


def _parts(text: str, at: int, *, inside: bool) -> tuple[Parts, int]:
    found: list[str | Argument | Hash] = []
    stops = "{}#" if inside else "{}"
    while at < len(text) and text[at] != "}":
        if text[at] == "{":
            argument, at = _argument(text, at + 1)
            found.append(argument)
        elif text[at] == "#" and inside:
            found.append(Hash())
            at += 1
        else:
            end = min((n for n in (text.find(stop, at) for stop in stops) if n >= 0), default=len(text))
            found.append(text[at:end])
            at = end
    return tuple(found), at


def _argument(text: str, at: int) -> tuple[Argument, int]:
    name, at, sign = _until(text, at, ",}")
    if sign == "}":
        return Argument(name, "", {}), at
    kind, at, _ = _until(text, at, ",")
    if kind not in KINDS:
        raise Malformed(f"no such kind as {kind}: {text}")
    cases: dict[str, Parts] = {}
    while not text[at:].lstrip().startswith("}"):
        case, at, _ = _until(text, at, "{")
        cases[case], at = _parts(text, at, inside=True)
        at += 1
    if "other" not in cases:
        raise Malformed(f"{name} has no case `other`: {text}")
    return Argument(name, kind, cases), text.index("}", at) + 1


def _until(text: str, at: int, signs: str) -> tuple[str, int, str]:
    ends = [n for n in (text.find(sign, at) for sign in signs) if n >= 0]
    if not ends:
        raise Malformed(f"nothing closes what opens before {at}: {text}")
    end = min(ends)
    return text[at:end].strip(), end + 1, text[end]


def _say(parts: Parts, values: Values, language: str, count: int) -> str:
    return "".join(_say_one(part, values, language, count) for part in parts)


def _say_one(part: str | Argument | Hash, values: Values, language: str, count: int) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Hash):
        return number(count, language)
    value = values.get(part.name, "")
    if not part.kind:
        return number(value, language) if isinstance(value, int) else str(value)
    if part.kind == "select":
        return _say(part.cases.get(str(value), part.cases["other"]), values, language, count)
    how_many = int(value or 0)
    case = part.cases.get(f"={how_many}") or part.cases.get(category(how_many, language)) or part.cases["other"]
    return _say(case, values, language, how_many)
