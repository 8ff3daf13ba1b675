"""ThreadRow/query and ThreadRow/changes: pages of a list of conversations, as its rows show them (product.md 3.6, 10.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mailsuite.mailstore import mailboxes, purge, rows, stars
from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.rows import ListRow
from mailsuite.mailstore.search import find
from mailsuite.mailstore.search.grammar import Parsed
from mailsuite.mailstore.search.singles import Single, Singles
from webmail import dates, display
from webmail.jmap import ids, limits, query_parse, standard
from webmail.jmap.arguments import boolean, number, only, text, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid
from webmail.page import own_addresses

# A page of 50 is to be under 25 KB: what a row can show of its texts on a wide screen, and no more. In bytes of UTF-8.
SUBJECT, TEXTS, LEAST_PREVIEW, NAME = 140, 225, 70, 48
MOST_CHANGES = 500
CURSOR = re.compile(r"(-?\d{1,17})~([1-9]\d{0,17})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Cursor = tuple[datetime, int]


def query(context: Context, arguments: Json) -> Json:
    """A page of the rows of a mailbox, or of what a query finds, newest first: of conversations, or of single messages."""
    only(arguments, "accountId", "mailboxId", "query", "unreadOnly", "perMessage", "before", "limit")
    account_id = context.account_id(arguments)
    if (arguments.get("mailboxId") is None) == (arguments.get("query") is None):
        raise invalid("Name either mailboxId or query")
    state = standard.mail_state(account_id)  # before the rows: what changes meanwhile is told again, and never missed
    limit = min(number(arguments, "limit", limits.ROWS, least=1) or 0, limits.ROWS)
    page = _of_mailbox if arguments.get("query") is None else _of_query
    if boolean(arguments, "perMessage"):
        page = _of_singles
    return {
        "accountId": ids.name("A", account_id),
        "queryState": state,
        **page(context, arguments, _cursor(text(arguments, "before")), limit),
    }


def changes(context: Context, arguments: Json) -> Json:
    """The rows of a mailbox's list that are new or changed, and the conversations that changed and are not in it.

    Where more changed than a client would want to patch, it is told to ask for its page anew (cannotCalculateChanges).
    """
    only(arguments, "accountId", "mailboxId", "sinceQueryState", "maxChanges")
    account_id = context.account_id(arguments)
    since = standard.since_modseq(arguments, "sinceQueryState")
    state = standard.mail_state(account_id)
    box = _mailbox(context, arguments)
    most = min(number(arguments, "maxChanges", MOST_CHANGES, least=1) or 0, MOST_CHANGES)
    found = rows.changed_in(box, since, most)
    if found is None:
        raise MethodError("cannotCalculateChanges")
    return {
        "accountId": ids.name("A", account_id),
        "oldQueryState": arguments["sinceQueryState"],
        "newQueryState": state,
        "total": box.threads,
        "list": _rows(context, found[0], box),
        "removed": [ids.name("T", pk) for pk in found[1]],
    }


def _of_mailbox(context: Context, arguments: Json, before: Cursor | None, limit: int) -> Json:
    box, unread = _mailbox(context, arguments), boolean(arguments, "unreadOnly")
    found = rows.page(box, before, limit + 1, unread_only=unread)
    last = found[limit - 1] if len(found) > limit else None
    return {
        "list": _rows(context, found[:limit], box),
        "cursor": _as_text((last.newest_at, last.thread.pk)) if last else None,
        "total": box.unread_threads if unread else box.threads,
        "isTotalExact": True,
        "asideTotal": 0,
        "hints": [],
        "offers": [],
    }


def _of_query(context: Context, arguments: Json, before: Cursor | None, limit: int) -> Json:
    if boolean(arguments, "unreadOnly"):
        raise invalid("unreadOnly goes with mailboxId; a query says is:unread")
    account, parsed = context.account, query_parse.read(arguments)
    zone = dates.zone_of(account.time_zone)
    found = find.find(account.pk, parsed, zone=zone, limit=limit, before=before)
    offers = find.relax(account.pk, parsed, zone=zone) if not found.thread_ids and not before else []
    return found_rows(context, parsed, found, offers)


def found_rows(context: Context, parsed: Parsed, found: find.Page, offers: Sequence[find.Relaxed]) -> Json:
    """What a search found, as ThreadRow/query says it."""
    return {
        "list": _rows(context, rows.by_thread(context.account.pk, found.thread_ids)),
        "cursor": _as_text(found.cursor) if found.cursor else None,
        "total": found.count,
        "isTotalExact": found.exact,
        "asideTotal": found.in_spam_and_trash,
        "hints": query_parse.said(parsed.text, found.hints),
        "offers": [{"without": one.without, "query": one.query, "total": one.count, "isTotalExact": one.exact} for one in offers],
    }


def _of_singles(context: Context, arguments: Json, before: Cursor | None, limit: int) -> Json:
    """Each message is a row (F13). What a search finds nothing for, it would find for conversations too: no offers of its own."""
    account, unread, parsed, box = context.account, boolean(arguments, "unreadOnly"), None, None
    boxes = mailboxes.list_all(account.pk)
    if arguments.get("query") is None:
        box = _mailbox(context, arguments)
        singles = Singles(account.pk, boxes, mailbox=box)
    elif unread:
        raise invalid("unreadOnly goes with mailboxId; a query says is:unread")
    else:
        parsed = query_parse.read(arguments)
        singles = Singles(account.pk, boxes, query=parsed.tree, zone=dates.zone_of(account.time_zone))
    found = singles.page(before, limit + 1, unread_only=unread)
    last = found[limit - 1] if len(found) > limit else None
    return {
        "list": _single_rows(context, found[:limit]),
        "cursor": _as_text((last.row.newest_at, last.message_id)) if last else None,
        "total": singles.total(unread_only=unread) if box or not before else None,
        "isTotalExact": True,
        "asideTotal": 0,
        "hints": query_parse.said(parsed.text, find.hints_of(account.pk, parsed)) if parsed else [],
        "offers": [],
    }


def _single_rows(context: Context, found: Sequence[Single]) -> list[Json]:
    own, days = own_addresses(context.account.pk), purge.keeps_for(context.account)
    return [
        _row(one.row, own)
        | {"emailId": one.email_id}
        | ({"purgedAt": utc(one.moved_at + timedelta(days=days))} if one.moved_at and days else {})
        for one in found
    ]


def _mailbox(context: Context, arguments: Json) -> Mailbox:
    key = ids.key("F", text(arguments, "mailboxId"))
    box = Mailbox.objects.filter(account_id=context.account.pk, pk=key).first() if key else None
    if box is None:
        raise invalid("mailboxId names no mailbox")
    return box


def _cursor(said: str | None) -> Cursor | None:
    """(newest_at, thread's key) of the last row of the page before."""
    if said is None:
        return None
    found = CURSOR.fullmatch(said)
    try:
        return (EPOCH + timedelta(microseconds=int(found[1])), int(found[2])) if found else _no_cursor()
    except OverflowError:
        return _no_cursor()


def _no_cursor() -> Cursor:
    raise invalid("before is no cursor")


def _as_text(cursor: Cursor) -> str:
    return f"{(cursor[0] - EPOCH) // MICROSECOND}~{cursor[1]}"


def _rows(context: Context, found: Sequence[ListRow], box: Mailbox | None = None) -> list[Json]:
    own, until = own_addresses(context.account.pk), {}
    if box and box.role in (Mailbox.Role.TRASH, Mailbox.Role.JUNK):
        until = _purged_at(context, found, box)
    return [_row(row, own) | until.get(row.thread.pk, {}) for row in found]


def _purged_at(context: Context, found: Sequence[ListRow], box: Mailbox) -> Mapping[int, Json]:
    days = purge.keeps_for(context.account)
    moved = rows.moved_at(box, [row.thread.pk for row in found]) if days else {}
    return {pk: {"purgedAt": utc(at + timedelta(days=days))} for pk, at in moved.items()}


def _row(row: ListRow, own: frozenset[str]) -> Json:
    thread, subject, writers = row.thread, _cut(row.thread.subject, SUBJECT), _writers(row.thread.writers, own)
    taken = sum(len(text.encode()) for text in (subject, *(one.get(key, "") for one in writers for key in ("name", "email"))))
    times = {
        "snoozedAt": thread.snoozed_at,
        "snoozedUntil": thread.snoozed_until,
        "wokeAt": thread.woke_at,
        "sendAt": thread.sends_at,
    }
    marks = {"starred": thread.starred, "attachment": thread.attachments, "draft": thread.draft, "muted": thread.muted}
    return {
        "id": ids.name("T", thread.pk),
        "subject": subject,
        "preview": _cut(thread.preview, max(LEAST_PREVIEW, TEXTS - taken)),
        "writers": writers,
        **({"writerCount": len(thread.writers)} if len(thread.writers) > len(writers) else {}),
        "count": row.count,
        "unread": row.unread,
        "at": utc(row.newest_at),
        "marks": [name for name, is_set in marks.items() if is_set],
        "labels": [ids.name("F", pk) for pk in thread.labels],
        **({"starColor": thread.star or stars.COLORS[0]} if thread.starred else {}),
        **{name: utc(at) for name, at in times.items() if at},
    }


def _writers(people: Sequence[Sequence[object]], own: frozenset[str]) -> list[Json]:
    """Who began, and who wrote last; with an address, for the picture beside the row, the last of others whose mail is unread,
    else the last of others: of writers only their first appearance is known."""
    shown = people if len(people) <= 3 else [people[0], *people[-2:]]
    found = [_writer(*person[:3], own) for person in shown]
    others = [n for n, one in enumerate(found) if "isMe" not in one] or [len(found) - 1]
    face = max(others, key=lambda n: ("isUnread" in found[n], n))
    if found:
        found[face]["email"] = _cut(str(shown[face][1]), NAME)
    return found


def _writer(name: object, address: object, unread: object, own: frozenset[str]) -> Json:
    marks = {"isMe": str(address).casefold() in own, "isUnread": bool(unread)}
    return {"name": _cut(display.name_of(str(name)[:NAME], str(address)), NAME)} | {
        mark: True for mark, is_set in marks.items() if is_set
    }


def _cut(value: str, most: int) -> str:
    """One line without what deceives the eye, at most so many bytes, an ellipsis for the rest."""
    clean = display.clean(value[: 4 * most])
    coded = clean.encode()
    return clean if len(coded) <= most else coded[: most - 3].decode(errors="ignore").rstrip() + "…"
