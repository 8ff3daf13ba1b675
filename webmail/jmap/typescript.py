"""Writes the types of our JMAP as TypeScript, for the browser's application."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import (
    Any,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from mailsuite.protocol.attribution import MONTHS, SENTENCES, WROTE
from mailsuite.protocol.quote import FORWARDS, ORIGINAL, SENDER_LINE
from webmail.jmap import search_table
from webmail.jmap.types import core, mail, own, quota, reading, submission, trust, writing
from webmail.jmap.types.methods import METHODS

PATH = Path(__file__).resolve().parent.parent / "app" / "src" / "jmap.d.ts"
ATTRIBUTION, SEARCH = PATH.parent / "data" / "attribution.json", PATH.parent / "data" / "search.json"
QUOTATIONS = PATH.parent / "data" / "quotations.json"
MODULES = (core, reading, trust, mail, submission, quota, own, writing)
HEAD = "// Written by `manage.py jmaptypes` from webmail/jmap/types, which is where to change it.\n"
ENGLISH_DATE = "%-d %B %Y at %H:%M"  # %-d: without a nought before it; %B: of `months`
WORDS = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}
ALIASES = {value: name for module in MODULES for name, value in vars(module).items() if get_origin(value) in (Literal, tuple)}


class Property(NamedTuple):
    """A property of an object type."""

    kind: Any
    optional: bool


def source() -> str:
    """The whole file."""
    return "\n".join([HEAD, *(text for module in MODULES for text in _of_module(module)), _methods()])


def attribution() -> str:
    """The line before a quotation in each language, as data: sentence, and date in strftime's letters for numbers."""
    forms = {language: [sentence, form or ENGLISH_DATE] for language, (sentence, form) in SENTENCES.items()}
    about = "Written by `manage.py jmaptypes` from protocol/attribution.py. Of each language the sentence and the date."
    return json.dumps({"about": about, "months": MONTHS, "sentences": forms}, ensure_ascii=False, indent=1) + "\n"


def quotations() -> str:
    """By what a quotation is recognised in many languages, as data; the rules are written twice, the words once."""
    about = "Written by `manage.py jmaptypes` from protocol/quote.py and attribution.py."
    patterns = {"forwards": FORWARDS.pattern, "original": ORIGINAL.pattern, "sender": SENDER_LINE.pattern}
    return json.dumps({"about": about, "wrote": WROTE, **patterns}, ensure_ascii=False, indent=1) + "\n"


def files() -> dict[Path, str]:
    """All that is written for the application, by path."""
    return {PATH: source(), ATTRIBUTION: attribution(), QUOTATIONS: quotations(), SEARCH: search_table.source()}


def properties(kind: Any) -> dict[str, Property]:
    """The properties of an object type, inherited ones too."""
    origin = get_origin(kind) or kind
    found = {}
    for name, hint in get_type_hints(origin, include_extras=True).items():
        marked = get_origin(hint) is NotRequired
        found[name] = Property(get_args(hint)[0] if marked else hint, marked or name in origin.__optional_keys__)
    return found


def bound(kind: Any) -> dict[Any, Any]:
    """What an object type, or what it inherits from, puts in place of type variables."""
    found: dict[Any, Any] = {}
    origin = get_origin(kind) or kind
    for one in (kind, *origin.__dict__.get("__orig_bases__", ())):
        if is_typeddict(get_origin(one)):
            found |= zip(get_origin(one).__parameters__, get_args(one), strict=True)
    return found


def _of_module(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if get_origin(value) in (Literal, tuple):
            yield f"export type {name} = {_written(value, {})};\n"
        elif name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        elif isinstance(value, NewType):
            yield f"export type {name} = {_written(value.__supertype__, {})};\n"
        elif is_typeddict(value):
            yield _interface(name, value)


def _interface(name: str, kind: Any) -> str:
    free = ", ".join(one.__name__ for one in getattr(kind, "__parameters__", ()))
    comment = "\n * ".join(inspect.cleandoc(kind.__doc__).splitlines())
    known = bound(kind)
    lines = [f"  {_key(called)}{'?' * one.optional}: {kind_of(one.kind, known)};\n" for called, one in properties(kind).items()]
    comment = f"/** {comment} */" if "\n" not in comment else f"/**\n * {comment}\n */"
    return f"{comment}\nexport interface {name}{f'<{free}>' if free else ''} {{\n{''.join(lines)}}}\n".replace(" * \n", " *\n")


def _methods() -> str:
    lines = [f"  {json.dumps(name)}: [{kind_of(given, {})}, {kind_of(said, {})}];\n" for name, (given, said) in METHODS.items()]
    return f"/** Of each method the arguments and the response. */\nexport interface Methods {{\n{''.join(lines)}}}\n"


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def kind_of(kind: Any, known: dict[Any, Any]) -> str:
    """A type as TypeScript has it; `known`: what type variables stand for."""
    return ALIASES[kind] if kind in ALIASES else _written(kind, known)


def _written(kind: Any, known: dict[Any, Any]) -> str:
    if kind in WORDS:
        return WORDS[kind]
    if isinstance(kind, TypeVar):
        return kind_of(known[kind], known) if kind in known else kind.__name__
    origin, inner = get_origin(kind), get_args(kind)
    if origin is None:
        return kind.__name__
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in inner)
    parts = [kind_of(one, known) for one in inner]
    if origin in (Union, UnionType):
        return " | ".join(parts)
    if origin is list:
        return f"({parts[0]})[]" if " | " in parts[0] and not parts[0].startswith("Record<") else f"{parts[0]}[]"
    if origin is tuple:
        return f"[{', '.join(parts)}]"
    return f"{'Record' if origin is dict else origin.__name__}<{', '.join(parts)}>"
