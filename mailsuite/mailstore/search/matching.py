"""Which part of a query the full-text index answers: terms of text, people, kinds and traits become a `Match`. Pure."""

from __future__ import annotations

from collections.abc import Callable

from mailsuite.mailstore.search import fold
from mailsuite.mailstore.search.document import WORDS, All, Any, Fact, Match, Near, Phrase, Without
from mailsuite.mailstore.search.query import And, Around, Node, Not, Or, Term

EVERYBODY = ("author", "recipient", "cc", "bcc")
FIELDS = {
    "text": WORDS,
    "subject": ("subject",),
    "body": ("body",),
    "filename": ("files",),
    "from": ("author",),
    "to": ("recipient", "cc", "bcc"),
    "cc": ("cc",),
    "bcc": ("bcc",),
    "with": EVERYBODY,
    "author": ("author",),
    "recipient": ("recipient",),
    "copied": ("cc",),
    "blind_copied": ("bcc",),
}
PEOPLE = frozenset({"from", "to", "cc", "bcc", "with"})
NOTHING = Fact(("never",))  # a tag that no message carries

# Tags of `protocol.traits`. A discussion list is one that can be posted to; newsletters carry a List-Id as well.
_LIST = All((Fact(("tlistid",)), Fact(("tlistpost",))))
_ANY_LIST = Any((Fact(("tlistid",)), Fact(("tlistpost",))))
_BULK = Any((Fact(("tbulk",)), Fact(("tlistunsubscribe",))))
_AUTO = Fact(("tauto",))
_NEWSLETTER = All((_BULK, Without(_LIST)))
_NOTICE = All((_AUTO, Without(Any((_BULK, _LIST)))))
# What traits say of a message's bundle (product.md 1.7) and nature; values of `is:` and `category:`.
NATURES: dict[str, Match] = {
    "list": _LIST,
    "newsletter": _NEWSLETTER,
    "notice": _NOTICE,
    "people": Without(Any((_LIST, _BULK, _AUTO))),
    "receipt": Fact(("treceipt",)),
    "encrypted": Fact(("tencrypted",)),
    "signed": Fact(("tsigned",)),
    "tracked": Fact(("ttracked",)),
    "chat": Any((Fact(("tchat",)), Fact(("tchatgroup",)))),
}


def as_match(node: Node, mine: tuple[str, ...]) -> Match | None:
    """What to ask the index for this node; None where it cannot answer. `mine`: the account's addresses, for `me`."""
    match node:
        case Term():
            return None if node.exact else _of_term(node, mine)
        case Around(left, right, within):
            sides = _of_term(left, mine), _of_term(right, mine)
            return Near(*sides, within) if isinstance(sides[0], Phrase) and isinstance(sides[1], Phrase) else None
        case Not(child):
            inner = as_match(child, mine)
            return Without(inner) if inner else None
        case And(children):
            return _together(All, [as_match(child, mine) for child in children])
        case Or(children):
            return _together(Any, [as_match(child, mine) for child in children])


def _together(kind: Callable[[tuple[Match, ...]], Match], parts: list[Match | None]) -> Match | None:
    return kind(tuple(part for part in parts if part)) if parts and None not in parts else None


def _of_term(term: Term, mine: tuple[str, ...]) -> Match | None:
    if term.operator == "with":
        return None  # asked of the conversation, not of one message
    return phrase_of(term, mine) if term.operator in FIELDS else _of_fact(term.operator, term)


def phrase_of(term: Term, mine: tuple[str, ...]) -> Match:
    """The words of a text or people term, next to one another."""
    fields = FIELDS[term.operator]
    if term.operator in PEOPLE and str(term.value).lower() == "me":
        return Any(tuple(Phrase(fields, tuple(fold.tokens(address))) for address in mine)) if mine else NOTHING
    tokens, open_end = fold.asked(str(term.value))
    return Phrase(fields, tuple(tokens), term.prefix or open_end) if tokens else NOTHING


def _of_fact(operator: str, term: Term) -> Match | None:
    if operator == "has" and not term.value.endswith("userlabels"):
        return Fact((f"k{term.value}",))
    if operator in ("list", "deliveredto"):
        letter = operator[0]
        tokens, open_end = fold.asked(str(term.value))
        if not tokens:
            return NOTHING
        fact = Fact(tuple(letter + token for token in tokens), term.prefix or open_end)
        sent_to = Phrase(EVERYBODY[1:], tuple(tokens), term.prefix or open_end)
        return Any((fact, All((sent_to, _ANY_LIST)))) if operator == "list" else fact
    return None


def words_of(text: str, fields: tuple[str, ...]) -> Phrase | None:
    """A substring as the index can answer it: its words side by side, the last one possibly going on."""
    tokens, _ = fold.asked(text)
    return Phrase(fields, tuple(tokens), True) if tokens else None
