"""A preview as a document of its own: what is in the file, escaped, under a policy that lets nothing run and nothing leave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import quote

from mailsuite.protocol import calendar, header, vcard
from mailsuite.protocol.charset import to_text
from webmail import display, event_card
from webmail.previews import archive
from webmail.previews.files import File
from webmail.previews.kinds import Kind

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-downloads",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}
LIGHT = "--bg: #ffffff; --text: #182024; --dim: #4f5b62; --line: #d3dadc; --soft: #f5f7f7; --link: #0b5cad; color-scheme: light;"
DARK = "--bg: #13181b; --text: #e7ecee; --dim: #aab5bc; --line: #343d43; --soft: #1a2024; --link: #8fbef5; color-scheme: dark;"
PAGE = """<!doctype html>
<html lang="und"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>
<style>
:root {{ {colors} }}
body {{ margin: 16px; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }}
a {{ color: var(--link); }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, Menlo, monospace; }}
img, video {{ max-width: 100%; height: auto; }} .sheet {{ display: block; margin: 0 auto 16px; border: 1px solid var(--line); }}
table {{ border-collapse: collapse; font-size: 13px; }}
td, th {{ padding: 4px 8px; border: 1px solid var(--line); text-align: start;
  vertical-align: top; overflow-wrap: anywhere; }}
th {{ background: var(--soft); }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }}
dt, .dim {{ color: var(--dim); }} dd {{ margin: 0; }}
iframe {{ width: 100%; height: 75vh; border: 1px solid var(--line); }} .text {{ margin: 0 0 24px; color: var(--dim); }}
.gone {{ text-decoration: line-through; }}
</style></head><body dir="auto">{body}</body></html>
"""
MOST_TEXT = 2_000_000  # characters that a browser is asked to lay out
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 1_000, 60, 2_000
MOST_PAGES = 200


def page(file: File, address: str, *, dark: bool = False) -> str | None:
    """The document for a file; None for one that has no preview. address: of the file's folder, with a `/` at its end."""
    make = MAKERS.get(file.kind) if file.kind else None
    if make is None:
        return None
    return document(file.name, make(file, address), dark=dark)


def document(name: str, body: str, *, dark: bool = False) -> str:
    return PAGE.format(name=escape(name), body=body, colors=DARK if dark else LIGHT)


def _image(file: File, address: str) -> str:
    return f'<img class="sheet" src="{address}picture?side=2048" alt="{escape(file.name)}">'


def pages(file: File, address: str, count: int, texts: Iterable[str] = ()) -> str:
    """A PDF file, page by page; the text of its first pages is there for those who copy it or have it read aloud."""
    spoken = list(texts)
    found = []
    for n in range(min(count, MOST_PAGES)):
        lazy = ' loading="lazy"' if n else ""
        found.append(f'<img class="sheet" src="{address}picture?page={n}&amp;side=1600" alt="Page {n + 1} of {count}"{lazy}>')
        if n < len(spoken) and spoken[n].strip():
            found.append(f"<details class=text><summary>Text of page {n + 1}</summary><pre>{escape(spoken[n])}</pre></details>")
    more = f"<p class=dim>{count - MOST_PAGES} more pages are in the file.</p>" if count > MOST_PAGES else ""
    return "".join(found) + more


def _text(file: File, address: str) -> str:
    text = display.clean_lines(to_text(file.content[: MOST_TEXT * 4]))
    more = "<p class=dim>The rest is in the file.</p>" if len(text) > MOST_TEXT else ""
    return f"<pre>{escape(text[:MOST_TEXT])}</pre>{more}"


def _table(file: File, address: str) -> str:
    text = to_text(file.content[: MOST_TEXT * 4])[:MOST_TEXT].replace("\0", "")
    first = text.partition("\n")[0]
    divider = max(",;\t|", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=divider):
            rows.append([cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]])
            if len(rows) > MOST_ROWS:
                break
    except csv.Error:
        return _text(file, address)
    head, shown = (rows[0] if rows else []), rows[1:MOST_ROWS]
    more = "<p class=dim>Further rows are in the file.</p>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead>{_row('th', head)}</thead><tbody>{''.join(_row('td', row) for row in shown)}</tbody></table>{more}"


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(display.clean_lines(cell))}</{tag}>' for cell in cells)}</tr>"


