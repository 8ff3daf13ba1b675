"""The arguments of MAIL and RCPT: a path and ESMTP parameters, letter case kept (RFC 5321 §4.1.2, RFC 3461, RFC 6531)."""

from __future__ import annotations

import re
from typing import NamedTuple

from mailsuite.protocol.address import AddrSpec, parse_path
from mailsuite.protocol.reply import Reply

# One pass each: the alternatives begin with different characters.
_PATH = re.compile(r'\s*<((?:[^"<>\\\s]|"(?:[^"\\]|\\.)*")*)>(?:\s+(.*))?\Z', re.DOTALL)
_BARE = re.compile(r"\s*([^\s<>]+)(?:\s+(.*))?\Z", re.DOTALL)  # `MAIL FROM:a@b`: wrong, and common in devices
_ROUTE = re.compile(r"(?:@[^,:@\s]+,)*@[^,:@\s]+:")  # RFC 5321 §4.1.1.3: a source route is read and ignored
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\Z")
_VALUE = re.compile(r"[^\x00-\x20=\x7f][^\x00-\x20\x7f]*\Z")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+\Z")  # RFC 3461 §4
_NOTIFY = {"SUCCESS", "FAILURE", "DELAY"}


class BadArgument(Exception):
    """An argument that is refused; `reply` says why."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(code, enhanced, text)


class MailCommand(NamedTuple):
    """MAIL FROM. `reverse_path` is "" for the null reverse-path; `size` is 0 where it was not declared."""

    reverse_path: str
    size: int = 0
    body_8bit: bool = False
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""


class RcptCommand(NamedTuple):
    """RCPT TO. `notify` is "", "NEVER" or a comma list in upper case; `orcpt` is kept as received."""

    path: AddrSpec
    notify: str = ""
    orcpt: str = ""


def parse_mail(argument: str, *, extended: bool) -> MailCommand:
    """Read what follows `MAIL `. Raises BadArgument."""
    path, parameters = _split(argument, "FROM:", extended)
    known = {"SIZE": _size, "BODY": _body, "SMTPUTF8": _smtputf8, "RET": _ret, "ENVID": _envid, "AUTH": _ignored}
    found: dict[str, int | bool | str] = {}
    for key, value in parameters.items():
        if (read := known.get(key)) is None:
            raise BadArgument(555, "5.5.4", f"MAIL parameter {key} is not known here")
        found |= read(value)
    command = MailCommand("", **found)  # type: ignore[arg-type]
    return command if path == "" else command._replace(reverse_path=str(_address(path, command.smtputf8, "5.1.7")))


def parse_rcpt(argument: str, *, extended: bool, smtputf8: bool, hostname: str) -> RcptCommand:
    """Read what follows `RCPT `. `<postmaster>` alone is ours (RFC 5321 §4.5.1). Raises BadArgument."""
    path, parameters = _split(argument, "TO:", extended)
    notify = orcpt = ""
    for key, value in parameters.items():
        if key == "NOTIFY":
            notify = _notify(value)
        elif key == "ORCPT":
            orcpt = _orcpt(value)
        else:
            raise BadArgument(555, "5.5.4", f"RCPT parameter {key} is not known here")
    if path.lower() == "postmaster":
        path = f"postmaster@{hostname}"
    return RcptCommand(_address(path, smtputf8, "5.1.3"), notify, orcpt)


def _split(argument: str, keyword: str, extended: bool) -> tuple[str, dict[str, str | None]]:
    if argument[: len(keyword)].upper() != keyword:
        raise BadArgument(501, "5.5.4", f"Write {keyword}<address>")
    rest = argument[len(keyword) :]
    match = _PATH.match(rest) or (None if "<" in rest else _BARE.match(rest))
    if match is None:
        raise BadArgument(553 if "<" in rest else 501, "5.1.3" if keyword == "TO:" else "5.1.7", "That is no address")
    parameters = _parameters(match[2] or "")
    if parameters and not extended:
        raise BadArgument(501, "5.5.4", "Parameters need EHLO")
    return _ROUTE.sub("", match[1], count=1) if match[1].startswith("@") else match[1], parameters


def _parameters(text: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        name = key.upper()
        if not _KEY.match(key) or (equals and not _VALUE.match(value)) or name in found:
            raise BadArgument(501, "5.5.4", "The parameters cannot be read")
        found[name] = value if equals else None
    return found


def _address(path: str, smtputf8: bool, enhanced: str) -> AddrSpec:
    if not path.isascii() and not smtputf8:
        raise BadArgument(553, "5.6.7", "An address that is not ASCII needs SMTPUTF8")
    address = parse_path(path) if _is_text(path) else None
    if address is None:
        raise BadArgument(553, enhanced, "That is no address")
    return address


def _is_text(path: str) -> bool:
    """False for bytes that were no UTF-8: aiosmtpd hands them over as lone surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _size(value: str | None) -> dict[str, int]:
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 20:  # RFC 1870 §4: up to 20 digits
        raise BadArgument(501, "5.5.4", "SIZE is a number of bytes")
    return {"size": int(value)}


def _body(value: str | None) -> dict[str, bool]:
    kind = (value or "").upper()
    if kind not in ("7BIT", "8BITMIME"):
        raise BadArgument(501, "5.5.4", "BODY is 7BIT or 8BITMIME")
    return {"body_8bit": kind == "8BITMIME"}


def _smtputf8(value: str | None) -> dict[str, bool]:
    if value is not None:
        raise BadArgument(501, "5.5.4", "SMTPUTF8 takes no value")
    return {"smtputf8": True}


def _ret(value: str | None) -> dict[str, str]:
    kind = (value or "").upper()
    if kind not in ("FULL", "HDRS"):
        raise BadArgument(501, "5.5.4", "RET is FULL or HDRS")
    return {"ret": kind}


def _envid(value: str | None) -> dict[str, str]:
    if not value or len(value) > 100 or not _XTEXT.match(value):
        raise BadArgument(501, "5.5.4", "ENVID is xtext of at most 100 characters")
    return {"envid": value}


def _ignored(value: str | None) -> dict[str, str]:
    return {}  # RFC 4954 §5: AUTH= may be given by a client that authenticated; nobody is trusted for it


def _notify(value: str | None) -> str:
    words = (value or "").upper().split(",")
    if words != ["NEVER"] and not (set(words) <= _NOTIFY and len(words) == len(set(words))):
        raise BadArgument(501, "5.5.4", "NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY")
    return ",".join(words)


def _orcpt(value: str | None) -> str:
    kind, semicolon, address = (value or "").partition(";")
    readable = _XTEXT.match(address) or (kind.lower() == "utf-8" and address)
    if not semicolon or not kind or not readable or len(value or "") > 500:
        raise BadArgument(501, "5.5.4", "ORCPT is a type, a semicolon and xtext")
    return str(value)


def parse_extensions(hello: Reply) -> dict[str, str]:
    """What a reply to EHLO offers: keyword in upper case to its parameters (RFC 5321 §4.1.1.1)."""
    offered: dict[str, str] = {}
    for line in hello.text.split("\n")[1:]:
        keyword, _, parameters = line.strip().partition(" ")
        if "=" in keyword:  # `AUTH=LOGIN PLAIN`, as some say it
            keyword, _, first = keyword.partition("=")
            parameters = f"{first} {parameters}"
        if keyword:
            offered.setdefault(keyword.upper(), parameters.strip())
    return offered
