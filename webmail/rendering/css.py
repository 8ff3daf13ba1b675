"""Styles of mails: what is on the list of product.md 4.2 stays, everything else goes, and no address is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import tinycss2

MOST_SHEET = 256 * 1024  # characters
MOST_RULES = 5_000
MOST_NESTING = 20  # brackets in brackets; tinycss2 walks them by recursion
BRACKETS = re.compile(r"[(\[{]|[)\]}]")

PREFIXES = ("font-", "text-", "border-", "margin-", "padding-", "list-style-", "table-", "background-")
PROPERTIES = {
    *("background", "border", "margin", "padding", "font", "color", "opacity", "direction", "display", "float", "clear"),
    *("width", "height", "max-width", "min-width", "max-height", "min-height", "line-height", "letter-spacing", "word-spacing"),
    *("vertical-align", "white-space", "word-break", "word-wrap", "overflow-wrap", "overflow", "list-style", "caption-side"),
    *("border-collapse", "border-spacing", "empty-cells", "box-shadow", "box-sizing", "hyphens", "quotes", "unicode-bidi"),
    *("flex", "flex-direction", "flex-wrap", "flex-grow", "flex-shrink", "flex-basis", "justify-content", "align-items", "gap"),
    *("mso-hide", "color-scheme", "outline", "text-align", "text-indent"),
}
FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp", "linear-gradient", "radial-gradient"}
DISPLAYS = {
    *("block", "inline", "inline-block", "none", "list-item", "flex", "inline-flex", "contents"),
    *("table", "inline-table", "table-row", "table-cell", "table-row-group", "table-header-group", "table-footer-group"),
    *("table-column", "table-column-group", "table-caption"),
}

Image = Callable[[str], str | None]


def sheet(css: str, image: Image) -> str:
    """A style sheet's allowed rules. `image` gives the address to use for an image, or None to leave it out."""
    css = css[:MOST_SHEET].replace("<!--", "").replace("-->", "")
    if not _shallow(css):
        return ""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return _unclosable("\n".join(_rules(rules[:MOST_RULES], image, depth=0)))


def declarations(css: str, image: Image) -> str:
    """The allowed declarations of a style attribute."""
    if len(css) > MOST_SHEET or not _shallow(css):
        return ""
    return "; ".join(_declarations(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True), image))


def _shallow(css: str) -> bool:
    depth = 0
    for bracket in BRACKETS.finditer(css):
        depth += 1 if bracket[0] in "([{" else -1 if depth else 0
        if depth > MOST_NESTING:
            return False
    return True


def _unclosable(css: str) -> str:
    """A `<` becomes an escape of CSS: nothing in a sheet can end the style element that holds it."""
    return css.replace("<", "\\3c ")


def _rules(rules: Iterable[Any], image: Image, depth: int) -> Iterable[str]:
    for rule in rules:
        if not _is_plain(getattr(rule, "prelude", ())):
            continue
        if rule.type == "qualified-rule":
            body = "; ".join(_declarations(_contents(rule.content), image))
            if body:
                yield f"{_selector(rule.prelude)} {{ {body} }}"
        elif rule.type == "at-rule" and rule.lower_at_keyword == "media" and rule.content is not None and depth < 3:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield f"@media {tinycss2.serialize(rule.prelude)} {{ {' '.join(_rules(inner, image, depth + 1))} }}"


def _is_plain(prelude: Iterable[Any]) -> bool:
    """Nothing that has no place before a block, and whose braces are counted in one way here and in another by browsers."""
    return all(
        token.type not in ("url", "error", "{} block")
        and not (token.type == "function" and token.lower_name == "url")
        and _is_plain(_held(token))
        for token in prelude
    )


def _held(token: Any) -> list[Any]:
    """The tokens in the brackets of this one."""
    return list(token.arguments if token.type == "function" else getattr(token, "content", ()))


def _contents(content: list[Any]) -> list[Any]:
    return tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)


def _selector(prelude: list[Any]) -> str:
    """The selector, its ids prefixed as the sanitiser prefixes them."""
    for token in prelude:
        if token.type == "hash":
            token.value = f"m-{token.value}"
    return tinycss2.serialize(prelude).strip()


def _declarations(found: Iterable[Any], image: Image) -> Iterable[str]:
    for one in found:
        if one.type != "declaration" or not (one.lower_name in PROPERTIES or one.lower_name.startswith(PREFIXES)):
            continue
        if _allowed(one.lower_name, one.value, image):
            value = _unclosable(tinycss2.serialize(one.value).strip())
            yield f"{one.lower_name}: {value}{' !important' if one.important else ''}"


def _allowed(name: str, value: list[Any], image: Image) -> bool:
    """Is the value harmless? Images in it are rewritten on the way."""
    idents = {token.lower_value for token in value if token.type == "ident"}
    if name == "display" and not idents <= DISPLAYS:
        return False
    if name.startswith("overflow") and name != "overflow-wrap" and not idents <= {"hidden", "visible", "auto"}:
        return False
    return all(_harmless(name, token, image) for token in value)


def _harmless(name: str, token: Any, image: Image) -> bool:
    if token.type == "url":
        return _rewrite(name, token, token.value, image)
    if token.type == "function":
        if token.lower_name == "url":
            strings = [argument for argument in token.arguments if argument.type == "string"]
            return len(strings) == 1 and _rewrite(name, strings[0], strings[0].value, image)
        return token.lower_name in FUNCTIONS and all(_harmless(name, argument, image) for argument in token.arguments)
    if token.type == "() block":
        return all(_harmless(name, inner, image) for inner in token.content)
    if token.type == "percentage":
        return token.value <= 200
    if token.type in ("dimension", "number") and name.startswith(("margin", "text-indent", "letter-spacing")):
        return token.value >= (-20 if token.type == "dimension" and token.lower_unit == "px" else -2)
    return token.type not in ("error", "{} block", "[] block", "at-keyword")


def _rewrite(name: str, token: Any, address: str, image: Image) -> bool:
    """Put the image's own address into the token; False where it may not be shown."""
    own = image(address) if name.startswith("background") else None
    if own is None:
        return False
    token.value = own
    token.representation = f'url("{own}")' if token.type == "url" else f'"{own}"'
    return True
