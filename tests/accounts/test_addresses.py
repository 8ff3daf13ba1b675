"""Which account an address reaches, and who may write as it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from mailsuite.accounts.addresses import identities, is_local_domain, may_author, resolve
from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_account, add_address, add_alias, add_domain, set_catch_all
from mailsuite.protocol.address import parse_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Account:
    add_domain("example.org")
    return add_account("alice@example.org", "correct horse", display_name="Alice Moreau", is_steward=True)


@pytest.fixture
def bob(alice: Account) -> Account:
    return add_account("bob@example.org", "battery staple")


def reached(address: str) -> list[tuple[str, int | None]]:
    return [(destination.address, destination.account_id) for destination in resolve(address)]


@pytest.mark.parametrize("address", ["alice@example.org", "ALICE@EXAMPLE.ORG", "Alice@example.org.", "alice+shop@example.org"])
def test_an_address_reaches_its_account_whatever_its_case_or_tag(alice: Account, address: str) -> None:
    assert reached(address) == [(address, alice.pk)]


@pytest.mark.parametrize(
    "address", ["nobody@example.org", "alice@elsewhere.example", "alice", "@example.org", "", "a@b@", "+x@example.org"]
)
def test_an_unknown_address_reaches_nobody(alice: Account, address: str) -> None:
    assert resolve(address) == []


def test_an_address_with_a_plus_of_its_own_wins_over_the_tag(alice: Account) -> None:
    assert reached('"alice"@example.org') == [('"alice"@example.org', alice.pk)]


def test_an_alias_stands_for_accounts_and_for_addresses_elsewhere(alice: Account, bob: Account) -> None:
    add_alias("garden@example.org", ["alice@example.org", "bob@example.org", "Carol@Elsewhere.example"])
    assert reached("garden+spring@example.org") == [
        ("alice@example.org", alice.pk),
        ("bob@example.org", bob.pk),
        ("Carol@elsewhere.example", None),
    ]


def test_a_person_whom_two_aliases_reach_gets_one_copy(alice: Account, bob: Account) -> None:
    add_alias("board@example.org", ["alice@example.org"])
    add_alias("all@example.org", ["board@example.org", "alice@example.org", "bob@example.org"])
    assert {account for _, account in reached("all@example.org")} == {alice.pk, bob.pk}
    assert len(resolve("all@example.org")) == 2


def test_an_alias_of_hundreds_costs_no_more_queries_than_one_of_two(
    alice: Account, django_assert_max_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    add_alias("all@example.org", [f"n{n}@elsewhere.example" for n in range(300)] + ["alice@example.org"])
    add_alias("everybody@example.org", ["all@example.org", "alice@example.org"])
    with django_assert_max_num_queries(9):
        found = resolve("everybody+tag@example.org")
    assert [one.address for one in found][:2] == ["alice@example.org", "n0@elsewhere.example"]
    assert len(found) == 301


def test_a_circle_of_aliases_ends(alice: Account) -> None:
    add_alias("a@example.org", ["b@example.org"])
    add_alias("b@example.org", ["a@example.org"])
    assert resolve("a@example.org") == []


def test_a_catch_all_takes_what_no_address_names(alice: Account, bob: Account) -> None:
    set_catch_all("example.org", "bob@example.org")
    assert reached("whoever@example.org") == [("whoever@example.org", bob.pk)]
    assert reached("alice@example.org") == [("alice@example.org", alice.pk)]
    Account.objects.filter(pk=bob.pk).update(is_active=False)
    assert resolve("whoever@example.org") == [], "a paused account takes nothing, for others neither"
    assert reached("postmaster@example.org") == [("postmaster@example.org", alice.pk)]
    set_catch_all("example.org", None)
    assert resolve("whoever@example.org") == []


def test_a_domain_is_the_same_to_the_operator_and_to_smtp(db: None) -> None:
    assert add_domain("straße.example").name == parse_path("a@straße.example").domain
    assert add_domain("bücher.example").name == parse_path("a@BÜCHER.example").domain


@pytest.mark.parametrize("name", ["postmaster", "abuse"])
def test_postmaster_and_abuse_always_reach_a_steward(alice: Account, bob: Account, name: str) -> None:
    written = f"{name.title()}@example.org"
    assert reached(written) == [(written, alice.pk)]


def test_a_paused_account_takes_no_mail(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    assert resolve("alice@example.org") == []


def test_a_domain_is_ours_in_any_spelling(alice: Account) -> None:
    add_domain("bücher.example")
    assert is_local_domain("EXAMPLE.org.")
    assert is_local_domain("xn--bcher-kva.example")
    assert is_local_domain("Bücher.example")
    assert not is_local_domain("elsewhere.example")
    assert not is_local_domain("." * 300)


def test_an_account_may_write_as_its_addresses_and_sole_aliases_only(alice: Account, bob: Account) -> None:
    add_address(alice, "a.moreau@example.org")
    add_alias("info@example.org", ["alice@example.org"])
    add_alias("garden@example.org", ["alice@example.org", "bob@example.org"])
    assert [identity.address for identity in identities(alice.pk)] == [
        "alice@example.org",
        "a.moreau@example.org",
        "info@example.org",
    ]
    assert may_author(alice.pk, "Alice+shop@example.org")
    assert may_author(alice.pk, "info@example.org")
    assert not may_author(alice.pk, "garden@example.org")
    assert not may_author(alice.pk, "bob@example.org")
    assert not may_author(alice.pk, "")
