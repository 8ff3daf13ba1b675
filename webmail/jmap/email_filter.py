"""A filter of Email/query as the store's query tree (RFC 8621 §4.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from mailsuite.mailstore.search import fold
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Not, Or, Term
from webmail.jmap import arguments, ids, querying
from webmail.jmap.email_stored import FLAGS
from webmail.jmap.errors import Json, MethodError, invalid

NOTHING = Not(EVERYTHING)
KEYWORD = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|}~]{1,255}")  # RFC 8621 §4.1.1
WORD = re.compile(r""""((?:[^"\\]|\\.)*+)"|'((?:[^'\\]|\\.)*+)'|(\S+)""", re.S)
MOST_WORDS = 100
MOST_TEXT = 10_000  # characters that one condition looks for
# Of conditions that cost a look at many messages each: those that ask of conversations, and those that read headers.
MOST_COSTLY = {"InThreadHaveKeyword": 10, "header": 5}
# Where words are looked for: in the field that is named, and nowhere else.
WORDS = {"text": "text", "from": "author", "to": "recipient", "cc": "copied", "bcc": "blind_copied"}
WORDS |= {name: name for name in ("subject", "body")}


def tree(filter: Json | None, mailboxes: Sequence[int]) -> Node:
    """The query that asks the same. mailboxes: the ids of all the account's mailboxes. Raises MethodError."""
    if filter is None:
        return EVERYTHING
    left = dict(MOST_COSTLY)

    def condition(one: Json) -> Node:
        for name in one:
            for ending in left:
                left[ending] -= name.endswith(ending)
        if min(left.values()) < 0:
            raise MethodError("unsupportedFilter", "Too many conditions that ask of conversations or header fields")
        return _condition(one, mailboxes)

    return querying.folded(filter, condition, _combined)


def _combined(operator: str, nodes: list[Node]) -> Node:
    if operator == "AND":
        return _all(nodes)
    either = Or(tuple(nodes)) if nodes else NOTHING
    return either if operator == "OR" else Not(either)


def _all(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _condition(condition: Json, mailboxes: Sequence[int]) -> Node:
    if unknown := condition.keys() - _CONDITIONS.keys():
        raise MethodError("unsupportedFilter", f"{min(unknown)[:100]} is no condition")
    return _all([_CONDITIONS[name](name, value, mailboxes) for name, value in condition.items()])


# --- one condition each: its name, its value, all mailboxes of the account ---


def _in_mailbox(name: str, value: Any, mailboxes: Sequence[int]) -> Node:
    if not isinstance(value, str):
        raise invalid(f"{name} is an id")
    pk = ids.key("F", value)
    return Term("mailboxes", (pk,)) if pk in mailboxes else NOTHING


def _in_other(name: str, value: Any, mailboxes: Sequence[int]) -> Node:
    """In at least one that is not of these."""
    named = {ids.key("F", one) for one in _strings(name, value)}
    return Term("mailboxes", tuple(pk for pk in mailboxes if pk not in named))


def _searchable(value: str) -> str:
    if len(value) > MOST_TEXT:
        raise MethodError("unsupportedFilter", f"More than {MOST_TEXT} characters to look for")
    return value


def _strings(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid(f"{name} is a list of strings")
    return value


def _moment(operator: str) -> Callable[[str, Any, Sequence[int]], Node]:
    # receivedAt is told to the second, so what is finer than that is after it.
    return lambda name, value, _: Term(operator, f"@{ceil(arguments.date(value, name).timestamp())}")


def _size(operator: str) -> Callable[[str, Any, Sequence[int]], Node]:
    return lambda name, value, _: Term(operator, arguments.number({name: _there(name, value)}, name))


def _there(name: str, value: Any) -> Any:
    if value is None:
        raise invalid(f"{name} has no value")
    return value


def keyword(name: str, value: Any) -> Node:
    """What carries this keyword. Raises MethodError for what is none."""
    if not isinstance(value, str) or not KEYWORD.fullmatch(value):
        raise invalid(f"{name} is a keyword")
    flag = FLAGS.get(value.lower())
    return Term("flag", flag) if flag else Term("keyword", value)


def some_in_thread(node: Node) -> Node:
    """What is in a conversation in which a message fulfils it."""
    return Term("in_thread", node)


def all_in_thread(node: Node) -> Node:
    """What is in a conversation in which every message fulfils it."""
    return Not(Term("in_thread", Not(node)))


def _keyword(made: Callable[[Node], Node]) -> Callable[[str, Any, Sequence[int]], Node]:
    return lambda name, value, _: made(keyword(name, value))


def _attachment(name: str, value: Any, _: Sequence[int]) -> Node:
    if not isinstance(value, bool):
        raise invalid(f"{name} is true or false")
    found = Term("has", "attachment")
    return found if value else Not(found)


def _words(name: str, value: Any, _: Sequence[int]) -> Node:
    """Every word or quoted phrase must be there; what has no letters cannot be looked for, and is left out beside what has.

    A star at the end of one lets its last word go on, as in the search box.
    """
    if not isinstance(value, str):
        raise invalid(f"{name} is a string")
    wanted = [word for word in words_of(_searchable(value)) if fold.tokens(word)]
    if len(wanted) > MOST_WORDS:
        raise MethodError("unsupportedFilter", f"More than {MOST_WORDS} words")
    if not wanted:
        return NOTHING if value.strip() else EVERYTHING
    return _all([Term(WORDS[name], word, prefix=word.endswith("*")) for word in wanted])


def words_of(text: str) -> list[str]:
    """The words and quoted phrases of a text that is searched for, without their quotes."""
    return [word or re.sub(r"\\(.)", r"\1", double or single) for double, single, word in WORD.findall(text)]


def _header(name: str, value: Any, _: Sequence[int]) -> Node:
    asked = _strings(name, value)
    if len(asked) not in (1, 2) or not re.fullmatch(r"[!-9;-~]{1,200}", asked[0]):
        raise invalid(f"{name} is the name of a field, and perhaps a text")
    return Term("contains", (f"header:{asked[0].lower()}", _searchable(asked[1]) if len(asked) == 2 else ""))


_CONDITIONS: dict[str, Callable[[str, Any, Sequence[int]], Node]] = {
    "inMailbox": _in_mailbox,
    "inMailboxOtherThan": _in_other,
    "before": _moment("before"),
    "after": _moment("after"),
    "minSize": _size("larger"),
    "maxSize": _size("smaller"),
    "allInThreadHaveKeyword": _keyword(all_in_thread),
    "someInThreadHaveKeyword": _keyword(some_in_thread),
    "noneInThreadHaveKeyword": _keyword(lambda node: Not(some_in_thread(node))),
    "hasKeyword": _keyword(lambda node: node),
    "notKeyword": _keyword(Not),
    "hasAttachment": _attachment,
    "header": _header,
    **dict.fromkeys(WORDS, _words),
}
