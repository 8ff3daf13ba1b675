"""IMAP URLs of messages and their parts, relative ones too (RFC 5092)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from mailsuite.protocol.imap import fetch
from mailsuite.protocol.imap.fetch import Section
from mailsuite.protocol.imap.sequence import LARGEST
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem

LONGEST = 4_096  # octets
_SERVER = re.compile(
    rb"(?:imap:)?//(?:(?P<login>[^@/;:]*)(?:;AUTH=[^@/;]*)?@)?(?P<host>\[[0-9A-F:.]+\]|[^@/:;\[\]]+)(?::[0-9]{1,5})?(?=/)", re.I
)
_PATH = re.compile(
    rb"(?:(?P<root>/)?(?P<mailbox>[^;?#/][^;?#]*?)(?:;UIDVALIDITY=(?P<validity>[1-9][0-9]{0,9}))?/)?;UID=(?P<uid>[1-9][0-9]{0,9})"
    rb"(?:/?;SECTION=(?P<section>[^;?#]+?))?(?:/;PARTIAL=(?P<first>[0-9]{1,10})(?:\.(?P<most>[1-9][0-9]{0,9}))?)?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class MessageUrl:
    """What a URL names. Empty `host`, `login` and `mailbox` are this server, this account and the selected mailbox.

    partial: first octet, most octets, as in FETCH.
    """

    host: str
    login: str
    mailbox: str
    uidvalidity: int | None
    uid: int
    section: Section
    partial: tuple[int, int] | None


def parse(url: bytes) -> MessageUrl:
    """Raises ValueError where it is no URL of a message, or one that asks for an authorization (URLAUTH)."""
    if len(url) > LONGEST:
        raise ValueError("too long")
    server = _SERVER.match(url)
    path = _PATH.fullmatch(url, server.end() if server else 0)
    if not path or (server and not path["root"]):
        raise ValueError("not a URL of a message")
    named = path["mailbox"] or b""
    if not path["root"] and b":" in named.partition(b"/")[0]:
        raise ValueError("another scheme")
    validity, uid = int(path["validity"] or 0) or None, int(path["uid"])
    if max(uid, validity or 0) > LARGEST:
        raise ValueError("a number too large")
    host, login = (_text(server["host"]), _text(server["login"] or b"")) if server else ("", "")
    return MessageUrl(host, login, _text(named), validity, uid, _section(path["section"]), _partial(path))


def _text(encoded: bytes) -> str:
    """Percent-encoded UTF-8 as text. Raises ValueError."""
    text = unquote_to_bytes(encoded).decode("utf-8")
    if "\0" in text:
        raise ValueError("NUL in a URL")
    return text


def _section(encoded: bytes | None) -> Section:
    if encoded is None:
        return Section()
    parser = Parser([b"BODY.PEEK[" + unquote_to_bytes(encoded) + b"]"])
    try:
        (item,) = fetch.parse(parser)
        parser.end()
    except SyntaxProblem as problem:
        raise ValueError("no such section") from problem
    assert item.section is not None
    return item.section


def _partial(path: re.Match[bytes]) -> tuple[int, int] | None:
    return None if path["first"] is None else (int(path["first"]), int(path["most"] or 2**63))
