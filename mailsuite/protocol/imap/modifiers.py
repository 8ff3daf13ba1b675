"""FETCH's modifiers, which stand after its items (RFC 4466 §2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol.imap.returning import Partial, partial
from mailsuite.protocol.imap.syntax import Parser


@dataclass(slots=True)
class Modifiers:
    """changed_since: only messages with a higher modseq; vanished: and the UIDs of those that left since (RFC 7162 §3.2.6).

    partial: only a page of the answers (RFC 9394 §3.3).
    """

    changed_since: int | None = None
    vanished: bool = False
    partial: Partial | None = None


def modifiers(parser: Parser) -> Modifiers:
    """What follows the items of a FETCH, to the end of the command."""
    found = Modifiers()
    if parser.spaced():
        parser.expect(b"(")
        _modifier(parser, found)
        while not parser.take(b")"):
            parser.space()
            _modifier(parser, found)
    parser.end()
    if found.vanished and found.changed_since is None:
        raise parser.problem("VANISHED needs CHANGEDSINCE")
    return found


def _modifier(parser: Parser, found: Modifiers) -> None:
    match parser.word():
        case "CHANGEDSINCE" if found.changed_since is None:
            parser.space()
            found.changed_since = parser.number(2**63 - 1)
        case "VANISHED" if not found.vanished:
            found.vanished = True
        case "PARTIAL" if found.partial is None:
            parser.space()
            found.partial = partial(parser)
        case word:
            raise parser.problem(f"CHANGEDSINCE, VANISHED and PARTIAL may stand here, each once, not {word[:40]}")
