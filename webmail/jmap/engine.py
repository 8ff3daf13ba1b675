"""A request's method calls, one after the other (RFC 8620 §3.3 to §3.6)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import OperationalError

from webmail.jmap import limits, references
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, RequestError

Method = Callable[[Context, Json], Json]
log = logging.getLogger(__name__)


def parse(body: bytes) -> Json:
    """The Request object. Raises RequestError."""
    if len(body) > limits.REQUEST_BYTES:
        raise RequestError("limit", "The request is too large", limit="maxSizeRequest")
    try:
        request = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
        if b"\\ud" in body or b"\\uD" in body:  # RFC 7493 §2.1: half a pair of surrogates is no text
            json.dumps(request, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestError("notJSON", "The body is no I-JSON") from error
    if _deeper(request, limits.DEPTH) or not _is_request(request):
        raise RequestError("notRequest", "A request has using, and methodCalls of [name, arguments, id]")
    if len(request["methodCalls"]) > limits.CALLS:
        raise RequestError("limit", "Too many method calls", limit="maxCallsInRequest")
    return request


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """RFC 7493 §2.3: no name twice, or two readers would see two requests."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _deeper(value: Any, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return left == 0 or any(_deeper(one, left - 1) for one in (value.values() if isinstance(value, dict) else value))


def _is_request(request: Any) -> bool:
    if not isinstance(request, dict) or not _strings(request.get("using")) or not isinstance(request.get("methodCalls"), list):
        return False
    made = request.get("createdIds") or {}
    return isinstance(made, dict) and _strings(list(made.values())) and all(map(_is_call, request["methodCalls"]))


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_call(call: Any) -> bool:
    if not isinstance(call, list) or len(call) != 3:
        return False
    return isinstance(call[0], str) and isinstance(call[1], dict) and isinstance(call[2], str)


def answer(context: Context, request: Json, methods: Mapping[str, tuple[str, Method]], session_state: str) -> Json:
    """The Response object. `methods`: for each name the capability that must be in `using`, and the function."""
    known = {capability for capability, _ in methods.values()}
    if unknown := [one for one in request["using"] if one not in known]:
        raise RequestError("unknownCapability", f"{unknown[0]} is not offered")
    context.using = frozenset(request["using"])
    context.created |= request.get("createdIds") or {}
    responses: list[list[Any]] = []
    for name, arguments, call_id in request["methodCalls"]:
        responses += [[said, result, call_id] for said, result in _called(context, methods, name, arguments, responses)]
    made = {"createdIds": context.created} if request.get("createdIds") is not None else {}
    return {"methodResponses": responses, **made, "sessionState": session_state}


def _called(
    context: Context, methods: Mapping[str, tuple[str, Method]], name: str, arguments: Json, responses: list[list[Any]]
) -> list[tuple[str, Json]]:
    context.more = []
    try:
        capability, method = methods.get(name, ("", None))
        if method is None or capability not in context.using:
            raise MethodError("unknownMethod")
        result = method(context, references.resolved(arguments, responses, context.references))
    except MethodError as error:
        return [("error", error.arguments)]
    except OperationalError:
        log.warning("jmap: the database is away during %s", name, exc_info=True)
        return [("error", {"type": "serverUnavailable"})]
    except Exception:
        log.exception("jmap: %s failed", name)
        return [("error", {"type": "serverFail", "description": "A mistake of ours; it is in the log"})]
    return [(name, result), *context.more]
