"""Addresses elsewhere that an account may write as: a code goes there by mail, and whoever tells it reads that mailbox (F82)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import now

from mailsuite.accounts import addresses
from mailsuite.accounts.models import Account, AddressProof, OutsideAddress
from mailsuite.protocol.address import parse_path

VALID = timedelta(days=1)  # for so long a code proves anything, and is counted
TRIES = 5  # of one code
CODES = 5  # that one account may have sent in that time
CODES_THERE = 3  # that any one address gets in that time, whoever asks
MOST = 20  # addresses of an account
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 signs that are not taken for one another
SIGNS = 8


class NotProven(Exception):
    """Why it cannot be done: address, local, had, many, often, expired, tries or wrong. Never temporary, but for often."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def temporary(self) -> bool:
        return self.why == "often"


@transaction.atomic
def ask(account: Account, address: str, policy: str) -> tuple[AddressProof, str]:
    """A new code for this address, to be sent there and told to nobody; codes of before are worth nothing. Raises NotProven.

    policy: what the address's domain asks receivers to do with mail that it did not send: none, quarantine, reject, or "".
    """
    Account.objects.select_for_update().get(pk=account.pk)
    written, folded = _checked(account, address)
    lately = AddressProof.objects.filter(at__gt=now() - VALID)
    if lately.filter(account=account).count() >= CODES or lately.filter(folded=folded).count() >= CODES_THERE:
        raise NotProven("often")
    code = "".join(secrets.choice(ALPHABET) for _ in range(SIGNS))
    values = {"address": written, "folded": folded, "policy": policy, "at": now()}
    return AddressProof.objects.create(account=account, digest=_digest(account, folded, code), **values), code


def _checked(account: Account, address: str) -> tuple[str, str]:
    """(the address as it is written, as it is compared)."""
    local, domain = addresses.split(address)
    written = address.rpartition("@")[0]
    if written.lower() != local:  # two mailboxes elsewhere that we would take for one: only one of them was proven
        raise NotProven("address")
    if not local or len(address) > 254 or parse_path(address) is None or domain.startswith("[") or "." not in domain:
        raise NotProven("address")
    if addresses.is_local_domain(domain):
        raise NotProven("local")  # whoever has an address here gets it from the co-op, not by reading a letter once
    mine = addresses.outside(account.pk)
    if any(one.folded == f"{local}@{domain}" for one in mine):
        raise NotProven("had")
    if len(mine) >= MOST:
        raise NotProven("many")
    return f"{address.rpartition('@')[0]}@{domain}", f"{local}@{domain}"


def prove(account: Account, pk: int, code: str) -> OutsideAddress:
    """The address is the account's to write as, if the code is the one that was sent there last. Raises NotProven."""
    with transaction.atomic():
        proof = AddressProof.objects.select_for_update().filter(account=account, pk=pk, at__gt=now() - VALID).first()
        if proof is None or AddressProof.objects.filter(account=account, folded=proof.folded, pk__gt=pk).exists():
            raise NotProven("expired")
        if proof.tries >= TRIES:
            raise NotProven("tries")
        proof.tries += 1
        proof.save(update_fields=["tries"])
    told = "".join(one for one in code.upper()[:100] if one in ALPHABET)
    if not constant_time_compare(proof.digest, _digest(account, proof.folded, told)):
        raise NotProven("wrong")
    return _proven(account, proof)


@transaction.atomic
def _proven(account: Account, proof: AddressProof) -> OutsideAddress:
    Account.objects.select_for_update().get(pk=account.pk)
    _checked(account, proof.address)
    AddressProof.objects.filter(account=account, folded=proof.folded).update(tries=TRIES)  # spent, and counted still
    values = {"address": proof.address, "folded": proof.folded, "policy": proof.policy, "proven_at": now()}
    return OutsideAddress.objects.create(account=account, **values)


def asked(account: Account) -> list[AddressProof]:
    """Addresses whose code was sent and not told yet, each with its last code."""
    found = AddressProof.objects.filter(account=account, at__gt=now() - VALID).order_by("pk")
    had = {one.folded for one in addresses.outside(account.pk)}
    last = {one.folded: one for one in found}
    return [one for one in last.values() if one.folded not in had]


def remove(account: Account, pk: int) -> bool:
    """It is not the account's to write as any more; False where it was not."""
    return bool(OutsideAddress.objects.filter(account=account, pk=pk).delete()[0])


def forget(at: datetime) -> int:
    """Let go of codes that prove nothing any more, and are not counted."""
    return AddressProof.objects.filter(at__lte=at - VALID).delete()[0]


def _digest(account: Account, folded: str, code: str) -> str:
    return salted_hmac("accounts.outside", f"{account.pk}\n{folded}\n{code}", algorithm="sha256").hexdigest()
