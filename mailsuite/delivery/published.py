"""Is what a domain of ours needs in DNS, and would others believe what we sign?

The signatures are judged by dkimpy and not by our own code: whoever makes a mistake in signing makes the same one in verifying.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import dkim as dkimpy

from mailsuite.accounts.models import DkimKey
from mailsuite.accounts.provision import Record
from mailsuite.net.dns import DnsTrouble, NoSuchName, Questions
from mailsuite.protocol import dkim, dmarc_record, spf_record


class State(StrEnum):
    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # DNS did not answer


@dataclass(frozen=True)
class Finding:
    """A record we asked for, and what the world sees instead."""

    record: Record
    state: State
    words: str = ""


async def check(records: Iterable[Record], keys: Iterable[DkimKey], resolver: Questions) -> list[Finding]:
    """Look up the records that `accounts.provision.dns_records` asks for; keys: the domain's, each with its domain loaded."""
    by_name = {str(key): key for key in keys}
    return list(await asyncio.gather(*(_check(record, by_name, resolver) for record in records)))


async def _check(record: Record, keys: dict[str, DkimKey], resolver: Questions) -> Finding:
    try:
        state, words = await _seen(record, keys, resolver)
    except NoSuchName:
        return Finding(record, State.MISSING, "there is no such name")
    except DnsTrouble as trouble:
        return Finding(record, State.UNKNOWN, str(trouble))
    return Finding(record, state, words)


async def _seen(record: Record, keys: dict[str, DkimKey], resolver: Questions) -> tuple[State, str]:
    if record.type == "MX":
        return _among([host for _, host in await resolver.mx(record.name)], _target(record))
    if record.type == "SRV":
        found = await resolver.ask(record.name, "SRV")
        return _among([one.target.to_text(omit_final_dot=True).lower() for one in found], _target(record))
    texts = [text.decode("latin-1") for text in await resolver.txt(record.name)]
    if record.name in keys:
        return _judge_key(keys[record.name], texts)
    if record.name.startswith("_dmarc."):
        found = dmarc_record.select(texts)
        return (State.OK, "") if found and found.applies else (State.MISSING, "there is no DMARC record")
    return _judge_spf(texts)


def _target(record: Record) -> str:
    return record.value.split()[-1].rstrip(".").lower()


def _among(hosts: list[str], wanted: str) -> tuple[State, str]:
    if wanted in hosts:
        return State.OK, ""
    return (State.WRONG, f"found {', '.join(hosts[:5])}") if hosts else (State.MISSING, "")


def _judge_spf(texts: list[str]) -> tuple[State, str]:
    try:
        found = spf_record.select(texts)
        if found is None:
            return State.MISSING, "there is no SPF record"
        spf_record.parse(found)
    except spf_record.SyntaxProblem as problem:
        return State.WRONG, str(problem)
    return State.OK, ""


def _judge_key(key: DkimKey, texts: list[str]) -> tuple[State, str]:
    if not texts:
        return State.MISSING, "there is no key"
    probe = f"From: postmaster@{key.domain.name}\r\nSubject: probe\r\n\r\nDo others believe us?\r\n".encode()
    signed = dkim.sign(probe, key.domain.name, key.selector, key.private_pem, signed_at=1) + probe
    try:
        if dkimpy.verify(signed, dnsfunc=lambda *_, **__: texts[0].encode("latin-1")):
            return State.OK, ""
    except dkimpy.DKIMException as error:
        return State.WRONG, str(error)
    return State.WRONG, "the key in DNS is not the one we sign with"
