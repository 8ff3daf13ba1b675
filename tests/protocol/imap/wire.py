"""IMAP data read back, strictly and without our own parser: atoms, quoted strings, literals, lists (RFC 9051 §4)."""

from __future__ import annotations

import re

TOKEN = re.compile(rb'([()])|"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\])*)"|\{(\d+)\}\r\n|(NIL)|(\d+)| ')


def read(data: bytes) -> list:
    """One parenthesised list: strings as bytes, numbers as int, NIL as None. Raises ValueError on anything that is not valid."""
    stack: list[list] = [[]]
    position = 0
    while position < len(data):
        token = TOKEN.match(data, position)
        if not token:
            raise ValueError(data[position : position + 40])
        position = token.end()
        bracket, quoted, literal, nil, number = token.groups()
        if bracket == b"(":
            stack.append([])
        elif bracket == b")":
            done = stack.pop()
            stack[-1].append(done)
        elif quoted is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted))
        elif literal is not None:
            stack[-1].append(_literal(data, position, int(literal)))
            position += int(literal)
        elif nil is not None:
            stack[-1].append(None)
        elif number is not None:
            stack[-1].append(int(number))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError("not one list")
    return stack[0][0]


def _literal(data: bytes, start: int, length: int) -> bytes:
    value = data[start : start + length]
    if len(value) != length or b"\0" in value:
        raise ValueError("bad literal")
    return value


def check_envelope(found: list) -> None:
    """Ten fields, address lists of four-tuples (RFC 9051 §9 `envelope`)."""
    assert len(found) == 10
    for text in (*found[:2], *found[8:]):
        assert text is None or isinstance(text, bytes)
    for people in found[2:8]:
        assert people is None or people
        for person in people or ():
            assert len(person) == 4
            assert person[1] is None
            assert all(word is None or isinstance(word, bytes) for word in person)


def check_body(found: list, *, extended: bool) -> None:
    """RFC 9051 §9 `body`, all the way down."""
    if isinstance(found[0], list):
        _check_multipart(found, extended=extended)
        return
    kind, subtype, parameters, *texts, encoding, octets = found[:7]
    rest = found[7:]
    assert isinstance(kind, bytes)
    assert isinstance(subtype, bytes)
    _check_parameters(parameters)
    assert all(text is None or isinstance(text, bytes) for text in texts)
    assert isinstance(encoding, bytes)
    assert isinstance(octets, int)
    if kind == b"text":
        assert isinstance(rest.pop(0), int)
    elif kind == b"message" and subtype in (b"rfc822", b"global"):
        check_envelope(rest.pop(0))
        check_body(rest.pop(0), extended=extended)
        assert isinstance(rest.pop(0), int)
    if extended:
        checksum = rest.pop(0)
        assert checksum is None or isinstance(checksum, bytes)
        _check_extension(rest)
    else:
        assert not rest


def _check_multipart(found: list, *, extended: bool) -> None:
    children = found[: next(index for index, part in enumerate(found) if not isinstance(part, list))]
    assert children
    for child in children:
        check_body(child, extended=extended)
    assert isinstance(found[len(children)], bytes)
    rest = found[len(children) + 1 :]
    if extended:
        _check_parameters(rest.pop(0))
        _check_extension(rest)
    else:
        assert not rest


def _check_extension(rest: list) -> None:
    disposition, language, location = rest
    if disposition is not None:
        assert isinstance(disposition[0], bytes)
        _check_parameters(disposition[1])
    assert language is None or isinstance(language, bytes) or all(isinstance(tag, bytes) for tag in language)
    assert location is None or isinstance(location, bytes)


def _check_parameters(found: list | None) -> None:
    assert found is None or (found and len(found) % 2 == 0 and all(isinstance(word, bytes) for word in found))
