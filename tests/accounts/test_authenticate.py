"""One way in for every door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from mailsuite.accounts.authenticate import (
    MOST_FOR_LOGIN_AND_NETWORK,
    WINDOW,
    Refused,
    admission,
    authenticate,
    network_of,
    still_admitted,
)
from mailsuite.accounts.models import Account, WrongSecret
from mailsuite.accounts.provision import add_account, add_app_password, add_domain, revoke_app_password, set_password

pytestmark = pytest.mark.django_db
HOME, STRANGER = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def alice() -> Account:
    add_domain("example.org")
    return add_account("alice@example.org", "correct horse")


def refused(login: str, secret: str, client: str = HOME, door: str = "imap") -> Refused:
    with pytest.raises(Refused) as caught:
        authenticate(login, secret, door=door, client=client)
    return caught.value


@pytest.mark.parametrize("door", ["web", "smtp", "imap"])
def test_the_password_opens_every_door(alice: Account, door: str) -> None:
    assert authenticate(" Alice@Example.org", "correct horse", door=door, client=HOME) == alice


def test_an_app_password_opens_mail_doors_but_not_the_web(alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    assert authenticate(alice.login, secret, door="imap", client=HOME) == alice
    assert authenticate(alice.login, secret.replace("-", " ").lower(), door="smtp", client=HOME) == alice
    assert not refused(alice.login, secret, door="web").temporary
    revoke_app_password(alice, alice.app_passwords.get().pk)
    refused(alice.login, secret)


def test_wrong_unknown_and_paused_are_refused(alice: Account) -> None:
    assert not refused(alice.login, "wrong").temporary
    assert not refused("nobody@example.org", "wrong").temporary
    assert not refused(alice.login, "x" * 1_000_000).temporary
    assert not refused("\0", "\0").temporary
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    refused(alice.login, "correct horse")


def test_a_stale_password_repeated_all_night_locks_nobody_out(alice: Account) -> None:
    for _ in range(500):
        assert not refused(alice.login, "last year's").temporary
    assert authenticate(alice.login, "correct horse", door="imap", client=HOME) == alice
    assert WrongSecret.objects.count() == 1


def test_many_different_wrong_secrets_close_the_door_for_that_network_only(alice: Account) -> None:
    for n in range(MOST_FOR_LOGIN_AND_NETWORK):
        assert not refused(alice.login, f"guess {n}", STRANGER).temporary
    assert refused(alice.login, "correct horse", STRANGER).temporary
    assert authenticate(alice.login, "correct horse", door="imap", client=HOME) == alice


def test_the_door_opens_again_after_the_window(alice: Account) -> None:
    for n in range(MOST_FOR_LOGIN_AND_NETWORK):
        refused(alice.login, f"guess {n}", STRANGER)
    for row in WrongSecret.objects.all():
        WrongSecret.objects.filter(pk=row.pk).update(seen_at=row.seen_at - WINDOW - timedelta(seconds=1))
    assert authenticate(alice.login, "correct horse", door="imap", client=STRANGER) == alice


def test_a_secret_that_was_wrong_is_right_at_once_after_it_is_set(alice: Account) -> None:
    refused(alice.login, "tomorrow's password")
    set_password(alice, "tomorrow's password")
    assert authenticate(alice.login, "tomorrow's password", door="imap", client=HOME) == alice


def test_no_secret_is_kept(alice: Account) -> None:
    refused(alice.login, "hunter2 hunter2")
    assert "hunter2" not in str(WrongSecret.objects.values_list())
    alice.refresh_from_db()
    assert alice.password.startswith("argon2$")


def test_clients_are_counted_by_network() -> None:
    assert network_of("192.0.2.77") == network_of("::ffff:192.0.2.1") == "192.0.2.0/24"
    assert network_of("2001:db8:1:2::3%eth0") == "2001:db8:1::/48"
    assert network_of("unix") == "unix"


def test_one_question_tells_of_all_who_are_in_whether_they_still_would_be(
    alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bob = add_account("bob@example.org", "another horse")
    secrets = {"own": "correct horse", "phone": add_app_password(alice, "phone"), "tablet": add_app_password(alice, "tablet")}
    known = {way: admission(authenticate(alice.login, secret, door="imap", client=HOME)) for way, secret in secrets.items()}
    known["bob"] = admission(authenticate(bob.login, "another horse", door="imap", client=HOME))

    def remain() -> set[str]:
        with django_assert_num_queries(1):
            there = still_admitted(set(known.values()))
        return {way for way, one in known.items() if one in there}

    assert remain() == {"own", "phone", "tablet", "bob"}
    revoke_app_password(alice, alice.app_passwords.get(label="phone").pk)
    assert remain() == {"own", "tablet", "bob"}
    set_password(alice, "a new horse battery")
    assert remain() == {"tablet", "bob"}
    assert still_admitted({known["bob"]}) == {known["bob"]}
    assert still_admitted([]) == set()
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    assert remain() == {"bob"}
