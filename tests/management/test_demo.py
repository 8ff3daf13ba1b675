"""The demo co-op: believable, threaded, and only where the operator said that this is for show."""

from __future__ import annotations

import hashlib

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mailsuite.accounts.authenticate import authenticate
from mailsuite.accounts.models import Account, Domain
from mailsuite.mailstore.models import Mailbox, Message, Thread
from mailsuite.mailstore.verify import verify
from mailsuite.management.demo import fill, years
from mailsuite.management.demo.cast import MEMBERS

pytestmark = pytest.mark.django_db


def test_the_demo_is_a_co_op_with_conversations_in_many_languages(settings) -> None:
    settings.DEMO = True
    call_command("demo")
    alice = authenticate("alice@example.org", "demo-alice", door="web", client="127.0.0.1")
    assert Account.objects.count() == len(MEMBERS) == 6
    mail = Message.objects.filter(account=alice)
    assert mail.count() > 150
    assert mail.filter(place=Message.Place.SPAM).count() >= 10
    roof = Thread.objects.get(account=alice, subject="Roof over the shed")
    assert roof.messages.count() == 7
    assert Mailbox.objects.get(account=alice, name="Garden").pk in roof.labels
    subjects = set(mail.values_list("subject", flat=True))
    assert {"Ласкаво просимо", "Re: 来週の夕食", "مرحبا من بيروت", "Wer gießt im August?"} <= subjects
    assert not list(verify(read_bytes=True))
    call_command("demo")  # again: nothing happens
    assert Account.objects.count() == 6


def test_the_demo_refuses_an_instance_that_is_for_real(settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="MAILSUITE_DEMO=yes"):
        call_command("demo")
    settings.DEMO = True
    Domain.objects.create(name="example.net")
    with pytest.raises(CommandError, match="MAILSUITE_DATA_DIR"):
        call_command("demo")


def test_so_many_messages_are_one_member_s_with_an_inbox_threads_labels_files_and_every_language(settings) -> None:
    settings.DEMO = True
    call_command("demo", messages=600)
    alice = Account.objects.get()
    mail = Message.objects.filter(account=alice)
    boxes = {box.role or box.name: box for box in Mailbox.objects.filter(account=alice)}
    assert mail.count() == 600
    assert boxes["inbox"].total == 600 // 50
    assert boxes["sent"].total > 50
    assert boxes["junk"].total > 3
    assert boxes["archive"].total > 300
    assert sum(boxes[name].threads for name in fill.LABELS) > 10
    assert Thread.objects.filter(account=alice, total__gte=4).count() > 10
    assert mail.exclude(attachments=[]).count() > 20
    assert mail.filter(traits__has_key="list_id").count() > 150
    assert (mail.latest("received_at").received_at - mail.earliest("received_at").received_at).days > 6 * 365 - 60
    assert not list(verify(read_bytes=True))


def test_so_many_messages_are_the_same_bytes_every_time_and_each_is_another() -> None:
    first, again = ([(one.trace, one.content, one.role, one.flags) for one in fill.kept(400)] for _ in range(2))
    assert first == again
    assert len({content for _, content, _, _ in first}) == 400
    assert sorted(one.letter.at for one in fill.kept(400)) == [one.letter.at for one in fill.kept(400)]
    # Of the generator as it stands: who changes it, changes this; it must not differ between machines or Pythons.
    said = "".join(f"{one.at} {one.author.address} {one.subject} {one.text}" for one in years.letters(400))
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == "e2ed920e8e9ff06f"


def test_so_many_messages_must_be_a_number_above_none(settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="above 0"):
        call_command("demo", messages=-1)
