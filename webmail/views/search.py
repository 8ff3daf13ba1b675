"""Search: the same list, how the query was read, and what to try where it found nothing."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from mailsuite.mailstore.models import Thread
from mailsuite.mailstore.rows import ListRow
from mailsuite.mailstore.search import find as store
from mailsuite.mailstore.search import grammar
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.query import conjuncts
from webmail import access, display, listing
from webmail.page import labels, own_addresses, page

EXAMPLES = (
    ("from:ana invoice", "from Ana, with this word"),
    ('"roof repair"', "these words in this order"),
    ("has:attachment larger:5M", "with large files"),
    ("is:unread label:garden", "unread, under a label"),
    ("after:2026-01 before:2026-04", "between two dates"),
    ("from:(ana OR bob) -newsletter", "one of two people, without a word"),
    ("in:trash receipt", "also what was thrown away"),
)


@require_safe
@access.signed_in
def show(request: HttpRequest) -> HttpResponse:
    """The results of `q`; without it, what can be asked."""
    query = request.GET.get("q", "").strip()
    if not query:
        return page(request, "webmail/search.html", {"title": "Search", "query": "", "examples": EXAMPLES})
    parsed, zone = grammar.parse(query), timezone.get_current_timezone()
    before = _cursor(request.GET.get("before", ""))
    found = store.find(request.user.pk, parsed, zone=zone, limit=listing.PER_PAGE, before=before)
    offers = store.relax(request.user.pk, parsed, zone=zone) if not found.thread_ids and not before else []
    context = {
        "title": "Search",
        "query": query,
        "place": "search",
        "rows": listing.rows_of(_rows(found.thread_ids), own_addresses(request.user.pk), labels(request)),
        "chips": _chips(parsed),
        "hints": [_sentence(hint, query) for hint in found.hints],
        "count": _count(found),
        "offers": [{"without": one.without, "href": _href(one.query), "count": one.count} for one in offers],
        "aside": _aside(found, query),
        "older": _href(query, found.cursor) if found.cursor else "",
        "origin": f"search&{urlencode({'q': query})}",
        "empty": "No mail found.",
    }
    return page(request, "webmail/search.html", context)


def _rows(thread_ids: list[int]) -> list[ListRow]:
    threads = Thread.objects.in_bulk(thread_ids)
    found = [threads[pk] for pk in thread_ids if pk in threads]
    return [ListRow(thread, thread.newest_at, thread.count or thread.total, thread.unread) for thread in found]


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _, number = text.partition("~")
    try:
        when = datetime.fromisoformat(at)
        return (when, int(number)) if len(number) < 19 else None
    except ValueError:
        return None


def _href(query: str, cursor: tuple[datetime, int] | None = None) -> str:
    asked = {"q": query} | ({"before": f"{cursor[0].isoformat()}~{cursor[1]}"} if cursor else {})
    return f"{reverse('search')}?{urlencode(asked)}"


def _count(found: store.Page) -> str:
    if found.count is None:
        return ""
    return ("" if found.exact else "about ") + display.plural(found.count, "conversation")


def _aside(found: store.Page, query: str) -> dict[str, str] | None:
    """ "4 more in Spam and Trash", one click away."""
    n = found.in_spam_and_trash
    if not n:
        return None
    shown = f"{n}" if n <= store.COUNTED else f"over {store.COUNTED}"
    return {"text": f"{shown} more in Spam and Trash", "href": _href(f"in:anywhere {query}")}


def _chips(parsed: grammar.Parsed) -> list[dict[str, str]]:
    """How the query was read, a chip for each thing that must hold, with the query without it."""
    found = []
    for part in conjuncts(parsed.tree):
        start, end = part.span
        text = parsed.text[start:end].strip()
        if text:
            rest = " ".join((parsed.text[:start] + parsed.text[end:]).split())
            found.append({"text": display.clean(text), "without": _href(rest) if rest else reverse("search")})
    return found


def _sentence(hint: Hint, query: str) -> SafeString:
    """A hint with what to write as a link that writes it."""
    better = _better(query, hint) if hint.typed and hint.meant else ""
    pieces = re.split(r"\*\*(.+?)\*\*", hint.text)
    return format_html_join("", "{}", ((_piece(text, bold=n % 2 == 1, better=better),) for n, text in enumerate(pieces)))


def _better(query: str, hint: Hint) -> str:
    """The query with what the hint says in place of the word it is about."""
    words = query.split()
    wrong = next((word for word in words if word == hint.typed), next((word for word in words if hint.typed in word), None))
    return " ".join(hint.meant if word == wrong else word for word in words)


def _piece(text: str, *, bold: bool, better: str) -> str:
    if not bold:
        return text
    return format_html('<a href="{}"><b>{}</b></a>', _href(better), text) if better else format_html("<b>{}</b>", text)
