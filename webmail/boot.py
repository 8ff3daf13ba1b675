"""What the application in the browser is told at its start, so that it can paint and act without asking first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static

from mailsuite.accounts.models import Account
from mailsuite.mailstore.search.find import Page, Relaxed
from mailsuite.mailstore.search.grammar import Parsed
from webmail import i18n
from webmail.jmap import identity, ids, limits, mailbox, preferences, thread_row
from webmail.jmap.context import Context
from webmail.jmap.errors import Json
from webmail.jmap.session import OWN, session
from webmail.page import own_addresses, person

VIEW = "view"  # the cookie of a device that keeps to the simple view
SIMPLE = "simple"
MOST_SIGNED = 4_000  # characters of signatures that every page may carry


def wanted(request: HttpRequest) -> bool:
    """Does this device want the application? The simple view is for those that said so, and for those without scripts."""
    return request.COOKIES.get(VIEW) != SIMPLE


@dataclass(frozen=True, slots=True)
class Found:
    """What the page's own search found: the application is told the same, for to search costs more than all else on a page."""

    state: str  # of before the search
    parsed: Parsed
    page: Page
    offers: Sequence[Relaxed]


def boot(
    request: HttpRequest,
    *,
    mailbox_id: int | None = None,
    query: str | None = None,
    found: Found | None = None,
    unread: Sequence[int] = (),
) -> str:
    """JSON for the page's `#boot`: who, where, every mailbox, and the first page of the list that the page shows.

    found: of `query`, where it was searched for already. unread: messages that were so until this page of a conversation was
    asked for, which marks them as read.
    """
    request.is_application = True  # for the page's security policy
    account, account_id = request.user, ids.name("A", request.user.pk)
    context = Context(account, using=frozenset({OWN}))  # labels with their colours
    boxes = mailbox.get(context, {"accountId": account_id, "ids": None})
    said: Json = {
        "accountId": account_id,
        "capabilities": list(session(account, "")["capabilities"]),
        "csrf": get_token(request),
        "me": person(account) | {"addresses": sorted(own_addresses(account.pk))},
        "icons": static("icons.svg"),
        "timeZone": account.time_zone,
        "maxUpload": limits.upload_bytes(),
        "language": i18n.current(),
        "catalogues": catalogues(),
        "preferences": preferences.described(account),
        "state": boxes["state"],
        "mailboxes": boxes["list"],
    }
    if own := _identities(account):
        said["identities"] = own
    if unread:
        said["unread"] = [str(pk) for pk in unread]
    if source := _source(mailbox_id, query):
        mode = {} if said["preferences"]["conversations"] else {"perMessage": True}
        said["list"] = source | {"rows": _rows(context, {"accountId": account_id} | source | mode, found)}
    return _for_page(said)


def _identities(account: Account) -> list[Json]:
    """As whom one may write, so that a letter opens at once; none where signatures would weigh more than the list."""
    found = list(identity.described(account).values())
    return found if sum(len(one["textSignature"]) + len(one["htmlSignature"]) for one in found) <= MOST_SIGNED else []


def _rows(context: Context, asked: Json, found: Found | None) -> Json:
    """The answer to this ThreadRow/query; of a search for conversations that was done already, without doing it again."""
    if found is None or "query" not in asked or "perMessage" in asked:
        return thread_row.query(context, asked)
    rows = thread_row.found_rows(context, found.parsed, found.page, found.offers)
    return {"accountId": asked["accountId"], "queryState": found.state} | rows


def catalogues() -> dict[str, str]:
    """Where the application's words are, by language."""
    return {language: static(f"app/{language}.json") for language in i18n.LANGUAGES if language != "en"}


def _source(mailbox_id: int | None, query: str | None) -> Json:
    if mailbox_id is not None:
        return {"mailboxId": ids.name("F", mailbox_id)}
    return {"query": query} if query else {}


def _for_page(data: Json) -> str:
    """As text that stays text inside a script element, whatever mail it quotes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
