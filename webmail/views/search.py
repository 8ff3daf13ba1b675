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

from mailsuite.mailstore import rows
from mailsuite.mailstore.search import find as store
from mailsuite.mailstore.search import grammar
from mailsuite.mailstore.search.chips import better, chips
from mailsuite.mailstore.search.hints import Hint
from webmail import access, display, listing
from webmail.boot import Found, boot, wanted
from webmail.i18n import mark, t
from webmail.jmap.standard import mail_state
from webmail.page import labels, own_addresses, page

EXAMPLES = (
    ("from:ana invoice", mark("from Ana, with this word")),
    ('"roof repair"', mark("these words in this order")),
    ("has:attachment larger:5M", mark("with large files")),
    ("is:unread label:garden", mark("unread, under a label")),
    ("after:2026-01 before:2026-04", mark("between two dates")),
    ("from:(ana OR bob) -newsletter", mark("one of two people, without a word")),
    ("in:trash receipt", mark("also what was thrown away")),
)


@require_safe
@access.signed_in
def show(request: HttpRequest) -> HttpResponse:
    """The results of `q`; without it, what can be asked."""
    query = request.GET.get("q", "").strip()
    if not query:
        return page(request, "webmail/search.html", {"title": t("Search"), "query": "", "examples": EXAMPLES})
    parsed, zone = grammar.parse(query), timezone.get_current_timezone()
    before, state = _cursor(request.GET.get("before", "")), mail_state(request.user.pk)
    found = store.find(request.user.pk, parsed, zone=zone, limit=listing.PER_PAGE, before=before)
    offers = store.relax(request.user.pk, parsed, zone=zone) if not found.thread_ids and not before else []
    there = rows.by_thread(request.user.pk, found.thread_ids)
    context = {
        "title": t("Search"),
        "query": query,
        "place": "search",
        "rows": listing.rows_of(there, own_addresses(request.user.pk), labels(request)),
        "chips": _chips(parsed),
        "hints": [_sentence(hint, query) for hint in found.hints],
        "count": _count(found),
        "offers": [_offer(one) for one in offers],
        "aside": _aside(found, query),
        "older": _href(query, found.cursor) if found.cursor else "",
        "origin": f"search&{urlencode({'q': query})}",
        "empty": t("No mail found."),
        "boot": boot(request, query=query, found=None if before else Found(state, parsed, found, offers))
        if wanted(request)
        else "",
    }
    return page(request, "webmail/search.html", context)


def _offer(one: store.Relaxed) -> dict[str, object]:
    return {"shown": format_html("<b>{}</b>", one.without), "href": _href(one.query), "count": one.count}


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
    if not found.exact:
        return t("about {count} conversations", count=found.count)
    return t("{count, plural, one {# conversation} other {# conversations}}", count=found.count)


def _aside(found: store.Page, query: str) -> dict[str, str] | None:
    """ "4 more in Spam and Trash", one click away."""
    n = found.in_spam_and_trash
    if not n:
        return None
    if n <= store.COUNTED:
        text = t("{count, plural, one {# more in Spam and Trash} other {# more in Spam and Trash}}", count=n)
    else:
        text = t("over {count} more in Spam and Trash", count=store.COUNTED)
    return {"text": text, "href": _href(f"in:anywhere {query}")}


def _chips(parsed: grammar.Parsed) -> list[dict[str, str]]:
    """How the query was read, a chip for each thing that must hold, with the query without it."""
    return [
        {"text": display.clean(chip.text), "without": _href(chip.without) if chip.without else reverse("search")}
        for chip in chips(parsed)
    ]


def _sentence(hint: Hint, query: str) -> SafeString:
    """A hint with what to write as a link that writes it."""
    pieces, instead = re.split(r"\*\*(.+?)\*\*", hint.text), better(query, hint)
    return format_html_join("", "{}", ((_piece(text, bold=n % 2 == 1, better=instead),) for n, text in enumerate(pieces)))


def _piece(text: str, *, bold: bool, better: str) -> str:
    if not bold:
        return text
    return format_html('<a href="{}"><b>{}</b></a>', _href(better), text) if better else format_html("<b>{}</b>", text)
