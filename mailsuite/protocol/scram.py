"""SCRAM-SHA-256, the server's half: a login in which the secret is never sent and never kept (RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NAME = "SCRAM-SHA-256"
PLUS = "SCRAM-SHA-256-PLUS"
ITERATIONS = 4_096  # RFC 7677 §4: the least; for secrets of a hundred random bits more would only cost the clients
LONGEST = 1_024  # octets of a message of the client

# RFC 5802 §7: gs2-cbind-flag "," [ authzid ] "," username "," nonce [ "," extensions ]
_FIRST = re.compile(
    r"(?P<header>(?P<flag>n|y|p=[A-Za-z0-9.\-]+),(?:a=(?P<authzid>[^,\0]+))?,)(?P<bare>n=(?P<name>[^,\0]+),r=(?P<nonce>[!-+\--~]+)(?:,.*)?)"
)
_FINAL = re.compile(
    r"(?P<bare>c=(?P<binding>[A-Za-z0-9+/=]+),r=(?P<nonce>[!-+\--~]+)(?:,.*)?),p=(?P<proof>[A-Za-z0-9+/=]+)", re.S
)
_ESCAPE = re.compile(r"=(2C|3D)?")


class Unacceptable(ValueError):
    """The client's message is not what the mechanism wants."""


class Verifier(NamedTuple):
    """What is kept of a secret: it proves who knows the secret, and does not tell it."""

    stored_key: bytes
    server_key: bytes


def verifier(secret: str, salt: bytes, iterations: int = ITERATIONS) -> Verifier:
    """RFC 5802 §3: of a secret that is ASCII, for which SASLprep changes nothing."""
    salted = hashlib.pbkdf2_hmac("sha256", secret.encode("ascii"), salt, iterations)
    return Verifier(hashlib.sha256(_mac(salted, b"Client Key")).digest(), _mac(salted, b"Server Key"))


class Exchange:
    """One login: made of the client's first message, then `challenge`, then `accept`.

    plus: was it begun as SCRAM-SHA-256-PLUS? bindings: what binds it to the TLS connection, by type (RFC 5929); empty where
    the server offers no PLUS here. Raises Unacceptable.
    """

    __slots__ = ("_bare", "_bound", "_challenge", "_nonce", "login")

    def __init__(self, message: bytes, *, plus: bool, bindings: Mapping[str, bytes]) -> None:
        match = _FIRST.fullmatch(_text(message))
        if not match:
            raise Unacceptable("not a client-first-message")
        self._bound = match["header"].encode() + _bound(match["flag"], plus, bindings)
        self.login = _unescaped(match["name"])
        if match["authzid"] and _unescaped(match["authzid"]) != self.login:
            raise Unacceptable("to act for somebody else")
        self._bare, self._nonce, self._challenge = match["bare"], match["nonce"], ""

    def challenge(self, nonce: str, salt: bytes, iterations: int = ITERATIONS) -> bytes:
        """The server's first message. nonce: ours, fresh, printable and without a comma."""
        self._nonce += nonce
        self._challenge = f"r={self._nonce},s={base64.b64encode(salt).decode()},i={iterations}"
        return self._challenge.encode()

    def accept(self, message: bytes, verifiers: Iterable[Verifier]) -> tuple[int, bytes] | None:
        """Which verifier the client's proof fits, and the server's last message; None where it fits none.

        All are tried, so that the time taken does not tell which one fits.
        """
        match = _FINAL.fullmatch(_text(message))
        if not match or not hmac.compare_digest(match["nonce"], self._nonce):
            raise Unacceptable("not the client-final-message of this exchange")
        if not hmac.compare_digest(_decoded(match["binding"]), self._bound):
            raise Unacceptable("bound to another channel")
        said = f"{self._bare},{self._challenge},{match['bare']}".encode()
        proof, found = _decoded(match["proof"]), None
        for index, (stored_key, server_key) in enumerate(verifiers):
            if hmac.compare_digest(hashlib.sha256(_xor(proof, _mac(stored_key, said))).digest(), stored_key):
                found = index, b"v=" + base64.b64encode(_mac(server_key, said))
        return found


def _bound(flag: str, plus: bool, bindings: Mapping[str, bytes]) -> bytes:
    """The data of the channel binding that the client chose (RFC 5802 §6)."""
    if flag.startswith("p=") != plus:
        raise Unacceptable("a channel binding and a mechanism that do not go together")
    if flag == "y" and bindings:
        # The client could, and thinks that we cannot: somebody between us took PLUS out of our offer.
        raise Unacceptable("a downgrade")
    if not plus:
        return b""
    if flag[2:] not in bindings:
        raise Unacceptable("an unknown type of channel binding")
    return bindings[flag[2:]]


def _text(message: bytes) -> str:
    if len(message) > LONGEST:
        raise Unacceptable("too long")
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unacceptable("no UTF-8") from error


def _unescaped(name: str) -> str:
    """RFC 5802 §5.1: =2C is a comma, =3D an equals sign, and no other = may be."""

    def sign(match: re.Match[str]) -> str:
        if not match[1]:
            raise Unacceptable("a name that is not escaped")
        return "," if match[1] == "2C" else "="

    return _ESCAPE.sub(sign, name)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unacceptable("no base64") from error


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    """Of a proof that is too short or too long, something that fits nothing."""
    if len(one) != len(other):
        return b""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
