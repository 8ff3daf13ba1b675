"""DKIM signatures, checked by us and by dkimpy, and those that should not count."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import subprocess
import time

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.protocol import dkim
from mailsuite.protocol.dkim import Outcome
from mailsuite.protocol.dkim_canonical import Body, field_name, hash_body, raw_fields, split
from mailsuite.protocol.dkim_keys import KeyProblem, read_record

PRIVATE, PUBLIC = dkim.new_key()
RECORD = dkim.dns_value(PUBLIC)
NOW = 1_795_000_000
LETTER = b"From: carol@elsewhere.example\r\nTo: alice@example.org\r\nSubject: Hello\r\n\r\nHello,\r\n\r\nAlice. \r\n\r\n"

white = st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"B", b"  ", b"\r\n\r\n", b".", b"\xc3\xbc", b":", b";"])
texts = st.lists(white, max_size=30).map(b"".join)
# Over SMTP a body ends in CRLF. What relaxed form makes of white space right before a missing one is read in two ways.
bodies = texts.map(lambda text: text and text + b"\r\n")
values = st.lists(white, max_size=10).map(b"".join)
fields = st.lists(st.tuples(st.sampled_from([b"Subject", b"X-a", b"TO", b"to", b"From"]), values), max_size=5).map(
    lambda pairs: b"".join(name + b":" + value.replace(b"\r\n", b"\r\n ") + b"\r\n" for name, value in pairs)
)


def theirs(content: bytes, form: str = "relaxed/relaxed", **more: object) -> bytes:
    """A signature by dkimpy."""
    forms = tuple(form.encode().split(b"/"))
    made = dkimpy.sign(content, b"s1", b"elsewhere.example", PRIVATE.encode(), canonicalize=forms, **more)
    return bytes(made) + content


def check(content: bytes, record: str = RECORD, now: int = NOW) -> Outcome:
    """What we make of the topmost signature."""
    header, offset = split(content)
    found = raw_fields(header)
    signature = dkim.parse(next(field for field in found if field_name(field) == b"dkim-signature"))
    if signature.problem:
        return signature.problem
    try:
        return dkim.check(signature, found, lambda form: hash_body([content[offset:]], form), read_record(record), now=now)
    except KeyProblem as problem:
        return Outcome("permerror", str(problem))


def dkimpy_likes(content: bytes, record: str = RECORD) -> bool:
    return bool(dkimpy.verify(content, dnsfunc=lambda *_, **__: record.encode()))


@pytest.mark.parametrize("form", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"])
@given(header=fields, body=bodies)
@settings(max_examples=60, deadline=None)
def test_what_dkimpy_signs_we_verify(form: str, header: bytes, body: bytes) -> None:
    content = b"From: carol@elsewhere.example\r\n" + header + b"\r\n" + body
    assert check(theirs(content, form)).result == "pass"


@given(header=fields, body=bodies)
@settings(max_examples=60, deadline=None)
def test_what_we_sign_dkimpy_verifies(header: bytes, body: bytes) -> None:
    content = b"From: carol@elsewhere.example\r\n" + header + b"\r\n" + body
    assert dkimpy_likes(dkim.sign(content, "elsewhere.example", "s1", PRIVATE, signed_at=NOW) + content)


@given(at=st.integers(0, 2000), new=st.binary(min_size=0, max_size=2))
@settings(max_examples=300, deadline=None)
def test_we_never_verify_what_dkimpy_does_not(at: int, new: bytes) -> None:
    content = theirs(LETTER)
    at %= len(content)
    changed = content[:at] + new + content[at + 1 :]
    try:
        ours = check(changed).result
    except StopIteration:  # no signature is left
        return
    if ours == "pass":
        with contextlib.suppress(dkimpy.DKIMException):  # it does not read every header that we read
            assert dkimpy_likes(changed)


@given(body=texts, cuts=st.lists(st.integers(1, 6), max_size=30), relaxed=st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_body_in_pieces_is_the_same_body(body: bytes, cuts: list[int], relaxed: bool) -> None:
    pieces = Body(relaxed)
    rest = body
    for cut in cuts:
        pieces.update(rest[:cut])
        rest = rest[cut:]
    pieces.update(rest)
    assert pieces.digest() == hash_body([body], relaxed)[0]


@pytest.mark.parametrize(
    "body", [b" " * 3_000_000, b"\r\n" * 1_500_000, b"a" + b" \r\n" * 1_000_000 + b"b", b"\t " * 1_500_000 + b"x"]
)
@pytest.mark.parametrize("relaxed", [True, False])
def test_white_space_without_end_takes_linear_time(body: bytes, relaxed: bool) -> None:
    start = time.process_time()
    whole = hash_body([body], relaxed)
    pieces = hash_body((body[at : at + 65_536] for at in range(0, len(body), 65_536)), relaxed)
    assert whole == pieces
    assert time.process_time() - start < 10  # seconds; quadratic work would take hours


def test_the_empty_body_is_known() -> None:
    # RFC 6376 §3.4.3 and §3.4.4 print both.
    assert base64.b64encode(hash_body([b""], relaxed=False)[0]) == b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
    assert hash_body([b""], relaxed=True)[0] == hashlib.sha256(b"").digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello, Alice", b"Hello, Bob"),
        (b"Subject: Hello", b"Subject: Goodbye"),
        (b"carol@", b"mallory@"),
        (b"\r\n\r\nHello", b"\r\nCc: x@y.example\r\n\r\nHello"),
    ],
)
def test_a_change_is_seen(old: bytes, new: bytes) -> None:
    content = LETTER.replace(b"Hello,\r\n\r\nAlice", b"Hello, Alice")
    signed = dkim.sign(content, "elsewhere.example", "s1", PRIVATE, signed_at=NOW) + content
    assert check(signed).result == "pass"
    assert check(signed.replace(old, new)).result == "fail"


def test_text_appended_beyond_l_is_neutral_though_dkimpy_passes_it() -> None:
    signed = theirs(LETTER, length=True)
    assert check(signed).result == "pass"
    longer = signed + b"Buy now!\r\n"
    assert dkimpy_likes(longer)
    assert check(longer).result == "neutral"


def test_a_signed_length_beyond_the_body_fails() -> None:
    signed = theirs(LETTER, length=True)
    assert check(signed.replace(b"Alice. \r\n", b"")).result == "fail"


@pytest.mark.program("openssl")
@pytest.mark.parametrize("bits", [512, 768, 1000])
def test_a_key_below_1024_bits_proves_nothing(bits: int) -> None:
    private = subprocess.run(["openssl", "genrsa", str(bits)], capture_output=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=private, capture_output=True, check=True
    ).stdout
    outcome = check(theirs(LETTER), dkim.dns_value(base64.b64encode(public).decode()))
    assert outcome == Outcome("fail", f"the key has {bits} bits; 1024 is the least")


def test_rsa_sha1_proves_nothing_though_dkimpy_passes_it() -> None:
    signed = theirs(LETTER, signature_algorithm=b"rsa-sha1")
    assert dkimpy_likes(signed)
    assert check(signed) == Outcome("fail", "rsa-sha1 proves nothing any more")


def test_ed25519_is_verified() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    record = dkim.dns_value(base64.b64encode(public).decode(), "ed25519")
    signed = dkim.sign(LETTER, "elsewhere.example", "s1", pem.decode(), signed_at=NOW) + LETTER
    assert b"a=ed25519-sha256" in signed
    assert check(signed, record).result == "pass"
    assert check(signed, RECORD).result == "permerror"
    assert check(signed.replace(b"Alice", b"Bob"), record).result == "fail"


def test_the_example_of_rfc_8463_verifies() -> None:
    """RFC 8463 appendix A: one message with both kinds of signature, and its keys."""
    message = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
        b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n"
        b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
        b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
        b"From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
        b"Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
        b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
        b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    )
    assert check(message, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").result == "pass"


@pytest.mark.parametrize(
    ("record", "result"),
    [
        (RECORD, "pass"),
        (f"p={PUBLIC}", "pass"),
        (f"v=DKIM1; h=sha1:sha256; s=email; t=s; n=note; p={PUBLIC[:40]} {PUBLIC[40:]};", "pass"),
        (f"v=DKIM1; t=y; p={PUBLIC}", "pass"),
        (f"v=DKIM1; h=sha1; p={PUBLIC}", "permerror"),
        (f"v=DKIM1; s=tlsrpt; p={PUBLIC}", "permerror"),
        (f"v=DKIM2; p={PUBLIC}", "permerror"),
        (f"k=rsa; v=DKIM1; p={PUBLIC}", "permerror"),
        (f"v=DKIM1; k=dsa; p={PUBLIC}", "permerror"),
        (f"v=DKIM1; k=ed25519; p={PUBLIC}", "permerror"),
        ("v=DKIM1; p=", "permerror"),
        ("v=DKIM1", "permerror"),
        ("v=DKIM1; p=AAAA", "permerror"),
        ("v=DKIM1; p=%%%", "permerror"),
        (f"v=DKIM1; p={PUBLIC}; p={PUBLIC}", "permerror"),
        ("\x00\xff", "permerror"),
        ("", "permerror"),
        ("p" * 60_000, "permerror"),
    ],
)
def test_key_records_good_and_bad(record: str, result: str) -> None:
    signed = dkim.sign(LETTER, "elsewhere.example", "s1", PRIVATE, signed_at=NOW) + LETTER
    assert check(signed, record).result == result


def test_the_bare_key_of_rfc_6376_is_read_too() -> None:
    key = serialization.load_pem_private_key(PRIVATE.encode(), None).public_key()
    bare = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    assert check(theirs(LETTER), f"v=DKIM1; p={base64.b64encode(bare).decode()}").result == "pass"


VALID = "v=1; a=rsa-sha256; d=elsewhere.example; s=s1; h=from; bh=AAAA; b=AAAA"


@pytest.mark.parametrize(
    ("tags", "result"),
    [
        ("", "permerror"),
        (VALID.replace("v=1", "v=2"), "permerror"),
        (VALID.replace("v=1; ", ""), "permerror"),
        (VALID.replace("h=from", "h=to:subject"), "permerror"),
        (VALID.replace("bh=AAAA", "bh=A"), "permerror"),
        (VALID.replace("d=elsewhere.example", "d=../../etc"), "permerror"),
        (VALID.replace("d=elsewhere.example", "d=" + "a." * 300), "permerror"),
        (VALID.replace("s=s1", "s=s 1"), "permerror"),
        (VALID.replace("s=s1", "s=é"), "permerror"),
        (VALID + "; i=alice@example.org", "permerror"),
        (VALID + "; i=@notelsewhere.example", "permerror"),
        (VALID + "; l=-1", "permerror"),
        (VALID + "; l=" + "9" * 99, "permerror"),
        (VALID + "; c=relaxed/strange", "permerror"),
        (VALID + "; q=http", "permerror"),
        (VALID + "; b=AAAA", "permerror"),
        (VALID + "; =", "permerror"),
        (VALID.replace("rsa-sha256", "rsa-md5"), "permerror"),
        (VALID + "; x=1", "fail"),
        (VALID, "fail"),
        (VALID.replace("b=AAAA", "b="), "fail"),
        (VALID + "; i=@sub.elsewhere.example; zz=unknown", "fail"),
    ],
)
def test_signatures_that_cannot_hold(tags: str, result: str) -> None:
    assert check(f"DKIM-Signature: {tags}\r\n".encode() + LETTER).result == result


def test_a_strict_key_speaks_for_its_very_domain_only() -> None:
    signed = theirs(LETTER, identity=b"x@sub.elsewhere.example")
    assert check(signed).result == "pass"
    assert check(signed, f"v=DKIM1; t=s; p={PUBLIC}").result == "permerror"


@given(st.binary(max_size=200), st.binary(max_size=100))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_the_reader(value: bytes, body: bytes) -> None:
    header, _ = split(b"DKIM-Signature:" + value + b"\r\nFrom: x\r\n\r\n" + body)
    for field in raw_fields(header):
        signature = dkim.parse(field)
        assert signature.problem is None or signature.problem.result != "pass"


def test_a_signature_over_names_without_end_takes_linear_time() -> None:
    names = ":".join(["from"] * 100_000)
    many = b"X: y\r\n" * 50_000
    start = time.process_time()
    assert check(f"DKIM-Signature: {VALID.replace('h=from', 'h=' + names)}\r\n".encode() + many + LETTER).result == "fail"
    assert time.process_time() - start < 10
