"""DomainKeys Identified Mail: to sign a message, and to check one signature (RFC 6376, 8301, 8463)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from mailsuite.protocol import taglist
from mailsuite.protocol.dkim_canonical import hash_body, raw_fields, relaxed_field, select, simple_field, split
from mailsuite.protocol.dkim_keys import KeyProblem, KeyRecord, PrivateKey, dns_value, load_private, new_key, read_record

__all__ = ["KeyProblem", "Outcome", "Signature", "check", "dns_value", "new_key", "parse", "read_record", "sign"]

# Named once more than they occur, so that nobody can add another one above ours (RFC 6376 §8.15).
OVERSIGNED = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
)  # fmt: skip
# Signed where they are: others may add such fields for good reasons (RFC 6376 §5.4.1).
SIGNED = (
    "Sender", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Date", "Resent-Message-ID", "List-Id", "List-Help",
    "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
    "Auto-Submitted", "Autocrypt", "Content-ID", "Content-Disposition", "Content-Description",
)  # fmt: skip
LINE = 76
SHORTEST_KEY, LONGEST_KEY = 1024, 8192  # bits; RFC 8301 §3.2, and a bound on what a stranger's key may cost
LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*\Z")
NUMBER = re.compile(r"[0-9]{1,20}\Z")
_SHA256 = Prehashed(hashes.SHA256())


@dataclass(frozen=True)
class Outcome:
    """What became of a signature, in the words of RFC 8601 §2.7.1; `reason` is empty for pass."""

    result: str
    reason: str = ""


@dataclass(frozen=True)
class Signature:
    """A DKIM-Signature field as read; `problem` says why it cannot be checked, where it cannot."""

    field: bytes
    domain: str = ""
    selector: str = ""
    identity: str = ""  # i=
    algorithm: str = ""
    relaxed_header: bool = False
    relaxed_body: bool = False
    names: tuple[bytes, ...] = ()
    body_hash: bytes = b""
    value: bytes = b""
    length: int | None = None  # l=
    expires: int | None = None  # x=
    problem: Outcome | None = None

    @property
    def key_name(self) -> str:
        """Where in DNS the key is."""
        return f"{self.selector}._domainkey.{self.domain}"


def sign(content: bytes, domain: str, selector: str, private_pem: str, *, signed_at: int) -> bytes:
    """The DKIM-Signature field (with CRLF) to put above a message with CRLF line ends; signed_at: seconds since 1970."""
    key = load_private(private_pem)
    header_block, body_offset = split(content)
    fields = raw_fields(header_block)
    body_hash, _ = hash_body([content[body_offset:]], relaxed=True)
    names = _names_to_sign(fields)
    algorithm = "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"
    unsigned = (
        f"DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed; d={domain};\r\n\ts={selector}; t={signed_at};"
        f" bh={_b64(body_hash)};\r\n\th={_folded(':'.join(names), ':')};\r\n\tb="
    ).encode("ascii")
    digest = _header_digest(fields, [name.encode("ascii") for name in names], unsigned, relaxed_field)
    return unsigned + _folded(_b64(_private_sign(key, digest))).encode("ascii") + b"\r\n"


def parse(field: bytes) -> Signature:
    """Read a DKIM-Signature field (name included, last CRLF not). Never raises: see `problem`."""
    try:
        tags = taglist.parse(field.partition(b":")[2].decode("utf-8"))
        return _read(field, tags)
    except _Unusable as error:
        return Signature(field, **error.known, problem=error.outcome)
    except ValueError:
        return Signature(field, problem=Outcome("permerror", "the signature is malformed"))


def check(
    signature: Signature, fields: list[bytes], body: Callable[[bool], tuple[bytes, int]], record: KeyRecord, *, now: int
) -> Outcome:
    """Does a signature hold for a message?

    fields: of the whole header, as `raw_fields` gives them; body: gives (SHA-256, length) of the body, relaxed or simple;
    now: seconds since 1970.
    """
    if bad := _key_problem(signature, record):
        return bad
    if signature.expires is not None and signature.expires < now:
        return Outcome("fail", "the signature has expired")
    body_hash, length = body(signature.relaxed_body)
    if signature.length is not None and signature.length != length:
        # RFC 6376 §8.2: what follows the signed length could be anybody's.
        return Outcome("neutral" if signature.length < length else "fail", "the signed length is not the body's")
    if body_hash != signature.body_hash:
        return Outcome("fail", "the body was changed")
    canonical = relaxed_field if signature.relaxed_header else simple_field
    digest = _header_digest(fields, signature.names, _without_value(signature.field), canonical)
    if not _public_verify(record, signature.value, digest):
        return Outcome("fail", "the signature does not match")
    return Outcome("pass", "the key is for testing" if record.testing else "")


class _Unusable(Exception):
    def __init__(self, result: str, reason: str, **known: str) -> None:
        self.outcome, self.known = Outcome(result, reason), known


def _read(field: bytes, tags: dict[str, str]) -> Signature:
    """RFC 6376 §6.1.1, in its order; what is already known of the signer is kept for the record."""
    domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
    if not DOMAIN.match(domain) or not DOMAIN.match(selector):
        raise _Unusable("permerror", "the signature names no usable domain and selector")
    known = {"domain": domain, "selector": selector}
    if missing := {"v", "a", "b", "bh", "h"} - tags.keys():
        raise _Unusable("permerror", f"the signature has no {min(missing)} tag", **known)
    if tags["v"] != "1":
        raise _Unusable("permerror", "the signature is of another version", **known)
    algorithm = tags["a"].lower()
    if algorithm == "rsa-sha1":  # RFC 8301 §3.1
        raise _Unusable("fail", "rsa-sha1 proves nothing any more", **known)
    if algorithm not in ("rsa-sha256", "ed25519-sha256"):
        raise _Unusable("permerror", "the algorithm is unknown", **known)
    if "dns/txt" not in [method.strip() for method in tags.get("q", "dns/txt").split(":")]:
        raise _Unusable("permerror", "the key is not in DNS", **known)
    header_form, body_form = _forms(tags.get("c", "simple/simple"), known)
    try:
        return Signature(
            field,
            **known,
            identity=_identity(tags.get("i", ""), known),
            algorithm=algorithm,
            relaxed_header=header_form == "relaxed",
            relaxed_body=body_form == "relaxed",
            names=_names(tags["h"], known),
            body_hash=_unb64(tags["bh"]),
            value=_unb64(tags["b"]),
            length=_number(tags, "l"),
            expires=_number(tags, "x"),
        )
    except ValueError:
        raise _Unusable("permerror", "the signature is malformed", **known) from None


def _forms(value: str, known: dict[str, str]) -> tuple[str, str]:
    header_form, _, body_form = value.lower().partition("/")
    forms = header_form.strip(), body_form.strip() or "simple"
    if not set(forms) <= {"simple", "relaxed"}:
        raise _Unusable("permerror", "the canonical form is unknown", **known)
    return forms


def _identity(value: str, known: dict[str, str]) -> str:
    """RFC 6376 §3.5, i=: the domain of d=, or one below it."""
    identity = re.sub(r"\s", "", value) or f"@{known['domain']}"
    host = identity.rpartition("@")[2].lower()
    if "@" not in identity or not f".{host}".endswith(f".{known['domain']}"):
        raise _Unusable("permerror", "the identity is not of the signing domain", **known)
    return identity


def _names(value: str, known: dict[str, str]) -> tuple[bytes, ...]:
    names = tuple(name.strip().lower().encode("utf-8") for name in value.split(":"))
    if b"from" not in names:
        raise _Unusable("permerror", "From is not signed", **known)
    return names


def _number(tags: dict[str, str], name: str) -> int | None:
    if name not in tags:
        return None
    if not NUMBER.match(tags[name]):
        raise ValueError(name)
    return int(tags[name])


def _key_problem(signature: Signature, record: KeyRecord) -> Outcome | None:
    if isinstance(record.key, rsa.RSAPublicKey) != (signature.algorithm == "rsa-sha256"):
        return Outcome("permerror", "the key is of another kind than the signature")
    if record.hashes is not None and "sha256" not in record.hashes:
        return Outcome("permerror", "the key forbids the hash")
    if record.strict and signature.identity.rpartition("@")[2].lower() != signature.domain:
        return Outcome("permerror", "the key is for its very domain only")
    if isinstance(record.key, rsa.RSAPublicKey) and record.key.key_size < SHORTEST_KEY:
        return Outcome("fail", f"the key has {record.key.key_size} bits; {SHORTEST_KEY} is the least")
    if isinstance(record.key, rsa.RSAPublicKey) and record.key.key_size > LONGEST_KEY:
        return Outcome("permerror", "the key is too long")
    return None


def _header_digest(
    fields: list[bytes], names: list[bytes] | tuple[bytes, ...], own: bytes, canonical: Callable[[bytes], bytes]
) -> bytes:
    """RFC 6376 §3.7: the signed fields, then the signature itself with an empty b=, without a last CRLF."""
    signed = [canonical(field) for field in select(fields, names)]
    return hashlib.sha256(b"\r\n".join([*signed, canonical(own)])).digest()


def _without_value(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    tags = value.split(b";")
    for i, tag in enumerate(tags):
        tag_name, equals, _ = tag.partition(b"=")
        if equals and tag_name.strip() == b"b":
            tags[i] = tag_name + b"="
    return name + b":" + b";".join(tags)


def _private_sign(key: PrivateKey, digest: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):  # RFC 8463 §3: PureEdDSA over the SHA-256
        return key.sign(digest)
    return key.sign(digest, PKCS1v15(), _SHA256)


def _public_verify(record: KeyRecord, value: bytes, digest: bytes) -> bool:
    try:
        if isinstance(record.key, ed25519.Ed25519PublicKey):
            record.key.verify(value, digest)
        else:
            record.key.verify(value, digest, PKCS1v15(), _SHA256)
    except (InvalidSignature, ValueError):
        return False
    return True


def _names_to_sign(fields: list[bytes]) -> list[str]:
    present = [field.partition(b":")[0].rstrip().lower().decode("latin-1") for field in fields]
    once_more = [name for name in OVERSIGNED for _ in range(present.count(name.lower()) + 1)]
    return once_more + [name for name in SIGNED for _ in range(present.count(name.lower()))]


def _folded(text: str, after: str = "") -> str:
    """In lines of at most LINE characters, broken after a mark or (base64) anywhere."""
    if not after:
        return "\r\n\t ".join(text[i : i + LINE] for i in range(0, len(text), LINE))
    lines, line = [], ""
    for word in re.findall(rf"[^{after}]+{after}?", text):
        if line and len(line) + len(word) > LINE:
            lines.append(line)
            line = ""
        line += word
    return "\r\n\t ".join([*lines, line])


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"[ \t\r\n]", "", text), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
