"""What the application in the browser is told at its start, so that it can paint and act without asking first."""

from __future__ import annotations

import json

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static

from webmail.jmap import ids, mailbox, preferences, thread_row
from webmail.jmap.context import Context
from webmail.jmap.errors import Json
from webmail.jmap.session import session
from webmail.page import own_addresses, person

VIEW = "view"  # the cookie of a device that keeps to the simple view
SIMPLE = "simple"


def wanted(request: HttpRequest) -> bool:
    """Does this device want the application? The simple view is for those that said so, and for those without scripts."""
    return request.COOKIES.get(VIEW) != SIMPLE


def boot(request: HttpRequest, *, mailbox_id: int | None = None, query: str | None = None) -> str:
    """JSON for the page's `#boot`: who, where, every mailbox, and the first page of the list that the page shows."""
    account, account_id = request.user, ids.name("A", request.user.pk)
    context = Context(account)
    boxes = mailbox.get(context, {"accountId": account_id, "ids": None})
    found: Json = {
        "accountId": account_id,
        "capabilities": list(session(account, "")["capabilities"]),
        "csrf": get_token(request),
        "me": person(account) | {"addresses": sorted(own_addresses(account.pk))},
        "icons": static("icons.svg"),
        "timeZone": account.time_zone,
        "preferences": preferences.described(account),
        "state": boxes["state"],
        "mailboxes": boxes["list"],
    }
    source = _source(mailbox_id, query)
    if source:
        found["list"] = source | {"rows": thread_row.query(context, {"accountId": account_id} | source)}
    return _for_page(found)


def _source(mailbox_id: int | None, query: str | None) -> Json:
    if mailbox_id is not None:
        return {"mailboxId": ids.name("F", mailbox_id)}
    return {"query": query} if query else {}


def _for_page(data: Json) -> str:
    """As text that stays text inside a script element, whatever mail it quotes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
