"""Is what came over the wire what its type says?"""

from __future__ import annotations

import re
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, is_typeddict

from webmail.jmap.types import core
from webmail.jmap.typescript import Property, bound, properties

FORMS = {
    core.Id: r"[A-Za-z0-9_-]{1,255}",
    core.UTCDate: r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    core.Date: r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
}


def problems(value: Any, kind: Any, where: str = "", known: dict[Any, Any] | None = None) -> list[str]:
    """What is wrong with a value of JSON, as sentences; none where it has the properties and kinds of its type, and no others."""
    known = known or {}
    if isinstance(kind, TypeVar):
        return problems(value, known[kind], where, known)
    if kind is Any:
        return []
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        each = [problems(value, one, where, known) for one in inner]
        return [] if [] in each else max(each, key=lambda found: max(one.count(".") for one in found))
    if is_typeddict(origin or kind):
        return _of_object(value, kind, where, known)
    if origin is list and isinstance(value, list):
        return [one for n, item in enumerate(value) for one in problems(item, inner[0], f"{where}[{n}]", known)]
    if origin is tuple and isinstance(value, list) and len(value) == len(inner):
        return [one for n, item in enumerate(value) for one in problems(item, inner[n], f"{where}[{n}]", known)]
    if origin is dict and isinstance(value, dict):
        of_keys = [one for name in value for one in problems(name, inner[0], f"{where} key {name}", known)]
        return of_keys + [one for name, item in value.items() for one in problems(item, inner[1], f"{where}.{name}", known)]
    if origin is core.Partial:
        return _of_object(value, known.get(inner[0], inner[0]), where, known, partial=True)
    return [] if _is_plain(value, kind) else [f"{where or 'it'} is {value!r}"[:200]]


def _is_plain(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return any(value == one and type(value) is type(one) for one in get_args(kind))
    if kind is core.UnsignedInt:
        return type(value) is int and 0 <= value < 2**53
    if kind in FORMS:
        return isinstance(value, str) and re.fullmatch(FORMS[kind], value) is not None
    if kind is float:
        return type(value) in (int, float)
    return kind in (str, int, bool, NoneType) and type(value) is kind


def _of_object(value: Any, kind: Any, where: str, known: dict[Any, Any], *, partial: bool = False) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where or 'it'} is no object: {value!r}"[:200]]
    wanted: dict[str, Property] = properties(kind)
    found = [f"{where}.{name} is no property" for name in value.keys() - wanted.keys()]
    if not partial:
        found += [f"{where}.{name} is missing" for name, one in wanted.items() if not one.optional and name not in value]
    inside = known | bound(kind)
    for name in value.keys() & wanted.keys():
        found += problems(value[name], wanted[name].kind, f"{where}.{name}", inside)
    return sorted(found)
