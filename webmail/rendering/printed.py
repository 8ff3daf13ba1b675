"""Messages on paper: one document for all, each with its own styles, no chrome, in light colours (product.md F60)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from webmail.rendering.body import HEADERS as FRAME
from webmail.rendering.body import POLICY
from webmail.rendering.sanitise import Clean

# allow-modals: whoever shows this page may open the dialog for printing; it has no scripts of its own.
HEADERS = {**FRAME, "Content-Security-Policy": f"{POLICY} allow-modals", "Cache-Control": "private, no-cache"}
PAGE = """<!doctype html>
<html lang="und"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
:root {{ color-scheme: light; }}
body {{ max-width: 800px; margin: 24px auto; padding: 0 16px; background: #ffffff; color: #182024; overflow-wrap: anywhere;
  font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif; }}
h1 {{ font-size: 20px; }} img {{ max-width: 100%; height: auto; }} pre {{ white-space: pre-wrap; }} a {{ color: #0b5cad; }}
article {{ margin-top: 24px; padding-top: 12px; border-top: 2px solid #182024; }}
.mailsuite-head {{ display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0 0 16px; font-size: 13px;
  break-inside: avoid; break-after: avoid; }}
.mailsuite-head dt {{ color: #4f5b62; }} .mailsuite-head dd {{ margin: 0; }}
.mailsuite-text {{ white-space: pre-wrap; tab-size: 8; }} .fixed {{ font: 12px/1.5 ui-monospace, Menlo, monospace; }}
blockquote, .cite {{ display: block; margin: 8px 0; padding-inline-start: 12px; border-inline-start: 2px solid #d3dadc; }}
@page {{ margin: 16mm; }} @media print {{ body {{ max-width: none; margin: 0; padding: 0; }} }}
</style></head><body dir="auto"><h1><bdi>{title}</bdi></h1>{articles}</body></html>
"""


ASIDE = re.compile(r"""\\.|"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+\'""", re.S)  # escapes and strings: braces in them are none
BRACE = re.compile("[{}]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A message as it is printed. head: (name, value) of the lines above it."""

    head: list[tuple[str, str]]
    clean: Clean


def page(title: str, sheets: Iterable[Sheet]) -> str:
    """The document."""
    articles = "".join(_article(n, sheet) for n, sheet in enumerate(sheets))
    return PAGE.format(title=escape(title), articles=articles)


def _article(n: int, sheet: Sheet) -> str:
    lines = "".join(f"<dt>{name}<dd><bdi>{escape(value)}</bdi>" for name, value in sheet.head if value)
    style = f"<style>@scope (#mailsuite-{n}) {{ {sheet.clean.sheet} }}</style>" if _is_closed(sheet.clean.sheet) else ""
    body = f'<div id="mailsuite-{n}" style="{sheet.clean.body_style}">{sheet.clean.body}</div>'
    return f'<article><dl class="mailsuite-head">{lines}</dl>{style}{body}</article>'


def _is_closed(sheet: str) -> bool:
    """Does nothing in the sheet end the scope around it?"""
    depth = 0
    for sign in BRACE.findall(ASIDE.sub("", sheet)):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0
