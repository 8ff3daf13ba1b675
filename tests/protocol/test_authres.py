"""Authentication-Results: nobody but us may seem to have written ours."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.protocol.authres import AuthenticationResults, MethodResult, build, claims, foreign, parse, strip, trusted

US = "mx.example.org"
anything = st.text(max_size=40)


@given(anything, anything, anything)
@settings(max_examples=500, deadline=None)
def test_whatever_stands_in_a_value_comes_back_and_adds_nothing(reason: str, one: str, two: str) -> None:
    results = [MethodResult("spf", "pass", reason, {"smtp.mailfrom": one}), MethodResult("dkim", "fail", "", {"header.d": two})]
    field = build(US, results)
    assert field.endswith(b"\r\n")
    assert field.count(b"\n") == field.count(b"\r") == 3
    found = parse(field.partition(b":")[2])
    assert found is not None
    assert found.authserv_id == US
    assert [(result.method, result.result) for result in found.results] == [("spf", "pass"), ("dkim", "fail")]
    assert list(found.results[0].properties) == ["smtp.mailfrom"]
    if one.isprintable():
        assert found.results[0].properties["smtp.mailfrom"] == one.encode("utf-8", "replace").decode()


def test_no_results_say_none() -> None:
    assert build(US, []) == b"Authentication-Results: mx.example.org;\r\n\tnone\r\n"


def test_an_address_needs_no_quotes() -> None:
    field = build(US, [MethodResult("spf", "pass", "", {"smtp.mailfrom": "carol+x=y@elsewhere.example"})])
    assert b"smtp.mailfrom=carol+x=y@elsewhere.example\r\n" in field


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" mx.example.org; none", ()),
        (b" mx.example.org 1; spf=pass smtp.mailfrom=a@b", (("spf", "pass", "", {"smtp.mailfrom": "a@b"}),)),
        (
            b' MX.example.org.;\r\n\tdkim=pass (good (2048 bit\\)) key) header.i=@b.example header.b="a/b+c=="; spf/1 = pass',
            (
                ("dkim", "pass", "good (2048 bit\\)) key", {"header.i": "@b.example", "header.b": "a/b+c=="}),
                ("spf", "pass", "", {}),
            ),
        ),
        (
            b' "mx.example.org"; dmarc=fail reason="not ; aligned" header.from = b.example',
            (("dmarc", "fail", "not ; aligned", {"header.from": "b.example"}),),
        ),
    ],
)
def test_fields_of_others_are_read(value: bytes, expected: tuple[tuple[str, str, str, dict[str, str]], ...]) -> None:
    assert parse(value) == AuthenticationResults(US, tuple(MethodResult(*result) for result in expected))


@pytest.mark.parametrize(
    "value",
    [
        b" mx.example.org; x",
        b" MX.Example.Org; x",
        b"(comment) mx.example.org ; x",
        b'\r\n\t"mx.example.org"; x',
        b" mx.example.org. 1; x",
        b' "mx".example.org; x',
        b" mx.example.org",
        b" (",
        b"",
        b";",
    ],
)
def test_a_field_that_claims_our_name_is_recognised_in_every_disguise(value: bytes) -> None:
    assert claims(value, US)


def test_claims_of_others_are_not_ours() -> None:
    assert not claims(b" mx.elsewhere.example; spf=pass", US)


def test_forged_fields_are_stripped_and_all_else_is_kept_exactly() -> None:
    forged = b"Authentication-results :\r\n\tmx.example.org;\r\n dmarc=pass header.from=bank.example\r\n"
    other = b"Authentication-Results: mx.elsewhere.example; spf=pass\r\n"
    rest = b"From: a\rb\nX: y\r\n z\r\n\r\n"
    block = b"Received: x\r\n" + forged + other + forged + rest
    assert strip(block, US) == b"Received: x\r\n" + other + rest
    assert [found.authserv_id for found in foreign(block, US)] == ["mx.elsewhere.example"]


def test_only_the_trace_is_trusted() -> None:
    ours = build(US, [MethodResult("dmarc", "fail")])
    assert trusted(b"Received: x\r\n" + ours, US) == AuthenticationResults(US, (MethodResult("dmarc", "fail"),))
    assert trusted(b"Received: x\r\n", US) is None
    assert trusted(ours, "other.example.org") is None


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_no_bytes_break_the_reader(value: bytes) -> None:
    parse(value)
    block = b"Authentication-Results:" + value
    assert strip(b"A: b\r\n" + block, US) in (b"A: b\r\n" + block, b"A: b\r\n") or value.count(b"\n")


@pytest.mark.parametrize("piece", [b"(", b")", b'"', b'"\\', b"\\", b"=", b"a=", b"= ", b"; ", b"a=b ", b"\r", b"\r\n ", b"(\\"])
def test_no_repetition_takes_more_than_linear_time(piece: bytes) -> None:
    start = time.process_time()
    value = piece * 200_000
    parse(value)
    strip(b"Authentication-Results:" + value, US)
    foreign(b"Authentication-Results: x\r\n" + (b"Authentication-Results: " + piece + b"\r\n") * 2_000, US)
    assert time.process_time() - start < 10
