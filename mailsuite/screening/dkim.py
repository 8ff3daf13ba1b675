"""Who has signed this message, and do the signatures hold? (RFC 6376)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from mailsuite.net.dns import DnsTrouble, NoSuchName, Questions, Resolver
from mailsuite.protocol import dkim
from mailsuite.protocol.authres import MethodResult
from mailsuite.protocol.dkim import KeyProblem, Outcome, Signature
from mailsuite.protocol.dkim_canonical import Body, field_name, raw_fields, split

MOST_SIGNATURES = 8  # the topmost; RFC 6376 §8.4 lets a verifier stop somewhere
MOST_KEYS = 3  # records tried where a name has several, which no signer should do
LONGEST_HEADER = 1_000_000  # bytes
QUESTIONS, SECONDS = 2 * MOST_SIGNATURES, 15
INLINE = 65_536  # bytes of a body that are hashed on the event loop; more goes to a thread

Bodies = dict[bool, tuple[bytes, int]]  # relaxed or simple: (SHA-256, length)


@dataclass(frozen=True)
class DkimResult:
    """One signature and what became of it."""

    result: str
    reason: str
    domain: str
    selector: str = ""
    algorithm: str = ""
    identity: str = ""
    value: str = ""  # the first characters of b=, which tell signatures apart (RFC 8601 §2.7.1)


@dataclass
class Incoming:
    """A message on its way in: the header at hand, the rest of it still to be read, once."""

    header: bytes
    rest: Iterator[bytes]
    size: int | None = None  # bytes of the rest, where they are known

    @classmethod
    def read(cls, content: bytes | Iterable[bytes]) -> Incoming:
        """Take the header off a message, which is whole or comes in chunks."""
        if isinstance(content, bytes):
            header, offset = split(content)
            return cls(header, iter([content[offset:]]), len(content) - offset)
        chunks, start = iter(content), b""
        for chunk in chunks:
            start += chunk
            if b"\r\n\r\n" in start or start.startswith(b"\r\n") or len(start) > LONGEST_HEADER:
                break
        header, offset = split(start)
        return cls(header, chain([start[offset:]], chunks))


async def verify(message: Incoming, resolver: Resolver) -> list[DkimResult]:
    """Check the topmost signatures; none gives []. Reads the rest of the message only where something is signed."""
    fields = raw_fields(message.header[:LONGEST_HEADER])
    signatures = [dkim.parse(field) for field in fields if field_name(field) == b"dkim-signature"][:MOST_SIGNATURES]
    usable = [signature for signature in signatures if not signature.problem]
    if not usable:
        return [_result(signature, signature.problem) for signature in signatures if signature.problem]
    limited = resolver.limited(QUESTIONS, SECONDS)
    keys = asyncio.gather(*(_keys(signature, limited) for signature in usable))
    bodies = await _hash(message, {signature.relaxed_body for signature in usable})
    outcomes = {
        id(signature): _judge(signature, fields, bodies, found) for signature, found in zip(usable, await keys, strict=True)
    }
    return [_result(signature, signature.problem or outcomes[id(signature)]) for signature in signatures]


def method_results(results: Sequence[DkimResult]) -> list[MethodResult]:
    """For Authentication-Results; one line a signature."""
    if not results:
        return [MethodResult("dkim", "none", "not signed")]
    return [MethodResult("dkim", found.result, found.reason, _properties(found)) for found in results]


async def _keys(signature: Signature, resolver: Questions) -> list[bytes] | Outcome:
    try:
        found = await resolver.txt(signature.key_name)
    except NoSuchName:
        found = []
    except DnsTrouble:
        return Outcome("temperror", "no answer from DNS for the key")
    return found or Outcome("permerror", "no key in DNS")


def _judge(signature: Signature, fields: list[bytes], bodies: Bodies, found: list[bytes] | Outcome) -> Outcome:
    if isinstance(found, Outcome):
        return found
    outcome = Outcome("permerror", "no key in DNS")
    for text in found[:MOST_KEYS]:
        try:
            record = dkim.read_record(text.decode("utf-8", "replace"))
            outcome = dkim.check(signature, fields, bodies.__getitem__, record, now=int(time.time()))
        except KeyProblem as problem:
            outcome = Outcome("permerror", str(problem))
        if outcome.result == "pass":
            break
    return outcome


async def _hash(message: Incoming, forms: set[bool]) -> Bodies:
    if message.size is not None and message.size <= INLINE:
        return _hash_now(message, forms)
    return await asyncio.to_thread(_hash_now, message, forms)


def _hash_now(message: Incoming, forms: set[bool]) -> Bodies:
    bodies = {form: Body(form) for form in forms}
    for chunk in message.rest:
        for body in bodies.values():
            body.update(chunk)
    return {form: (body.digest(), body.length) for form, body in bodies.items()}


def _result(signature: Signature, outcome: Outcome) -> DkimResult:
    return DkimResult(
        outcome.result,
        outcome.reason,
        signature.domain,
        signature.selector,
        signature.algorithm,
        signature.identity,
        b64encode(signature.value)[:8].decode("ascii"),
    )


def _properties(found: DkimResult) -> dict[str, str]:
    known = {
        "header.d": found.domain,
        "header.i": found.identity if found.identity != f"@{found.domain}" else "",
        "header.s": found.selector,
        "header.a": found.algorithm,
        "header.b": found.value,
    }
    return {name: value for name, value in known.items() if value}
