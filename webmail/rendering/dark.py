"""A mail's HTML on a dark page: four treatments, and none that turns an image or a newsletter round (product.md 4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from html import escape
from typing import Any

import tinycss2

from webmail.rendering.color import PAGE, Rgb, background, lch, legible, luminance, mirrored
from webmail.rendering.markup import Tag, tags
from webmail.rendering.painted import Look, legacy, look, opaque, rgb_of
from webmail.rendering.sanitise import Clean

NOTE, MARKED = Rgb(0x11 / 255, 0x28 / 255, 0x3E / 255), Rgb(1.0, 1.0, 0.0)
DARK_UNDER = 0.35  # average lightness of what lies behind the text
LIGHT_FROM = 0.9  # of every single background of a letter: white, or what tells a quotation from the rest

SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.I)
COLORED = re.compile(r"\b(?:color|background)")
ALWAYS, NEVER = "(min-width: 0px)", "(max-width: 0px)"
LINES = ("border", "outline", "text-decoration", "text-emphasis")
KEPT_WORDS = {"inherit", "unset", "currentcolor", "transparent"}


class Treatment(StrEnum):
    """What becomes of a mail on a dark page."""

    OWN = "own"  # it brings rules for the dark
    MAPPED = "mapped"  # a letter: its colours are turned round
    UNTOUCHED = "untouched"  # it is dark already
    CARD = "card"  # designed: as it is, on a white card


LIGHT_STYLE = """
html { color-scheme: light; background: #ffffff; color: #182024; }
a { color: #0b5cad; }
blockquote { border-color: #d3dadc; }
.gmail_signature, .moz-signature, #m-Signature, #m-ms-outlook-mobile-signature, .signature { color: #4f5b62; }
.mailsuite-note { background: #e6f0fa; color: #134a86; }
a.mailsuite-more { background: #e9edee; color: #4f5b62; }
"""
DARK_STYLE = f"""
html {{ color-scheme: dark; background: {PAGE.hex}; color: #e7ecee; }}
a {{ color: #8fbef5; }}
blockquote {{ border-color: #343d43; }}
mark {{ background: {background(MARKED).hex}; color: inherit; }}
.gmail_signature, .moz-signature, #m-Signature, #m-ms-outlook-mobile-signature, .signature {{ color: #aab5bc; }}
.mailsuite-note {{ background: {NOTE.hex}; color: #9fcaf3; }}
a.mailsuite-more {{ background: #232a2f; color: #aab5bc; }}
"""
# A logo drawn for white paper keeps its paper; rulers and spacers of a few pixels get none.
PLATES = """
img[src] { background: #ffffff; color: #182024; border-radius: 2px; }
img[width="0"], img[width="1"], img[width="2"], img[width="3"], img[height="0"], img[height="1"], img[height="2"], img[height="3"]
  { background: none; }
"""
CARD_STYLE = f"""
html:root {{ background: {PAGE.hex} !important; padding: 8px; }}
html:root > body {{ box-sizing: border-box; border: 1px solid #343d43; border-radius: 10px; overflow: hidden;
  filter: brightness(.94); }}
"""
PAPER = "body { background: #ffffff; }"


def styled(clean: Clean, *, dark: bool) -> tuple[Clean, str, str, Treatment | None]:
    """A mail for this theme, and the styles that go before and after its own."""
    if not dark:
        return replace(clean, sheet=themed(clean.sheet, dark=False)), LIGHT_STYLE, "", None
    seen = look(clean.body, clean.sheet, clean.body_style)
    match treatment := classify(clean, seen):
        case Treatment.OWN:
            return replace(clean, sheet=themed(clean.sheet, dark=True)), DARK_STYLE, "", treatment
        case Treatment.MAPPED:
            return _mapped(clean, seen), DARK_STYLE, PLATES, treatment
        case Treatment.UNTOUCHED:
            around = f"html:root {{ background: {PAGE.hex}; }}" if not seen.bare else ""
            return replace(clean, sheet=themed(clean.sheet, dark=False)), LIGHT_STYLE, around, treatment
    light = replace(clean, sheet=_without_scheme(themed(clean.sheet, dark=False)))
    return light, LIGHT_STYLE + PAPER, CARD_STYLE, treatment


def classify(clean: Clean, seen: Look) -> Treatment:
    """Which treatment fits. A mail that only says `color-scheme`, without a rule for the dark, is judged by its looks."""
    if _has_rules_for_dark(clean.sheet):
        return Treatment.OWN
    if not seen.on_images and all(lch(color).lightness >= LIGHT_FROM for color in seen.text):
        return Treatment.MAPPED
    return Treatment.UNTOUCHED if seen.lightness < DARK_UNDER else Treatment.CARD


def _has_rules_for_dark(sheet: str) -> bool:
    if not _asks_for_dark(sheet):
        return False
    return any(
        one.type == "declaration" and COLORED.search(one.lower_name)
        for rule in _for_dark(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True), within=False)
        for one in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    )


def _for_dark(found: Iterable[Any], *, within: bool) -> Iterator[Any]:
    """The qualified rules that hold only in the dark."""
    for rule in found:
        if rule.type == "qualified-rule" and within:
            yield rule
        elif rule.type == "at-rule" and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from _for_dark(inner, within=within or _asks_for_dark(tinycss2.serialize(rule.prelude)))


def _asks_for_dark(css: str) -> bool:
    return any(found[1].lower() == "dark" for found in SCHEME.finditer(css))


def themed(sheet: str, *, dark: bool) -> str:
    """The sheet with its questions for the reader's theme answered: the browser inside a frame knows only the system's."""
    return SCHEME.sub(lambda found: ALWAYS if (found[1].lower() == "dark") == dark else NEVER, sheet)


def _without_scheme(sheet: str) -> str:
    return re.sub(r"color-scheme\s*:[^;}]*", "", sheet)


def _mapped(clean: Clean, seen: Look) -> Clean:
    """Every colour turned round, text lifted until it can be read on the lightest of the backgrounds that the mail then has."""
    surfaces = [PAGE, NOTE, *(background(color) for color in seen.text)]
    surfaces += [background(MARKED)] if "<mark" in clean.body else []
    turn = Turn(max(surfaces, key=luminance))
    return replace(
        clean,
        body=turn.body(clean.body),
        sheet=turn.sheet(themed(clean.sheet, dark=False)),
        body_style=turn.style(clean.body_style),
    )


class Turn:
    """Turns colours round for text that stands on `ground` or on something darker."""

    def __init__(self, ground: Rgb) -> None:
        self.ground = ground
        self._styles: dict[str, str] = {}

    def body(self, html: str) -> str:
        """Sanitised HTML, its style and colour attributes turned."""
        pieces, at = [], 0
        for tag in tags(html):
            if not tag.closing and tag.written:
                pieces += [html[at : tag.start], self._tag(tag)]
                at = tag.end
        return "".join([*pieces, html[at:]])

    def _tag(self, tag: Tag) -> str:
        attributes = tag.attributes
        if "style" in attributes:
            attributes["style"] = self.style(attributes["style"])
        if "bgcolor" in attributes:
            painted = legacy(attributes["bgcolor"])
            attributes["bgcolor"] = background(painted).hex if painted else ""
        if "color" in attributes:
            written = legacy(attributes["color"])
            attributes["color"] = legible(written, self.ground).hex if written else ""
        kept = (
            f' {name}="{escape(value)}"'
            for name, value in attributes.items()
            if value or name not in ("style", "bgcolor", "color")
        )
        return f"<{tag.name}{''.join(kept)}>"

    def style(self, style: str) -> str:
        """A style attribute's declarations."""
        if style not in self._styles:
            found = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
            self._styles[style] = "; ".join(self._declarations(found))
        return self._styles[style]

    def sheet(self, css: str) -> str:
        return "\n".join(self._rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))

    def _rules(self, rules: Iterable[Any]) -> Iterator[str]:
        for rule in rules:
            if rule.type == "qualified-rule":
                found = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
                yield f"{tinycss2.serialize(rule.prelude).strip()} {{ {'; '.join(self._declarations(found))} }}"
            elif rule.type == "at-rule" and rule.content is not None:
                inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                yield f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude)} {{ {' '.join(self._rules(inner))} }}"

    def _declarations(self, found: Iterable[Any]) -> Iterator[str]:
        for one in found:
            if one.type == "declaration" and (turned := self._declaration(one.lower_name, one.value)):
                yield turned + (" !important" if one.important else "")

    def _declaration(self, name: str, value: list[Any]) -> str:
        """One declaration turned round; "" for one that must go."""
        if name == "color":
            return self._text(value)
        if name in ("background", "background-color"):
            return _behind(value)
        if name.startswith("background") or name in ("color-scheme", "text-shadow", "box-shadow"):
            return ""
        if name == "opacity" and not _hides(value):
            return ""
        if name.startswith(LINES):
            value = [_line(token) for token in value]
        return f"{name}: {_serialised(value)}"

    def _text(self, value: list[Any]) -> str:
        for token in value:
            if token.type == "ident" and token.lower_value in KEPT_WORDS:
                return f"color: {token.lower_value}"
            if found := rgb_of(token):
                return f"color: {legible(opaque(*found), self.ground).hex}" if found[1] else "color: transparent"
        return ""


def _behind(value: list[Any]) -> str:
    for token in value:
        if found := rgb_of(token):
            return f"background-color: {background(opaque(*found)).hex}" if found[1] else "background-color: transparent"
    return "background-color: transparent"


def _hides(value: list[Any]) -> bool:
    """Is what has this opacity meant not to be seen? Then it stays so; anything else would take from the contrast."""
    return any(token.type == "number" and token.value < 0.1 for token in value)


def _line(token: Any) -> Any:
    found = rgb_of(token)
    return tinycss2.parse_one_component_value(mirrored(opaque(*found)).hex) if found and found[1] else token


def _serialised(value: list[Any]) -> str:
    return tinycss2.serialize(value).strip().replace("<", "\\3c ")
