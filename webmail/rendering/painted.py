"""What a mail paints behind its text: backgrounds by style, attribute and sheet, and how it looks altogether (product.md 4.5)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import tinycss2
from tinycss2 import color4

from webmail.rendering.color import Rgb, lch
from webmail.rendering.markup import VOID, Tag, tags

WHITE = Rgb(1.0, 1.0, 1.0)
IMAGE = "image"  # what stands for a picture or a gradient where a colour is asked for
Paint = Rgb | str
SYSTEM = re.compile(r"canvas|window|buttonface|field|background|threed|menu|infobackground", re.I)
COMPOUND = re.compile(r"(?<![^\s>+~])[^\s>+~]++$")  # tried once a compound, not once a character
SIMPLE = re.compile(r"([.#]?)((?:[\w-]|[^\x00-\x7f]|\\.)+)")
PASSING = re.compile(r":(?:hover|active|focus|visited)", re.I)
HEXES = re.compile(r"[^0-9a-f]", re.I)
MOST_REMEMBERED = 500  # characters of a style that is read once for all mails that have it
MOST_RULES = 20  # of a sheet for one name, and of paints behind one element
MOST_CLASSES = 10
MOST_SELECTOR = 1_000  # characters of it that are read
MOST_STYLES = 3_000  # different ones that are read; no letter has so many
MOST_SEEN = 200_000  # characters of text between two tags that count


def rgb_of(token: Any) -> tuple[Rgb, float] | None:
    """The colour and its opacity that a token of CSS names; None for what is no colour."""
    try:
        found = color4.parse_color(token)
        if found is None or isinstance(found, str):
            return None
        parts = [0.0 if part is None else min(max(float(part), 0.0), 1.0) for part in found.to("srgb").coordinates]
        return Rgb(*parts), 1.0 if found.alpha is None else min(max(float(found.alpha), 0.0), 1.0)
    except (ValueError, TypeError, ArithmeticError, NotImplementedError, AttributeError):
        return None


def opaque(color: Rgb, alpha: float) -> Rgb:
    """As it looks on white."""
    return Rgb(*(part * alpha + 1 - alpha for part in color))


def legacy(value: str) -> Rgb | None:
    """A colour as old attributes have it, junk included (HTML, rules for parsing a legacy colour value)."""
    value = value.strip()[:128]
    if not value or value.lower() == "transparent":
        return None
    named = rgb_of(tinycss2.parse_one_component_value(value))
    if named:
        return named[0]
    digits = HEXES.sub("0", value.removeprefix("#")) or "0"
    digits += "0" * (-len(digits) % 3)
    third = len(digits) // 3
    parts = [digits[n : n + third][-8:] for n in range(0, len(digits), third)]
    while third > 2 and all(part.startswith("0") for part in parts) and len(parts[0]) > 2:
        parts = [part[1:] for part in parts]
    return Rgb(*(int(part[:2], 16) / 255 for part in parts))


def paint_of(style: str) -> Paint | None:
    """What a style attribute paints behind its element."""
    if "background" not in style.lower():
        return None
    return _paint_of(style) if len(style) < MOST_REMEMBERED else _paint_of.__wrapped__(style)


@lru_cache(4096)
def _paint_of(style: str) -> Paint | None:
    return _paint(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True))


def _paint(declarations: Iterable[Any]) -> Paint | None:
    found: Paint | None = None
    for one in declarations:
        if one.type == "declaration" and one.lower_name in ("background", "background-color", "background-image"):
            painted = _painted(one.value)
            found = painted if painted is not None else found
    return found


def _painted(value: Iterable[Any]) -> Paint | None:
    color: Rgb | None = None
    for token in value:
        if token.type == "url" or (token.type == "function" and (token.lower_name == "url" or "gradient" in token.lower_name)):
            return IMAGE
        if found := rgb_of(token):
            color = opaque(*found) if found[1] else color
        elif token.type == "ident" and SYSTEM.match(token.value):
            color = WHITE
    return color


class Rule(NamedTuple):
    """What a rule paints. certain: on every element that it was found for, whatever else holds."""

    painted: Paint
    certain: bool


class Sheet:
    """The rules of a sheet that paint backgrounds, found by what their last part asks for: too many rather than too few."""

    def __init__(self, css: str) -> None:
        self._by: dict[str, dict[Rule, None]] = defaultdict(dict)
        for rule, always in rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)):
            painted = _paint(tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True))
            if painted is not None:
                for selector in tinycss2.serialize(rule.prelude).split(","):
                    self._add(selector.strip(), painted, always=always)

    def _add(self, selector: str, painted: Paint, *, always: bool) -> None:
        last = COMPOUND.search(selector[-MOST_SELECTOR:])
        if "\\" in selector or len(selector) > MOST_SELECTOR:  # an escaped name could be anything, and so could a cut one
            self._note("*", Rule(painted, False))
        elif last and not PASSING.search(last[0]):
            simple = SIMPLE.findall(re.split(r"[:\[]", last[0])[0])
            kind, name = max(simple, key=lambda one: ("", ".", "#").index(one[0]), default=("", "*"))
            self._note(kind + name.lower(), Rule(painted, always and kind + name == selector))

    def _note(self, key: str, rule: Rule) -> None:
        if len(self._by[key]) < MOST_RULES:
            self._by[key][rule] = None

    def paints(self, tag: Tag, attributes: dict[str, str]) -> list[Rule]:
        """Whatever may lie behind an element."""
        if not self._by:
            return []
        keys = ["*", tag.name, *(f".{name.lower()}" for name in attributes.get("class", "").split()[:MOST_CLASSES])]
        keys += [f"#{attributes['id'].lower()}"] if "id" in attributes else []
        return [rule for key in keys for rule in self._by.get(key, ())]


def rules(found: Iterable[Any], *, always: bool = True) -> Iterator[tuple[Any, bool]]:
    """Qualified rules, and whether they hold always: those in @media may not."""
    for rule in found:
        if rule.type == "qualified-rule":
            yield rule, always
        elif rule.type == "at-rule" and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from rules(inner, always=False)


@dataclass(slots=True)
class Look:
    """What stands on what: how much text on each colour, how much on nothing but the page, and is there a picture behind any."""

    text: dict[Rgb, int] = field(default_factory=lambda: defaultdict(int))
    bare: int = 0
    on_images: bool = False

    @property
    def lightness(self) -> float:
        """Average lightness behind the text, from 0 to 1; the page is white."""
        total = sum(self.text.values()) + self.bare
        return (sum(lch(color).lightness * n for color, n in self.text.items()) + self.bare) / total if total else 1.0

    def add(self, paints: Iterable[Paint], most: int) -> None:
        """Content of this weight on top of these paints, the uppermost last."""
        behind = list(paints)
        if not behind:
            self.bare += most
        self.on_images |= IMAGE in behind
        for color in behind:
            if isinstance(color, Rgb):
                self.text[color] += most


def look(body: str, sheet: str, body_style: str) -> Look:
    """Read sanitised HTML for what it looks like."""
    found, known = Look(), Sheet(sheet)
    page = Tag("body", False, f' style="{body_style}"', 0, 0)
    stack: list[list[Paint]] = [_behind(page, known, [])]
    at, styles = 0, set()
    for tag in tags(body):
        styles.add(tag.written)
        if len(styles) > MOST_STYLES:
            found.on_images = True
            return found
        if words := len(body[at : min(tag.start, at + MOST_SEEN)].strip()):
            found.add(stack[-1], words)
        at = tag.end
        if tag.closing:
            del stack[max(len(stack) - 1, 1) :]
        elif tag.name == "img":
            found.add(stack[-1], 20)
        elif tag.name not in VOID:
            stack.append(_behind(tag, known, stack[-1]))
    if words := len(body[at:].strip()):
        found.add(stack[-1], words)
    return found


def _behind(tag: Tag, sheet: Sheet, around: list[Paint]) -> list[Paint]:
    """What may lie behind an element's content. Where nothing surely covers it, what is around it shows through."""
    attributes = tag.attributes if tag.written else {}
    ruled = sheet.paints(tag, attributes)
    old = legacy(attributes["bgcolor"]) if "bgcolor" in attributes else None
    own = paint_of(attributes["style"]) if "style" in attributes else None
    paints = [one for one in (*(rule.painted for rule in ruled), old, own) if one is not None]
    covered = old is not None or own is not None or any(rule.certain for rule in ruled)
    return (paints if covered else [*around, *paints])[-MOST_RULES:] if paints else around
