"""The arguments of a call, checked: wrong types and unknown names are refused with a sentence (RFC 8620 §3.6.2)."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from webmail.jmap import limits
from webmail.jmap.errors import Json, MethodError, invalid

ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
UTC_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
BIG = 2**53 - 1
MOST_PROPERTIES = 200  # of one call; header fields may be asked by any name


def only(arguments: Json, *names: str) -> None:
    """No other arguments than these."""
    if unknown := arguments.keys() - set(names):
        raise invalid(f"{min(unknown)} is no argument of this method")


def boolean(arguments: Json, name: str, default: bool = False) -> bool:
    value = arguments.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"{name} is true or false")
    return default if value is None else value


def number(arguments: Json, name: str, default: int | None = None, *, least: int = 0) -> int | None:
    """An integer; the default where it is missing or null."""
    value = arguments.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= BIG:
        raise invalid(f"{name} is a whole number of at least {least}")
    return value


def text(arguments: Json, name: str, default: str | None = None) -> str | None:
    value = arguments.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} is a string")
    return default if value is None else value


def strings(arguments: Json, name: str) -> list[str] | None:
    """A list of strings; None where it is missing or null."""
    value = arguments.get(name)
    if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise invalid(f"{name} is a list of strings")
    return value


def wanted_ids(arguments: Json) -> list[str] | None:
    """`ids` of a /get: each once, in order; None is all. Raises requestTooLarge."""
    asked = strings(arguments, "ids")
    if asked is None:
        return None
    if wrong := [one for one in asked if not ID.fullmatch(one)]:
        raise invalid(f"{wrong[0][:40]!r} is no id")
    if len(asked) > limits.OBJECTS_IN_GET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_GET} objects")
    return list(dict.fromkeys(asked))


def properties(arguments: Json, known: Collection[str], name: str = "properties") -> list[str]:
    """The properties asked for, `id` first; all that are known where none are named."""
    asked = strings(arguments, name)
    if asked is None:
        return list(known)
    if len(asked) > MOST_PROPERTIES:
        raise MethodError("requestTooLarge", f"at most {MOST_PROPERTIES} properties")
    if unknown := [one for one in asked if one not in known]:
        raise invalid(f"{unknown[0][:100]} is no property")
    return list(dict.fromkeys(["id", *asked]))


def date(value: Any, name: str) -> datetime:
    """A UTCDate or Date (RFC 8620 §1.4)."""
    if not isinstance(value, str) or not UTC_DATE.fullmatch(value):
        raise invalid(f"{name} is a date like 2026-11-23T10:00:00Z")
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name} is no date that exists") from error


def utc(moment: datetime | None) -> str | None:
    """A UTCDate, to the second."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
