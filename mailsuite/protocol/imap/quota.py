"""The arguments of GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1)."""

from __future__ import annotations

from mailsuite.protocol.imap.commands import mailbox as mailbox
from mailsuite.protocol.imap.syntax import Parser

MOST_RESOURCES = 20


def root(parser: Parser) -> str:
    """A quota root, and nothing else."""
    name = _root(parser)
    parser.end()
    return name


def _root(parser: Parser) -> str:
    parser.space()
    return parser.astring().decode("utf-8", "replace")


def set_quota(parser: Parser) -> tuple[str, dict[str, int]]:
    """SETQUOTA: the root, and limits by resource."""
    name, limits = _root(parser), dict[str, int]()
    parser.space()
    parser.expect(b"(")
    while not parser.take(b")"):
        if limits:
            parser.space()
        word = parser.word()
        parser.space()
        limits[word] = parser.number(2**63 - 1)
        if len(limits) > MOST_RESOURCES:
            raise parser.problem("Too many resources")
    parser.end()
    return name, limits
