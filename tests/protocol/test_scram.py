"""SCRAM-SHA-256 by the example of RFC 7677, and by what a liar would send."""

from __future__ import annotations

import base64

import pytest

from mailsuite.protocol.scram import Exchange, Unacceptable, verifier

# RFC 7677 §3
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CHALLENGE = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
LAST = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
PENCIL, PEN = verifier("pencil", SALT), verifier("pen", SALT)


def begun(first: bytes = FIRST, **channel: object) -> Exchange:
    exchange = Exchange(first, **{"plus": False, "bindings": {}, **channel})  # type: ignore[arg-type]
    exchange.challenge(NONCE, SALT)
    return exchange


def test_the_example_of_the_rfc() -> None:
    exchange = Exchange(FIRST, plus=False, bindings={})
    assert exchange.login == "user"
    assert exchange.challenge(NONCE, SALT) == CHALLENGE
    assert exchange.accept(FINAL, [PENCIL]) == (0, LAST)


def test_the_secret_may_be_any_of_several_and_none_is_none() -> None:
    assert begun().accept(FINAL, [PEN, PENCIL, PEN]) == (1, LAST)
    assert begun().accept(FINAL, [PEN]) is None
    assert begun().accept(FINAL, []) is None


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n,,",
        b"x,,n=user,r=abc",
        b"n,,n=,r=abc",
        b"n,,n=user,r=",
        b"n,,n=user,r=a b",
        b"n,,m=new,n=user,r=abc",
        b"n,a=admin,n=user,r=abc",
        b"n,,n=us=er,r=abc",
        b"n,,n=us=2c,r=abc",
        b"n,,n=us\0er,r=abc",
        b"n,,n=\xff,r=abc",
        b"p=tls-unique,,n=user,r=abc",
        b"n,,n=user,r=" + b"a" * 2_000,
    ],
)
def test_a_first_message_that_breaks_the_rules_is_refused(first: bytes) -> None:
    with pytest.raises(Unacceptable):
        begun(first)


def test_names_are_unescaped_and_may_be_given_twice() -> None:
    assert begun(b"n,a=a=2Cb=3D,n=a=2Cb=3D,r=abc").login == "a,b="
    assert begun("n,,n=ünlü@example.org,r=abc,x=later".encode()).login == "ünlü@example.org"


@pytest.mark.parametrize(
    "final",
    [
        b"",
        b"*",
        FINAL.replace(b"c=biws", b"c=eSws"),  # the header was y,, on the way here
        FINAL.replace(b"r=rOpr", b"r=rOpq"),
        FINAL.replace(b",p=dHzb", b",p="[:1]),
        FINAL.replace(b"biws", b"b"),
        FINAL + b",x=1",
    ],
)
def test_a_last_message_of_another_exchange_is_refused(final: bytes) -> None:
    with pytest.raises(Unacceptable):
        begun().accept(final, [PENCIL])


def test_a_proof_that_is_too_short_fits_nothing() -> None:
    short = FINAL.partition(b",p=")[0] + b",p=dHzb"
    assert begun().accept(short, [PENCIL]) is None


def test_who_could_bind_and_thinks_that_we_cannot_was_lied_to() -> None:
    assert begun(b"y,,n=user,r=abc")
    with pytest.raises(Unacceptable, match="downgrade"):
        begun(b"y,,n=user,r=abc", bindings={"tls-server-end-point": b"x"})
    assert begun(b"n,,n=user,r=abc", bindings={"tls-server-end-point": b"x"}), "who cannot bind may come in all the same"


def test_a_binding_goes_with_plus_and_must_be_of_this_channel() -> None:
    here = {"tls-server-end-point": b"here"}
    bound = b"p=tls-server-end-point,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    for first, plus in ((bound, False), (FIRST, True), (bound.replace(b"server-end-point", b"exporter"), True)):
        with pytest.raises(Unacceptable):
            begun(first, plus=plus, bindings=here)
    elsewhere = base64.b64encode(b"p=tls-server-end-point,,there")
    with pytest.raises(Unacceptable, match="another channel"):
        begun(bound, plus=True, bindings=here).accept(FINAL.replace(b"biws", elsewhere), [PENCIL])
    right = base64.b64encode(b"p=tls-server-end-point,,here")
    assert begun(bound, plus=True, bindings=here).accept(FINAL.replace(b"biws", right), [PENCIL]) is None, "another proof"
