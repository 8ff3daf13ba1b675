"""SearchSnippet/get: subject and text of what was found, with the words marked that were searched for (RFC 8621 §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from mailsuite.mailstore import emails as store
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.search import index
from mailsuite.mailstore.search.marking import Marker
from webmail.jmap import email_filter, ids
from webmail.jmap.arguments import only, strings
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

MOST = 100  # emails of a call: their texts are read
MOST_BYTES = 255  # of a preview, marks and all
BEFORE = 60  # characters of text before the first mark
Span = tuple[int, int]


def get(context: Context, arguments: Json) -> Json:
    """SearchSnippet/get."""
    only(arguments, "accountId", "filter", "emailIds")
    account_id, asked, filter = context.account_id(arguments), strings(arguments, "emailIds"), arguments.get("filter")
    if asked is None or not (filter is None or isinstance(filter, dict)):
        raise invalid("emailIds is a list of ids, filter an object")
    if len(asked) > MOST:
        raise MethodError("requestTooLarge", f"at most {MOST} emails")
    email_filter.tree(filter, [box.pk for box in mailboxes.list_all(account_id)])  # refuses what Email/query would refuse
    found = _snippets(account_id, asked, *_markers(filter))
    return {
        "accountId": ids.name("A", account_id),
        "list": [found[one] for one in dict.fromkeys(asked) if one in found],
        "notFound": [one for one in dict.fromkeys(asked) if one not in found] or None,
    }


def _markers(filter: Json | None) -> tuple[Marker, Marker]:
    """For subjects, and for bodies."""
    said = list(_said(filter)) if filter else []
    return tuple(
        Marker(word for name, words in said if name in ("text", where) for word in words) for where in ("subject", "body")
    )


def _said(filter: Json) -> Iterable[tuple[str, list[str]]]:
    """The words that must be there, by condition; what must not be there is not marked."""
    if "operator" not in filter:
        yield from ((name, email_filter.words_of(filter[name])) for name in ("text", "subject", "body") if name in filter)
    elif filter["operator"] != "NOT":
        for inner in filter["conditions"]:
            yield from _said(inner)


def _snippets(account_id: int, asked: Sequence[str], of_subject: Marker, of_body: Marker) -> dict[str, Json]:
    keys = [key[0] for one in asked if (key := ids.email_key(one)) is not None]
    messages = store.load(account_id, keys, ("subject",))
    bodies = {pk: text.body for pk, text in index.texts(list(messages))}
    return {
        message.email_id: {
            "emailId": message.email_id,
            "subject": whole(message.subject, of_subject.spans(message.subject)),
            "preview": window(bodies.get(pk, ""), of_body.spans(bodies.get(pk, ""))),
        }
        for pk, message in messages.items()
    }


def whole(text: str, spans: Sequence[Span]) -> str | None:
    """All of a text as HTML, marked; None where nothing is to be marked."""
    return _marked(text, 0, len(text), spans) if spans else None


def window(text: str, spans: Sequence[Span]) -> str | None:
    """What stands around the first mark, as HTML of at most 255 bytes; None where there is none."""
    if not spans:
        return None
    first, last = spans[0]
    start = max(first - BEFORE, 0)
    if start and (blank := text.find(" ", start, first)) >= 0:
        start = blank + 1
    for begin in (start, first):
        for end in range(min(begin + MOST_BYTES, len(text)), begin, -5):
            marked = _marked(text, begin, end, spans)
            if end >= min(last, begin + MOST_BYTES // 6) and len(marked.encode("utf-8", "replace")) <= MOST_BYTES:
                return marked
    return None


def _marked(text: str, start: int, end: int, spans: Sequence[Span]) -> str:
    pieces, at = [], start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first < last and first >= at:
            pieces += [_plain(text[at:first]), "<mark>", _plain(text[first:last]), "</mark>"]
            at = last
    return "".join([*pieces, _plain(text[at:end])])


def _plain(text: str) -> str:
    return escape(re.sub(r"\s+", " ", text))
