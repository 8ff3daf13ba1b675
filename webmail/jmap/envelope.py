"""The envelope of an EmailSubmission: read from what a client says, or made from the message (RFC 8621 §7, RFC 4865)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailsuite.accounts import addresses
from mailsuite.protocol import esmtp, header
from mailsuite.protocol.address import parse_list, parse_path
from mailsuite.protocol.esmtp import BadArgument, MailCommand
from mailsuite.queue.intake import NewRecipient
from webmail.jmap import limits
from webmail.jmap.arguments import date
from webmail.jmap.errors import Json, MethodError, SetError

MOST_RECIPIENTS = 500
HOLDS = ("HOLDFOR", "HOLDUNTIL")


@dataclass(frozen=True, slots=True)
class Posted:
    """An envelope that can be submitted; `said` is how the client hears of it."""

    mail: MailCommand
    recipients: list[NewRecipient]
    hold_until: datetime | None
    said: Json


def read(wanted: Any, content: bytes, identity: str, account_id: int, now: datetime) -> Posted:
    """The envelope as said, else of the message's own header. Raises SetError."""
    said = _checked(wanted) if wanted is not None else _made(content, identity, account_id)
    if not said["rcptTo"]:
        raise SetError("noRecipients", "The message goes to nobody.")
    if len(said["rcptTo"]) > MOST_RECIPIENTS:
        raise SetError("tooManyRecipients", f"At most {MOST_RECIPIENTS} people at once.", maxRecipients=MOST_RECIPIENTS)
    if wrong := [one["email"][:320] for one in said["rcptTo"] if parse_path(one["email"]) is None]:
        raise SetError("invalidRecipients", f"{wrong[0]} is no address.", invalidRecipients=wrong)
    mail, until = _mail(said["mailFrom"], now)
    if mail.reverse_path and not addresses.may_author(account_id, mail.reverse_path):
        raise SetError("forbiddenMailFrom", f"{mail.reverse_path} is not an address of yours.")
    return Posted(mail, [_recipient(one) for one in said["rcptTo"]], until, said)


def _checked(wanted: Any) -> Json:
    if not isinstance(wanted, dict) or wanted.keys() != {"mailFrom", "rcptTo"} or not isinstance(wanted["rcptTo"], list):
        raise _invalid("An envelope has mailFrom and rcptTo.")
    return {"mailFrom": _address(wanted["mailFrom"]), "rcptTo": [_address(one) for one in wanted["rcptTo"]]}


def _address(one: Any) -> Json:
    if not isinstance(one, dict) or one.keys() - {"email", "parameters"} or not isinstance(one.get("email"), str):
        raise _invalid("An address has email and parameters.")
    parameters = one.get("parameters")
    known = isinstance(parameters, dict) and all(value is None or isinstance(value, str) for value in parameters.values())
    if parameters is not None and not known:
        raise _invalid("Parameters map names to strings or null.")
    return {"email": one["email"], "parameters": parameters}


def _made(content: bytes, identity: str, account_id: int) -> Json:
    """RFC 8621 §7: from Sender or From where the identity may be it, to all of To, Cc and Bcc, each once."""
    found = header.fields(header.split_message(content)[0])

    def named(*names: str) -> list[str]:
        raw = [value for name in names for value in header.get_all(found, name)]
        return [one.address for value in raw for one in parse_list(value) if one.address]

    author = next(iter(named("sender") or named("from")), "")
    author = author if author and addresses.may_author(account_id, author) else identity
    people: dict[str, str] = {}
    for one in named("to", "cc", "bcc"):
        people.setdefault(one.casefold(), one)
    to = [{"email": one, "parameters": None} for one in people.values()]
    return {"mailFrom": {"email": author, "parameters": None}, "rcptTo": to}


def _mail(said: Json, now: datetime) -> tuple[MailCommand, datetime | None]:
    parameters = {name.upper(): value for name, value in (said["parameters"] or {}).items()}
    until = _hold(parameters, now)
    rest = {name: value for name, value in parameters.items() if name not in HOLDS}
    try:
        return esmtp.parse_mail(f"FROM:<{said['email']}>{_written(rest, said['email'])}", extended=True), until
    except BadArgument as error:
        raise _invalid(str(error)) from error


def _recipient(said: Json) -> NewRecipient:
    parameters = {name.upper(): value for name, value in (said["parameters"] or {}).items()}
    argument = f"TO:<{said['email']}>{_written(parameters)}"
    try:
        found = esmtp.parse_rcpt(argument, extended=True, smtputf8=True, hostname="")
    except BadArgument as error:
        raise _invalid(str(error)) from error
    return NewRecipient(str(found.path), orcpt=found.orcpt, notify=found.notify)


def _written(parameters: dict[str, str | None], email: str = "") -> str:
    if not email.isascii():
        parameters = {"SMTPUTF8": None} | parameters
    words = [name if value is None else f"{name}={value}" for name, value in parameters.items()]
    if any(not word.isprintable() or " " in word for word in words):
        raise _invalid("A parameter has no blanks.")
    return "".join(f" {word}" for word in words)


def _hold(parameters: dict[str, str | None], now: datetime) -> datetime | None:
    """RFC 4865 §4: HOLDFOR is seconds, HOLDUNTIL a moment; at most limits.DELAYED_SEND from now, and never both."""
    named = [name for name in HOLDS if name in parameters]
    if not named:
        return None
    value = parameters[named[0]] or ""
    if len(named) == 2 or (named == ["HOLDFOR"] and not (value.isascii() and value.isdecimal() and len(value) < 10)):
        raise _invalid("Either HOLDFOR, a number of seconds, or HOLDUNTIL, a date.")
    try:
        until = now + timedelta(seconds=int(value)) if named == ["HOLDFOR"] else date(value, "HOLDUNTIL")
    except MethodError as error:
        raise _invalid(error.arguments["description"]) from error
    if until > now + timedelta(seconds=limits.DELAYED_SEND):
        raise _invalid(f"A message waits for at most {limits.DELAYED_SEND} seconds.")
    return until if until > now else None


def _invalid(sentence: str) -> SetError:
    return SetError("invalidProperties", sentence, properties=["envelope"])
