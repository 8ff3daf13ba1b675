"""DKIM keys: making them, reading private ones, and the DNS record that publishes or revokes one (RFC 6376 §3.6)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mailsuite.protocol import taglist

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class KeyProblem(ValueError):
    """A published key that cannot be used; the text says why and may be shown."""


@dataclass(frozen=True)
class KeyRecord:
    """A key as a domain publishes it."""

    key: PublicKey
    hashes: frozenset[str] | None  # None: any that the verifier knows
    testing: bool  # t=y
    strict: bool  # t=s: i= must name the very domain of d=


def new_key(bits: int = 2048) -> tuple[str, str]:
    """A fresh RSA key as (private key: PKCS #8 in PEM, public key: base64 for the p= tag)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode("ascii")


def dns_value(public_b64: str, algorithm: str = "rsa") -> str:
    """The TXT value to publish at `<selector>._domainkey.<domain>`."""
    return f"v=DKIM1; k={algorithm}; p={public_b64}"


@lru_cache(maxsize=256)
def load_private(pem: str) -> PrivateKey:
    """The key of a PEM, cached: reading one costs as much as sixty signatures."""
    key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    if not isinstance(key, PrivateKey):
        raise TypeError("only RSA and Ed25519 keys sign mail")
    return key


@lru_cache(maxsize=1024)
def read_record(text: str) -> KeyRecord:
    """A key record's TXT value, checked; raises KeyProblem with the reason (RFC 6376 §3.6.1, §6.1.2)."""
    try:
        tags = taglist.parse(text)
    except ValueError as error:
        raise KeyProblem("the key record is malformed") from error
    if tags.get("v", "DKIM1") != "DKIM1" or ("v" in tags and next(iter(tags)) != "v"):
        raise KeyProblem("the key record is of another version")
    if "email" not in (services := _words(tags.get("s", "*"))) and "*" not in services:
        raise KeyProblem("the key is not for mail")
    if "p" not in tags:
        raise KeyProblem("the key record holds no key")
    flags = _words(tags.get("t", ""))
    hashes = frozenset(_words(tags["h"])) if "h" in tags else None
    return KeyRecord(_public(tags.get("k", "rsa"), tags["p"]), hashes, testing="y" in flags, strict="s" in flags)


def _public(algorithm: str, p: str) -> PublicKey:
    data = re.sub(r"\s", "", p)
    if not data:
        raise KeyProblem("the key was revoked")
    try:
        der = base64.b64decode(data, validate=True)
        if algorithm == "ed25519":  # RFC 8463 §4: the bare 32 bytes
            return ed25519.Ed25519PublicKey.from_public_bytes(der)
        if algorithm == "rsa":
            return _rsa(der)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as error:
        raise KeyProblem("the key cannot be read") from error
    raise KeyProblem("the key is of an unknown kind")


def _rsa(der: bytes) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(der)
    except ValueError:
        key = _pkcs1(der)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _pkcs1(der: bytes) -> object:
    """RFC 6376 §3.6.1 asks for the bare RSAPublicKey; most publish a SubjectPublicKeyInfo. Both are read."""
    body = base64.encodebytes(der).decode("ascii")
    return serialization.load_pem_public_key(f"-----BEGIN RSA PUBLIC KEY-----\n{body}-----END RSA PUBLIC KEY-----\n".encode())


def _words(value: str) -> list[str]:
    return [word for part in value.split(":") if (word := part.strip().lower())]
