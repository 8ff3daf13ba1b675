"""Result references: an argument taken from the result of an earlier call (RFC 8620 §3.7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from webmail.jmap import limits
from webmail.jmap.errors import MethodError

MOST = 100_000  # values that one `*` path may gather
MOST_STEPS = 100  # of a path
EACH = 8  # bytes that a value counts for at least: small ones take their time too


class Allowance:
    """What the references of one request may still bring in. A result that holds another twice doubles with every call."""

    def __init__(self) -> None:
        self._left = limits.REFERRED_BYTES

    def take(self, value: Any) -> None:
        """Count what this comes to as JSON, and no further than is left. Raises MethodError."""
        waiting = [value]
        while waiting and self._left >= 0:
            one = waiting.pop()
            self._left -= _own_size(one)
            if isinstance(one, dict | list) and self._left >= 0:
                waiting += one.values() if isinstance(one, dict) else one
        if self._left < 0:  # and stays so: whoever asked for too much is not counted for again
            raise MethodError("requestTooLarge", "The references bring in too much")


def _own_size(value: Any) -> int:
    """A value's bytes without those of what it holds, for each of which EACH is counted here already."""
    if isinstance(value, dict):
        return sum(map(_own_size, value)) + EACH * len(value)
    if isinstance(value, list):
        return EACH * len(value)
    return len(json.dumps(value, ensure_ascii=False).encode(errors="replace") if isinstance(value, str) else str(value))


def resolved(arguments: dict[str, Any], responses: Sequence[list[Any]], allowance: Allowance) -> dict[str, Any]:
    """The arguments with every `#name` replaced by what it refers to. Raises MethodError."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if not name.startswith("#"):
            found[name] = value
            continue
        if name[1:] in arguments:
            raise MethodError("invalidArguments", f"{name[1:]} is given twice, once as a reference")
        found[name[1:]] = _referred(value, responses)
        allowance.take(found[name[1:]])
    return found


def _referred(reference: Any, responses: Sequence[list[Any]]) -> Any:
    if not isinstance(reference, dict) or not all(isinstance(reference.get(k), str) for k in ("resultOf", "name", "path")):
        raise MethodError("invalidResultReference", "A reference has resultOf, name and path")
    for name, result, call_id in responses:
        if call_id == reference["resultOf"]:
            if name != reference["name"]:
                break
            return _at(result, reference["path"])
    raise MethodError("invalidResultReference", f"No response {reference['name']} to the call {reference['resultOf']}")


def _at(value: Any, path: str) -> Any:
    """RFC 6901, and `*` for every item of an array."""
    if path and not path.startswith("/"):
        raise MethodError("invalidResultReference", "A path begins with /")
    if path.count("/") > MOST_STEPS:
        raise MethodError("invalidResultReference", f"A path has at most {MOST_STEPS} steps")
    return _walk(value, [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]])


def _walk(value: Any, tokens: list[str]) -> Any:
    for place, token in enumerate(tokens):
        if isinstance(value, list) and token == "*":
            return _each(value, tokens[place + 1 :])
        value = _step(value, token)
    return value


def _each(items: list[Any], tokens: list[str]) -> list[Any]:
    gathered: list[Any] = []
    for item in items:
        found = _walk(item, tokens)
        gathered += found if isinstance(found, list) else [found]
        if len(gathered) > MOST:
            raise MethodError("requestTooLarge", "A reference gathers too much")
    return gathered


def _step(value: Any, token: str) -> Any:
    if isinstance(value, dict) and token in value:
        return value[token]
    if isinstance(value, list) and token.isascii() and token.isdecimal() and len(token) < 10 and int(token) < len(value):
        return value[int(token)]
    raise MethodError("invalidResultReference", f"There is no {token}")
