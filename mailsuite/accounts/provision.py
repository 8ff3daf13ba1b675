"""Making and changing domains, accounts, addresses and secrets: what commands, the panel and the demo all call."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from mailsuite.accounts import verifiers
from mailsuite.accounts.addresses import normalise_domain, split, untagged
from mailsuite.accounts.authenticate import forget, secret_digest
from mailsuite.accounts.models import Account, Address, AliasTarget, AppPassword, DkimKey, Domain
from mailsuite.protocol.dkim import dns_value, new_key

LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LOCAL_PART = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f+]{1,64}")
SHORTEST_PASSWORD = 8
APP_PASSWORD_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 signs that are not taken for one another


class ProvisionError(Exception):
    """It cannot be done; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record that a domain needs, and why."""

    name: str
    type: str
    value: str
    why: str


@transaction.atomic
def add_domain(name: str, *, selector: str | None = None) -> Domain:
    """A new domain of ours with an RSA-2048 DKIM key that signs at once."""
    name = domain_name(name)
    if Domain.objects.filter(name=name).exists():
        raise ProvisionError(f"{name} is already here; `manage.py adddomain {name} --show` prints its DNS records.")
    domain = Domain.objects.create(name=name)
    private_pem, public_key = new_key()
    selector = selector or f"s{timezone.now():%Y%m}"
    DkimKey.objects.create(domain=domain, selector=selector, private_pem=private_pem, public_key=public_key)
    return domain


def domain_name(name: str) -> str:
    """The name as it is kept; raises ProvisionError where it is none."""
    try:
        name = normalise_domain(name.strip())
    except UnicodeError as error:
        raise ProvisionError(f"{name!r} is not a domain name.") from error
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise ProvisionError(f"{name!r} is not a domain name; write one such as example.org.")
    return name


def dns_records(domain: Domain) -> list[Record]:
    """What to publish so that the world sends to us and believes us."""
    host = settings.HOSTNAME
    keys = domain.dkim_keys.exclude(state=DkimKey.State.RETIRED)
    return [
        Record(domain.name, "MX", f"10 {host}.", "other hosts deliver here"),
        Record(domain.name, "TXT", f"v=spf1 mx a:{host} -all", "only this host sends for the domain (RFC 7208)"),
        *(
            Record(
                f"{key.selector}._domainkey.{domain.name}",
                "TXT",
                dns_value(key.public_key, key.algorithm),
                "what we sign (RFC 6376)",
            )
            for key in keys
        ),
        Record(
            f"_dmarc.{domain.name}",
            "TXT",
            f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain.name}",
            "what to do with forgeries (RFC 9989); p=reject when all is well",
        ),
        Record(f"_submissions._tcp.{domain.name}", "SRV", f"0 1 465 {host}.", "mail clients find us (RFC 8314)"),
        Record(f"_imaps._tcp.{domain.name}", "SRV", f"0 1 993 {host}.", "mail clients find us (RFC 6186)"),
    ]


def _own_address(address: str) -> tuple[str, Domain]:
    local, name = split(address.strip())
    if not LOCAL_PART.fullmatch(untagged(local)) or "+" in local:
        raise ProvisionError(f"{address!r} is not an address we can have; write one such as alice@example.org.")
    domain = Domain.objects.filter(name=name).first()
    if domain is None:
        raise ProvisionError(f"{name} is not a domain of ours yet; run `manage.py adddomain {name}` first.")
    if Address.objects.filter(domain=domain, local_part=local).exists():
        raise ProvisionError(f"{local}@{name} is already taken.")
    return local, domain


@transaction.atomic
def add_account(
    address: str, password: str, *, display_name: str = "", is_steward: bool = False, quota: int | None = None
) -> Account:
    """A new account whose login is this address. quota in bytes, 0 for none, None for the instance's default."""
    local, domain = _own_address(address)
    account = Account(login=f"{local}@{domain}", display_name=display_name.strip(), is_steward=is_steward)
    account.quota = settings.DEFAULT_QUOTA if quota is None else quota
    account.time_zone = settings.TIME_ZONE
    account.password = _hashed(password)
    account.save()
    Address.objects.create(domain=domain, local_part=local, account=account)
    forget(account.login)
    return account


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise ProvisionError(f"The password is too short; use at least {SHORTEST_PASSWORD} characters.")
    if len(password) > 1_024:
        raise ProvisionError("The password is too long; use at most 1,024 characters.")
    return make_password(password)


@transaction.atomic
def add_address(account: Account, address: str) -> Address:
    """One more address that reaches an account, and that it may write as."""
    local, domain = _own_address(address)
    return Address.objects.create(domain=domain, local_part=local, account=account)


@transaction.atomic
def add_alias(address: str, targets: list[str]) -> Address:
    """An address that stands for others, ours or anybody's."""
    if not targets:
        raise ProvisionError(f"Name at least one address that {address} stands for.")
    wrong = [target for target in targets if not split(target)[0]]
    if wrong:
        raise ProvisionError(f"{wrong[0]!r} is not an address.")
    local, domain = _own_address(address)
    alias = Address.objects.create(domain=domain, local_part=local)
    AliasTarget.objects.bulk_create(AliasTarget(address=alias, target=target) for target in dict.fromkeys(map(_target, targets)))
    return alias


def _target(address: str) -> str:
    """A target as it is kept: the local part as written (elsewhere it may matter), the domain normalised."""
    return f"{address.rpartition('@')[0]}@{split(address)[1]}"


def set_catch_all(name: str, login: str | None) -> None:
    """Send what no address of the domain names to this account; None refuses it again."""
    if not Domain.objects.filter(name=domain_name(name)).update(catch_all=find_account(login) if login else None):
        raise ProvisionError(f"{name} is not a domain of ours.")


def find_account(login: str) -> Account:
    account = Account.objects.filter(login=login.strip().casefold()).first()
    if account is None:
        raise ProvisionError(f"There is no account {login}; `manage.py listaccounts` names them.")
    return account


def set_password(account: Account, password: str) -> None:
    """Change the password. Web sessions of the account end, since their hash is bound to it."""
    account.password = _hashed(password)
    account.save(update_fields=["password"])
    forget(account.login)


def add_app_password(account: Account, label: str) -> str:
    """A new secret for one device, shown once: four groups of five signs, 100 random bits."""
    secret = "-".join("".join(secrets.choice(APP_PASSWORD_ALPHABET) for _ in range(5)) for _ in range(4))
    AppPassword.objects.create(
        account=account,
        label=label.strip()[:100] or "Device",
        digest=secret_digest(secret),
        scram=verifiers.kept(account.login, secret),
    )
    forget(account.login)
    return secret


def revoke_app_password(account: Account, pk: int) -> bool:
    """End a device's secret; False where the account has no such one."""
    return bool(AppPassword.objects.filter(account=account, pk=pk, revoked_at=None).update(revoked_at=timezone.now()))