def _media(file: File, address: str) -> str:
    return f'<{file.kind} controls preload="metadata" src="{address}media" style="max-width: 100%"></{file.kind}>'


def _message(file: File, address: str) -> str:
    block, _ = header.split_message(file.content)
    found = header.fields(block)
    lines = [(name, header.get(found, name.lower())) for name in ("From", "To", "Cc", "Date", "Subject")]
    shown = "".join(f"<dt>{name}<dd><bdi>{escape(display.clean(header.decode(raw)))}</bdi>" for name, raw in lines if raw)
    rights = "allow-popups allow-popups-to-escape-sandbox allow-same-origin"
    return f'<dl>{shown}</dl><iframe sandbox="{rights}" src="{address}body" title="Message"></iframe>'


def _archive(file: File, address: str) -> str:
    found, complete = archive.entries(file.content)
    if not found and not complete:
        return "<p class=dim>This archive can't be read.</p>"
    rows = [
        f"<tr><td><bdi>{escape(one.name)}</bdi>{' <b>locked</b>' if one.is_locked else ''}<td>{display.size(one.size)}</tr>"
        for one in found
    ]
    more = "" if complete else "<p class=dim>There is more in the file.</p>"
    return f"<table><thead><tr><th>Name<th>Size</thead><tbody>{''.join(rows)}</tbody></table>{more}"


def _contact(file: File, address: str) -> str:
    cards = vcard.parse(to_text(file.content[: vcard.MOST_BYTES]))
    return "".join(map(_card, cards)) or "<p class=dim>There is no contact in this file.</p>"


def _card(card: vcard.Card) -> str:
    rows = [
        ("Title", [card.title] if card.title else []),
        ("Organisation", card.organisations),
        ("Mail", card.emails),
        ("Phone", card.phones),
        ("Address", card.addresses),
        ("Web", card.links),
        ("Birthday", [card.birthday] if card.birthday else []),
        ("Note", card.notes),
    ]
    shown = "".join(f"<dt>{name}<dd>{'<br>'.join(_value(name, one) for one in values)}" for name, values in rows if values)
    return f"<h1><bdi>{escape(display.clean(card.name or 'Contact'))}</bdi></h1><dl>{shown}</dl>"


def _value(name: str, value: str) -> str:
    shown = f"<bdi>{escape(display.clean(value))}</bdi>"
    if name == "Mail" and "@" in value:
        return f'<a target="_blank" rel="noopener" href="/compose?to={escape(quote(display.clean(value)))}">{shown}</a>'
    return shown


def _event(file: File, address: str) -> str:
    said = calendar.parse(to_text(file.content[: calendar.MOST_CHARACTERS]))
    if said is None:
        return "<p class=dim>There is no event in this file.</p>"
    card = event_card.plain(said)
    guests = "<br>".join(f"<bdi>{escape(name)}</bdi> <span class=dim>{escape(status)}</span>" for name, status in card.guests)
    rows = [("When", card.when), ("", card.when_there), ("", card.repeats), ("Where", card.where), ("Organiser", card.organiser)]
    shown = "".join(f"<dt>{name}<dd><bdi>{escape(value)}</bdi>" for name, value in rows if value)
    described = f"<pre>{escape(card.description)}</pre>" if card.description else ""
    gone = " class=gone" if said.status == "CANCELLED" or said.method == "CANCEL" else ""
    return (
        f"<h1{gone}><bdi>{escape(card.title)}</bdi></h1><dl>{shown}{f'<dt>Guests<dd>{guests}' if guests else ''}</dl>{described}"
    )


MAKERS: dict[Kind, Callable[[File, str], str]] = {
    Kind.IMAGE: _image,
    Kind.TEXT: _text,
    Kind.SOURCE: _text,
    Kind.TABLE: _table,
    Kind.AUDIO: _media,
    Kind.VIDEO: _media,
    Kind.MESSAGE: _message,
    Kind.ARCHIVE: _archive,
    Kind.CONTACT: _contact,
    Kind.EVENT: _event,
}
