"""Whom alice writes to is counted from her own mail, each mail once, and decays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account, Domain
from mailsuite.mailstore import actions, changes
from mailsuite.mailstore.models import Message
from mailsuite.people import count, directory
from mailsuite.people.decay import HALF_LIFE, REFERENCE, weight
from mailsuite.people.models import Circle, Person, Register
from tests.mailstore.conftest import ALICE, BOB, CAROL, MALLORY, Box, box  # noqa: F401


def person(box: Box, address: str) -> Person:  # noqa: F811
    count.catch_up(box.pk)
    return Person.objects.get(account_id=box.pk, folded=address)


def people(box: Box) -> set[str]:  # noqa: F811
    count.catch_up(box.pk)
    return set(Person.objects.filter(account_id=box.pk, forgotten=False).values_list("address", flat=True))


@pytest.fixture
def mailbox(box: Box) -> Box:  # noqa: F811
    domain = Domain.objects.create(name="example.org")
    domain.addresses.create(local_part="alice", account=box.account)
    return box


def test_a_mail_counts_half_after_sixty_days() -> None:
    assert weight(REFERENCE, now()) == 1
    assert weight(REFERENCE + HALF_LIFE, REFERENCE + 2 * HALF_LIFE) == 2
    assert weight(REFERENCE - HALF_LIFE, now()) == 0.5
    assert weight(REFERENCE + timedelta(days=10**6), REFERENCE) == 1, "a mail from the future counts as one from now"


def test_whoever_is_written_to_is_a_person_whatever_the_field(mailbox: Box) -> None:
    mailbox.send(to=f"Bob Roe <{BOB}>", more=f"Cc: {CAROL}\nBcc: dan@elsewhere.example")
    assert people(mailbox) == {BOB, CAROL, "dan@elsewhere.example"}
    assert person(mailbox, BOB).name == "Bob Roe"


def test_strangers_and_the_account_itself_are_not(mailbox: Box) -> None:
    mailbox.receive(author=MALLORY)
    mailbox.send(to=f"{BOB}, alice@example.org, Alice+shop@example.org")
    assert people(mailbox) == {BOB}


def test_each_mail_is_counted_once(mailbox: Box) -> None:
    sent = mailbox.send(to=BOB)
    once = person(mailbox, BOB).written
    assert once == pytest.approx(weight(sent.received_at, now()))
    actions.star(mailbox.pk, [], [sent.pk])
    assert person(mailbox, BOB).written == once
    mailbox.send(to=BOB.upper())
    assert person(mailbox, BOB).written > 1.9 * once
    assert people(mailbox) == {BOB}


def test_nothing_is_read_again_where_nothing_came(mailbox: Box, django_assert_max_num_queries) -> None:
    mailbox.send(to=BOB)
    count.catch_up(mailbox.pk)
    with django_assert_max_num_queries(2):
        count.catch_up(mailbox.pk)


def test_a_draft_counts_when_it_is_sent_and_not_before(mailbox: Box) -> None:
    draft = mailbox.send(to=BOB, role="drafts", flags=Message.SEEN | Message.DRAFT)
    assert people(mailbox) == set()
    assert Register.objects.get().drafts == [draft.pk]
    Message.objects.filter(pk=draft.pk).update(flags=Message.SEEN)
    actions.star(mailbox.pk, [], [draft.pk])  # the account moves on
    assert people(mailbox) == {BOB}
    assert Register.objects.get().drafts == []


def test_drafts_that_are_gone_are_not_waited_for(mailbox: Box) -> None:
    draft = mailbox.send(to=BOB, role="drafts", flags=Message.SEEN | Message.DRAFT)
    count.catch_up(mailbox.pk)
    actions.delete_for_ever(mailbox.pk, message_ids=[draft.pk])
    count.catch_up(mailbox.pk)
    assert Register.objects.get().drafts == []


def test_their_mails_count_where_alice_wrote_to_them_too(mailbox: Box) -> None:
    first = mailbox.receive(author=f"Bob Roe <{BOB}>")
    mailbox.send(to=BOB)
    assert person(mailbox, BOB).heard == pytest.approx(weight(first.received_at, now()))
    assert person(mailbox, BOB).name == "Bob Roe", "as he writes it, where she gives him no name"


@pytest.mark.parametrize(
    "values",
    [
        {"more": "List-Id: <talk.example.org>"},
        {"more": "Precedence: bulk"},
        {"more": "Auto-Submitted: auto-replied"},
        {"to": "list@elsewhere.example"},
        {"role": "junk"},
    ],
)
def test_mail_that_was_not_written_to_her_by_hand_does_not_count(mailbox: Box, values: dict[str, str]) -> None:
    mailbox.send(to=BOB)
    mailbox.receive(author=BOB, **values)
    assert person(mailbox, BOB).heard == 0


def test_who_is_written_to_together_is_a_circle(mailbox: Box) -> None:
    mailbox.send(to=f"{BOB}, {CAROL}")
    mailbox.send(to=CAROL, more=f"Cc: {BOB}")
    mailbox.send(to=BOB)
    mailbox.send(to=", ".join(f"p{n}@elsewhere.example" for n in range(count.LARGEST_CIRCLE + 1)))
    count.catch_up(mailbox.pk)
    [circle] = Circle.objects.all()
    assert circle.members == sorted([person(mailbox, BOB).pk, person(mailbox, CAROL).pk])
    assert circle.written == pytest.approx(person(mailbox, CAROL).written)


def test_who_is_forgotten_comes_back_when_she_writes_to_them_again(mailbox: Box) -> None:
    mailbox.send(to=f"{BOB}, {CAROL}")
    count.catch_up(mailbox.pk)
    assert count.forget(mailbox.pk, [BOB.upper(), MALLORY]) == [BOB.upper()]
    assert people(mailbox) == {CAROL}
    mailbox.receive(author=BOB)
    assert people(mailbox) == {CAROL}
    mailbox.send(to=BOB)
    assert people(mailbox) == {BOB, CAROL}


def test_a_count_that_another_process_was_quicker_with_is_not_added(mailbox: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.send(to=BOB)
    real, turns = count._count, []

    def slow(register: Register) -> count.Counted:
        found = real(register)
        if not turns:
            turns.append(1)
            count.catch_up(mailbox.pk)  # as another process would, between our reading and our writing
        return found

    monkeypatch.setattr(count, "_count", slow)
    sent = Message.objects.get()
    assert person(mailbox, BOB).written == pytest.approx(weight(sent.received_at, now()))


def test_a_name_or_address_of_any_length_is_kept(mailbox: Box) -> None:
    mailbox.send(to=f'"{"x" * 5_000}" <{BOB}>, {"y" * 5_000}@elsewhere.example, ' + "(" * 5_000)
    assert people(mailbox) == {BOB}
    assert len(person(mailbox, BOB).name) <= 200


def test_accounts_are_counted_apart(mailbox: Box) -> None:
    mailbox.send(to=CAROL)
    other = Account.objects.create(login="dan@example.org")
    count.catch_up(mailbox.pk)
    assert count.catch_up(other.pk).version == 0
    assert count.forget(other.pk, [CAROL]) == []
    assert Person.objects.get().forgotten is False


def test_fellow_members_are_those_of_the_same_domains(mailbox: Box, settings) -> None:
    provision.add_account("bob@example.org", "correct horse battery", display_name="Bob Roe")
    provision.add_alias("help@example.org", [BOB])
    Domain.objects.create(name="other.example")
    provision.add_account("erin@other.example", "correct horse battery", display_name="Erin")
    gone = provision.add_account("frank@example.org", "correct horse battery", display_name="Frank")
    Account.objects.filter(pk=gone.pk).update(is_active=False)
    assert directory.fellows(mailbox.pk) == [("Bob Roe", BOB)]
    settings.MEMBER_DIRECTORY = False
    assert directory.fellows(mailbox.pk) == []


def test_counting_takes_no_modseq(mailbox: Box) -> None:
    mailbox.send(to=BOB)
    before = changes.state(mailbox.pk)
    count.catch_up(mailbox.pk)
    assert changes.state(mailbox.pk) == before
    assert ALICE not in people(mailbox)
