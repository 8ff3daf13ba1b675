"""Messages that broke other parsers, and messages with the parse others expect of them.

Where we read a message otherwise than its authors, a table says why; an entry that no longer differs fails the test.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from mailsuite.protocol import header
from mailsuite.protocol.address import parse_list
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.mime import decoded, scan, text
from mailsuite.protocol.part import Part
from tests.corpora import corpus
from tests.protocol.test_hostile_messages import check

EIGHT_BIT = "bytes that are no UTF-8 are read as Windows-1252, where the oracle shows U+FFFD"
UUENCODED = "uuencode is undone, where the oracle leaves it"
NO_DELIMITER = "a multipart in which no delimiter stands is shown as plain text, so that somebody sees it"
RFC822_ENCODED = "a message in base64 (which RFC 2046 §5.2.1 forbids) stays one part, because IMAP has no offsets for its inside"
WHOLE_LINE = (
    "a line with more than the boundary on it is no delimiter: quoted boundaries and boundaries that prefix others are common"
)
OUTER_WINS = "any open boundary ends a part (RFC 2046 §5.1.2), also where the header has no empty line"
BOUNDARY_BLANKS = "blanks at the end of a boundary do not count (RFC 2046 §5.1.1)"
NO_FIELD = "a message that does not begin with a field is all body; a line in the header that is no field is skipped"
LAST_BITS = "an incomplete last group of base64 gives its bytes"

MAIL_PARSER = {
    **dict.fromkeys(("legacy/010", "legacy/020", "legacy/022", "legacy/027", "legacy/033", "legacy/052"), EIGHT_BIT),
    **dict.fromkeys(("legacy/017", "legacy/026", "legacy/048"), UUENCODED),
    "legacy/045": "a CR alone is a line end in text",
    **dict.fromkeys(("malformed/000", "malformed/001", "malformed/008", "malformed/009"), OUTER_WINS),
    **dict.fromkeys(("malformed/011", "malformed/012", "malformed/013", "malformed/014", "malformed/016"), OUTER_WINS),
    "malformed/004": NO_DELIMITER,
    "malformed/007": "a delimiter inside the header that declares its boundary does not divide",
    "malformed/019": "the empty line after which the body begins is found differently in a message torn to pieces",
    "malformed/020": "of two Content-Type fields the first counts",
    "malformed/021": "of two Content-Type fields the first counts",
    "malformed/022": "what is declared a message is scanned as one: without fields it is all body",
    "rfc/008": RFC822_ENCODED,
    "thirdparty/000": "NUL is dropped from text and a CR alone is a line end",
    "thirdparty/002": "broken base64 gives what can be had, not its source",
    "thirdparty/005": WHOLE_LINE,
    "thirdparty/007": "an address without domain is no address",
    "thirdparty/015": OUTER_WINS,
}
MAIL_PARSER_ONE_FORM = {
    "legacy/049.json": "the CR at the very end belongs to the body",
}
MIME4J = {
    **dict.fromkeys(("badbound", "missing-boundary", "missing-inner-boundary", "missing-inner-start-boundary"), NO_DELIMITER),
    "multipartnopart": NO_DELIMITER,
    "very-very-long-boundary": "a boundary of 7,000 bytes is none",
    **dict.fromkeys(("multi-2gifs-base64", "bad-newlines-multiple-parts-base64"), RFC822_ENCODED),
    **dict.fromkeys(("base64encoded-rfc822message", "base64encoded-rfc822message-nested"), RFC822_ENCODED),
    "ending-boundaries": WHOLE_LINE,
    **dict.fromkeys(("weird-boundary", "very-long-boundary"), BOUNDARY_BLANKS),
    **dict.fromkeys(("malformedHeader-noheader", "malformedHeaderStartsBody-noheader"), NO_FIELD),
    "malformedHeaderStartsBody-nocrlfcrlf": NO_FIELD,
    **dict.fromkeys(("frag", "multi-frag"), LAST_BITS),
}


def messages() -> Iterator[tuple[str, bytes]]:
    for name in ("mime-torture", "mime-expected"):
        for path in sorted(corpus(name).rglob("*")):
            if path.is_file() and path.suffix not in (".json", ".xml", ".tsv"):
                yield path.name, path.read_bytes()


def test_no_message_of_the_corpora_harms_anything() -> None:
    count = 0
    for name, content in messages():
        try:
            check(content)
            check(content.replace(b"\r\n", b"\n"))
        except Exception as error:
            raise AssertionError(name) from error
        count += 1
    assert count > 900


def test_calendars_and_winmail_files_can_be_scanned_and_summarised() -> None:
    for name in ("ics", "tnef"):
        for path in sorted(corpus(name).rglob("*")):
            if path.is_file() and path.stat().st_size < 300_000:
                check(path.read_bytes())


def test_newsletters_give_text() -> None:
    silent = set()
    for path in sorted(corpus("html-mail").rglob("*.html")):
        source = path.read_bytes().decode("utf-8", "replace")
        words = html_to_text(source)
        assert "<style" not in words
        assert "<table" not in words
        if len(words) < 20:
            silent.add(path.name)
    assert len(silent) < 10, silent


# — mail-parser (Stalwart): offsets, texts, people, subjects —


def test_messages_are_read_as_mail_parser_reads_them() -> None:
    folder = corpus("mime-expected") / "mime-oracles" / "mail-parser" / "resources" / "eml"
    differing: dict[str, list[str]] = {}
    count = 0
    for path in sorted(folder.glob("*/*.json")):
        count += 1
        content, expected = _pair(path)
        if found := list(_against_mail_parser(content, expected)):
            differing[f"{path.parent.name}/{path.name}"] = found
    assert count > 200
    both = {f"{name}{ending}" for name in MAIL_PARSER for ending in (".json", ".crlf.json")}
    assert set(differing) == both | set(MAIL_PARSER_ONE_FORM), {
        name: differing.get(name, "no longer differs") for name in set(differing) ^ (both | set(MAIL_PARSER_ONE_FORM))
    }


def _pair(path: Path) -> tuple[bytes, dict]:
    """The expected parse, and the message with the line ends the file name tells."""
    stem = path.name.removesuffix(".json").removesuffix(".crlf")
    content = (path.parent / f"{stem}.eml").read_bytes().replace(b"\r\n", b"\n")
    if path.name.endswith(".crlf.json"):
        content = content.replace(b"\n", b"\r\n")
    return content, json.loads(path.read_text())


def _against_mail_parser(content: bytes, expected: dict) -> Iterator[str]:
    root = scan(content)
    yield from _compare_part(content, expected, 0, root)
    yield from _compare_header(expected["parts"][0]["headers"], root)


def _compare_part(content: bytes, message: dict, index: int, part: Part) -> Iterator[str]:
    theirs = message["parts"][index]
    kind, body = next(iter(theirs["body"].items()))
    children = {"Multipart": body, "Message": [0]}.get(kind, [])
    if len(children) != len(part.children) or (kind == "Multipart") != part.is_multipart:
        yield f"{part.number}: {kind} of {len(children)}, ours {part.mime_type} of {len(part.children)}"
        return
    for child, ours in zip(children, part.children, strict=True):
        yield from _compare_part(content, body if kind == "Message" else message, child, ours)
    if not children:
        yield from _compare_leaf(content, theirs, body, part)


def _compare_leaf(content: bytes, theirs: dict, body: str | list[int], part: Part) -> Iterator[str]:
    if (theirs["offset_body"], theirs["offset_end"]) != (part.body_start, part.end):
        yield f"{part.number}: offsets {theirs['offset_body']}:{theirs['offset_end']}, ours {part.body_start}:{part.end}"
    if isinstance(body, str) and part.type == "text":
        if text(content, part).strip() != body.replace("\r\n", "\n").strip():
            yield f"{part.number}: text {body[:60]!r}, ours {text(content, part)[:60]!r}"
    elif isinstance(body, list) and decoded(content, part) != bytes(body):
        yield f"{part.number}: bytes {bytes(body)[:40]!r}, ours {decoded(content, part)[:40]!r}"


def _compare_header(theirs: list[dict], root: Part) -> Iterator[str]:
    seen = set()
    for field in theirs:
        name = field["name"].replace("_", "-") if isinstance(field["name"], str) else ""
        value = field["value"]
        if name in seen or not isinstance(value, dict):
            continue
        seen.add(name)
        raw = root.values.get(name, b"")
        if name == "subject" and "Text" in value and header.decode(raw) != value["Text"]:
            yield f"subject {value['Text']!r}, ours {header.decode(raw)!r}"
        if name in ("from", "to", "cc", "bcc", "sender", "reply-to") and "Address" in value:
            ours = [(person.name, person.address) for person in parse_list(raw)]
            if ours != _people(value["Address"]):
                yield f"{name}: {_people(value['Address'])}, ours {ours}"


def _people(value: dict) -> list[tuple[str, str]]:
    listed = value["List"] if "List" in value else [person for group in value["Group"] for person in group["addresses"]]
    return [(person["name"] or "", person["address"] or "") for person in listed]


# — mime4j: structure and decoded bodies —


def test_messages_are_read_as_mime4j_reads_them() -> None:
    folder = corpus("mime-expected") / "mime-oracles" / "mime4j"
    differing: dict[str, list[str]] = {}
    count = 0
    for path in sorted(folder.rglob("*_decoded.xml")):
        name = path.name.removesuffix("_decoded.xml")
        message = ET.fromstring(path.read_text(encoding="utf-8", errors="replace"))
        content = path.with_name(f"{name}.msg").read_bytes()
        count += 1
        if found := list(_against_mime4j(content, message, scan(content), path.parent)):
            differing[name] = found
    assert count >= 80
    assert set(differing) == set(MIME4J), {
        name: differing.get(name, "no longer differs") for name in set(differing) ^ set(MIME4J)
    }


def _against_mime4j(content: bytes, theirs: ET.Element, part: Part, folder: Path) -> Iterator[str]:
    body = next((child for child in theirs if child.tag not in ("header",)), None)
    tag = body.tag if body is not None else ""
    children = {"multipart": body.findall("body-part"), "message": [body]}.get(tag, []) if body is not None else []
    if len(children) != len(part.children) or (tag == "multipart") != part.is_multipart:
        yield f"{part.number}: {tag} of {len(children)}, ours {part.mime_type} of {len(part.children)}"
        return
    for child, ours in zip(children, part.children, strict=True):
        yield from _against_mime4j(content, child, ours, folder)
    if body is not None and tag.endswith("-body"):
        expected = (folder / body.get("name", "")).read_bytes()
        if _plain(expected) != _plain(decoded(content, part)):
            yield f"{part.number}: {expected[-40:]!r}, ours {decoded(content, part)[-40:]!r}"


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").rstrip(b"\n")


# — fields on their own —

ADDRESSES_OTHERWISE = (
    "comments go (they are no name where there is one, and nobody where they stand alone), routes go, "
    "domains are in lower case, URLs are no addresses"
)
TEXTS_OTHERWISE = (
    "no blank is put before an encoded word that touches a word; a fold and a blank encoded beside it are two blanks"
)
IDS_OTHERWISE = "product.md 3.2 R1: only <...> without blanks"
DATES_OTHERWISE = "comments over two lines, no date at all, and a Received field"
OTHERWISE = {
    "address": (21, ADDRESSES_OTHERWISE),
    "unstructured": (7, TEXTS_OTHERWISE),
    "id": (4, IDS_OTHERWISE),
    "date": (3, DATES_OTHERWISE),
}


def test_fields_are_read_as_mail_parser_reads_them() -> None:
    folder = corpus("mime-expected") / "mime-oracles" / "mail-parser" / "resources"
    differing = {}
    for name in OTHERWISE:
        cases = json.loads((folder / f"{name}.json").read_text())
        differing[name] = [case for case in cases if _field(name, case["header"]) != _expected(name, case["expected"])]
        assert len(cases) > 2 * len(differing[name])
    assert {name: len(cases) for name, cases in differing.items()} == {name: count for name, (count, _) in OTHERWISE.items()}


def _field(name: str, value: str) -> object:
    raw = header.fields(b"X: " + value.encode())[0].raw_value
    if name == "address":
        return [(person.name, person.address) for person in parse_list(raw)]
    if name == "date":
        found = header.parse_date(raw)
        return found.timestamp() if found else None
    return header.decode(raw) if name == "unstructured" else header.message_ids(raw)


def _expected(name: str, value: dict | list | str | None) -> object:
    if name == "address":
        return _people(value) if isinstance(value, dict) else []
    if name == "date" and isinstance(value, dict):
        return _moment(value)
    return [] if name == "id" and value is None else value


def _moment(value: dict) -> float:
    from datetime import UTC, datetime, timedelta

    east = timedelta(hours=value["tz_hour"], minutes=value["tz_minute"]) * (-1 if value["tz_before_gmt"] else 1)
    clock = [value[name] for name in ("year", "month", "day", "hour", "minute", "second")]
    return (datetime(*clock, tzinfo=UTC) - east).timestamp()
