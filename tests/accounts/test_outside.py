"""Who may write as an address elsewhere: who told the code that was sent there, and nobody as an address of ours (F82)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.accounts import addresses, identities, outside
from mailsuite.accounts.models import Account, AddressProof, OutsideAddress
from mailsuite.accounts.outside import NotProven
from mailsuite.accounts.provision import add_account, add_domain

pytestmark = pytest.mark.django_db
ELSEWHERE = "Ana@elsewhere.example"


@pytest.fixture
def alice() -> Account:
    add_domain("example.org")
    return add_account("alice@example.org", "correct horse", display_name="Alice Moreau")


@pytest.fixture
def bob(alice: Account) -> Account:
    return add_account("bob@example.org", "battery staple")


def refused(what, *values: object) -> str:
    with pytest.raises(NotProven) as caught:
        what(*values)
    return caught.value.why


def proven(account: Account, address: str = ELSEWHERE) -> OutsideAddress:
    proof, code = outside.ask(account, address, "none")
    return outside.prove(account, proof.pk, code)


def test_the_code_proves_it_and_then_it_is_an_author_and_an_identity(alice: Account, bob: Account) -> None:
    proof, code = outside.ask(alice, ELSEWHERE, "reject")
    assert code not in str(AddressProof.objects.values().get())
    assert not addresses.may_author(alice.pk, ELSEWHERE)
    assert [one.address for one in outside.asked(alice)] == [ELSEWHERE]
    made = outside.prove(alice, proof.pk, f" {code[:4].lower()}-{code[4:]}\n")
    assert (made.address, made.policy) == (ELSEWHERE, "reject")
    assert outside.asked(alice) == []
    for address, may in (
        (ELSEWHERE, True),
        (ELSEWHERE.upper(), True),
        ("ana+x@elsewhere.example", False),
        ("b@elsewhere.example", False),
    ):
        assert addresses.may_author(alice.pk, address) is may, address
        assert not addresses.may_author(bob.pk, address)
    assert [one.address for one in identities.of(alice)] == ["alice@example.org", ELSEWHERE]
    last = identities.of(alice)[-1]
    identities.change(alice, last, name="Ana", text="-- Ana")
    assert [(one.name, one.text) for one in identities.of(alice)] == [("Alice Moreau", ""), ("Ana", "-- Ana")]
    assert not outside.remove(bob, made.pk)
    assert outside.remove(alice, made.pk)
    assert not addresses.may_author(alice.pk, ELSEWHERE)


def test_a_wrong_code_counts_and_five_end_it(alice: Account) -> None:
    proof, code = outside.ask(alice, ELSEWHERE, "")
    for wrong in ("", "x", "AAAAAAAA", "(" * 1_000_000, "\0é"):
        assert refused(outside.prove, alice, proof.pk, wrong) == "wrong"
    assert refused(outside.prove, alice, proof.pk, code) == "tries"
    assert not OutsideAddress.objects.exists()


def test_a_code_is_good_for_a_day_once_for_one_account_and_the_last_one_alone(alice: Account, bob: Account) -> None:
    first, code = outside.ask(alice, ELSEWHERE, "")
    second, again = outside.ask(alice, ELSEWHERE, "")
    assert refused(outside.prove, alice, first.pk, code) == "expired"
    assert refused(outside.prove, bob, second.pk, again) == "expired"
    assert refused(outside.prove, alice, 10**18, again) == "expired"
    AddressProof.objects.update(at=now() - outside.VALID - timedelta(seconds=1))
    assert refused(outside.prove, alice, second.pk, again) == "expired"
    AddressProof.objects.update(at=now())
    made = outside.prove(alice, second.pk, again)
    outside.remove(alice, made.pk)
    assert refused(outside.prove, alice, second.pk, again) == "tries", "spent"


def test_so_many_codes_a_day_for_an_account_and_for_an_address(alice: Account, bob: Account) -> None:
    for n in range(outside.CODES):
        outside.ask(alice, f"a{n}@elsewhere.example", "")
    assert refused(outside.ask, alice, ELSEWHERE, "") == "often"
    outside.ask(bob, "a0@elsewhere.example", "")
    outside.ask(bob, "A0@Elsewhere.example", "")
    assert refused(outside.ask, bob, "a0@elsewhere.example", "") == "often"
    outside.forget(now())
    assert AddressProof.objects.count() == outside.CODES + 2
    outside.forget(now() + outside.VALID)
    assert AddressProof.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "address"),
        ("ana", "address"),
        ("ana@localhost", "address"),
        ("ana@[192.0.2.1]", "address"),
        ("ana@elsewhere.example\nBcc: x@y.example", "address"),
        ("a b@elsewhere.example", "address"),
        ("x" * 300 + "@elsewhere.example", "address"),
        ("(" * 1_000_000, "address"),
        ("bob@example.org", "local"),
        ("nobody@EXAMPLE.org.", "local"),
    ],
)
def test_what_is_no_address_or_one_of_ours_gets_no_code(alice: Account, address: str, why: str) -> None:
    assert refused(outside.ask, alice, address, "") == why
    assert not AddressProof.objects.exists()


def test_a_domain_that_becomes_ours_gives_its_addresses_out_itself(alice: Account) -> None:
    proof, code = outside.ask(alice, "dan@elsewhere.example", "")
    proven(alice)
    add_domain("elsewhere.example")
    assert not addresses.may_author(alice.pk, ELSEWHERE)
    assert [one.address for one in identities.of(alice)] == ["alice@example.org"]
    assert refused(outside.prove, alice, proof.pk, code) == "local"


def test_an_address_is_had_once_and_there_are_not_many(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    proven(alice)
    assert refused(outside.ask, alice, ELSEWHERE, "") == "had"
    monkeypatch.setattr(outside, "MOST", 1)
    assert refused(outside.ask, alice, "dan@elsewhere.example", "") == "many"
