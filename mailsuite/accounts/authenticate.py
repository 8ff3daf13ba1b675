"""One way in for every door: a login and a secret become an account, or a refusal.

Guessing is counted by *distinct* wrong secrets. A phone that repeats one stale password all night is one wrong secret, and locks
nobody out; ten different ones within the window are a guesser. Counted for a login from one network, for a network as a whole,
and (higher) for a login from everywhere, so that a household is not shut out by strangers who try its names.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import DatabaseError
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from mailsuite.accounts import verifiers
from mailsuite.accounts.models import Account, AppPassword, WrongSecret
from mailsuite.protocol import ip

WINDOW = timedelta(minutes=15)
MOST_FOR_LOGIN_AND_NETWORK = 10
MOST_FOR_NETWORK = 40
MOST_FOR_LOGIN = 200
AT_ONCE = 1_000  # accounts of a statement
LONGEST_SECRET = 1_024  # characters; argon2 of a megabyte would be a gift to a flooder


class Refused(Exception):
    """Not let in. `temporary` means: too many wrong secrets, try later; the reason is for the log, never for the client."""

    def __init__(self, reason: str, *, temporary: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.temporary = temporary


def authenticate(login: str, secret: str, *, door: str, client: str) -> Account:
    """The account of this login and secret.

    door: `web`, `smtp` or `imap`; the web takes the password alone, the others also app passwords. client: an IP address.
    Raises Refused. A login that does not exist takes as long as a wrong password.
    """
    login = normalised(login)
    network, now = network_of(client), timezone.now()
    mark = fingerprint(login, secret)
    if _known_wrong(login, mark, now):
        raise Refused("a wrong secret again")
    hold_off(login, network, now)
    account = Account.objects.filter(login=login).first()
    if account is not None and door != "web" and (device := _app_password(account, secret, now)):
        account.app_password_id = device.pk
        return admitted(account)
    if len(secret) <= LONGEST_SECRET and check_password(secret, account.password if account else _nobody()) and account:
        return admitted(account)
    remember(login, network, mark, now)
    raise Refused("wrong login or secret")


def normalised(login: str) -> str:
    """As logins are kept. Raises Refused for what can be none."""
    if "\0" in login:  # PostgreSQL cannot even be asked for it
        raise Refused("a login with NUL")
    return login.strip().casefold()[:320]


def admitted(account: Account) -> Account:
    """The account whose secret was right. Raises Refused where it may not come in all the same."""
    if not account.is_active:
        raise Refused("the account is paused")
    return account


def network_of(client: str) -> str:
    """The /24 or /48 that an address belongs to; an unreadable one is itself. IPv4 in IPv6 counts as IPv4."""
    try:
        address = ip.parse(client)
    except ValueError:
        return client[:64]
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def fingerprint(login: str, secret: str) -> str:
    """What is kept of a wrong secret: worthless without the instance's key."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{login}\0{secret}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def secret_digest(secret: str) -> str:
    """How an app password is kept. Blanks and letter case are for the reader's eye and do not count."""
    return hashlib.sha256("".join(secret.split()).replace("-", "").upper().encode("utf-8", "replace")).hexdigest()


def _app_password(account: Account, secret: str, now: datetime) -> AppPassword | None:
    row = AppPassword.objects.filter(account=account, digest=secret_digest(secret), revoked_at=None).first()
    if row is None:
        return None
    if not verifiers.current(account.login, row):  # made before there were any, or under another key: now it can be done
        AppPassword.objects.filter(pk=row.pk).update(scram=verifiers.kept(account.login, secret))
    used(row, now)
    return row


def used(row: AppPassword, now: datetime) -> None:
    """A device came in; its member is shown when it did last, to the hour."""
    if row.last_used_at is None or now - row.last_used_at > timedelta(hours=1):
        AppPassword.objects.filter(pk=row.pk).update(last_used_at=now)


def still_admits(account: Account, secret: str) -> bool:
    """Would the secret that let the account in still do so? `account` as it was then.

    For connections that last: it costs no slow hash, so it can be asked again and again.
    """
    now = Account.objects.filter(pk=account.pk, is_active=True).first()
    if now is None:
        return False
    device = AppPassword.objects.filter(account=account, digest=secret_digest(secret)).first()
    return device.revoked_at is None if device else now.password == account.password


class Admission(NamedTuple):
    """What let somebody in, without the secret: a device's, or the account's password as it was kept then."""

    account_id: int
    app_password_id: int | None
    password: str


def admission(account: Account) -> Admission:
    """Of an account as `authenticate` or `scram.authenticate` gave it."""
    device = account.app_password_id
    return Admission(account.pk, device, "" if device else account.password)


def still_admitted(asked: Collection[Admission]) -> set[Admission]:
    """Those that would still be let in: one statement for a thousand accounts, and no slow hash."""
    ordered, remain = list(asked), set[Admission]()
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        # All that are valid, of however many devices: to name those we ask for makes SQLite try each for each account.
        valid = FilteredRelation("app_passwords", condition=Q(app_passwords__revoked_at=None))
        accounts = Account.objects.filter(pk__in={one.account_id for one in some}, is_active=True).annotate(device=valid)
        for account_id, password, device in accounts.values_list("pk", "password", "device__pk"):
            remain |= {Admission(account_id, None, password), Admission(account_id, device, "")}
    return remain.intersection(asked)


@functools.cache
def _nobody() -> str:
    """A hash to compare with where there is no account, so that the time taken tells nothing."""
    return make_password("nobody")


def _known_wrong(login: str, mark: str, now: datetime) -> bool:
    """Was this very secret wrong a moment ago? Then it costs no hash and counts no further. `forget` ends that."""
    return WrongSecret.objects.filter(login=login, fingerprint=mark, seen_at__gt=now - WINDOW).exists()


def forget(login: str) -> None:
    """The login's secrets changed: what was wrong may be right now."""
    WrongSecret.objects.filter(login=login).delete()


def hold_off(login: str, network: str, now: datetime) -> None:
    """Raise Refused where there were too many wrong secrets."""
    if _throttled(login, network, now):
        raise Refused("too many different wrong secrets", temporary=True)


def _throttled(login: str, network: str, now: datetime) -> bool:
    recent = WrongSecret.objects.filter(seen_at__gt=now - WINDOW)
    here = recent.filter(network=network)
    return (
        here.filter(login=login).count() >= MOST_FOR_LOGIN_AND_NETWORK
        or here.count() >= MOST_FOR_NETWORK
        or recent.filter(login=login).count() >= MOST_FOR_LOGIN
    )


def remember(login: str, network: str, mark: str, now: datetime) -> None:
    """Count a wrong secret; `mark` is its `fingerprint`."""
    try:
        WrongSecret.objects.update_or_create(login=login, network=network, fingerprint=mark, defaults={"seen_at": now})
    except DatabaseError:
        return  # a full disk must not turn a refusal into a failure
    WrongSecret.objects.filter(seen_at__lt=now - 10 * WINDOW).delete()
