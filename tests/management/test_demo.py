"""The demo co-op: believable, threaded, and only where the operator said that this is for show."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mailsuite.accounts.authenticate import authenticate
from mailsuite.accounts.models import Account, Domain
from mailsuite.mailstore.models import Mailbox, Message, Thread
from mailsuite.mailstore.verify import verify
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
