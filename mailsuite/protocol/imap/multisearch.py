"""ESEARCH: a SEARCH that says in which mailboxes (RFC 7377 §2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailsuite.protocol.imap import search
from mailsuite.protocol.imap.mailbox_filter import Filter, source
from mailsuite.protocol.imap.syntax import Parser

SELECTED = (Filter("SELECTED"),)
_IN = re.compile(rb"IN +(?=\()", re.I)


@dataclass(frozen=True, slots=True)
class MultiSearch:
    """An ESEARCH command."""

    filters: tuple[Filter, ...]
    search: search.Search

    @property
    def selected_alone(self) -> bool:
        return all(one.kind == "SELECTED" for one in self.filters)


def parse(parser: Parser) -> MultiSearch:
    """The arguments of ESEARCH. Raises SyntaxProblem and BadCharset."""
    filters = SELECTED
    if parser.match(_IN):
        filters = source(parser)
        parser.space()
    return MultiSearch(filters, search.parse(parser))
