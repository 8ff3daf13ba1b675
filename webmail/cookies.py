"""The Cookie header of strangers, made harmless before anybody reads it.

`http.cookies` of Python before 3.12.6 takes quadratic time to undo backslashes in a quoted value (CVE-2024-7592), and Django asks
it about every cookie of every request. No cookie of ours has a backslash; one of another application on the same host may, and is
left out rather than refused.
"""

from __future__ import annotations

from webmail.request_body import Scope

MOST = 8_192  # bytes of all cookies together: ours are a few hundred


def is_too_long(scope: Scope) -> bool:
    """Does the request bring more than anybody's cookies here come to?"""
    return sum(len(value) for name, value in scope["headers"] if name == b"cookie") > MOST


def without_escapes(scope: Scope) -> Scope:
    """The request without the cookies that have a backslash in them."""
    if not any(name == b"cookie" and b"\\" in value for name, value in scope["headers"]):
        return scope
    return {**scope, "headers": [(name, _plain(value) if name == b"cookie" else value) for name, value in scope["headers"]]}


def _plain(header: bytes) -> bytes:
    return b";".join(pair for pair in header.split(b";") if b"\\" not in pair)


def value_of(header: str, wanted: str) -> str | None:
    """What the cookie of this name says, the last of several; None where there is none. Nothing in it is unescaped."""
    found = None
    for pair in header.split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == wanted:
            found = value.strip().strip('"')
    return found
