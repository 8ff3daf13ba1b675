"""Result references: an argument taken from the result of an earlier call (RFC 8620 §3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webmail.jmap.errors import MethodError

MOST = 100_000  # values that one `*` path may gather


def resolved(arguments: dict[str, Any], responses: Sequence[list[Any]]) -> dict[str, Any]:
    """The arguments with every `#name` replaced by what it refers to. Raises MethodError."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if not name.startswith("#"):
            found[name] = value
            continue
        if name[1:] in arguments:
            raise MethodError("invalidArguments", f"{name[1:]} is given twice, once as a reference")
        found[name[1:]] = _referred(value, responses)
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
