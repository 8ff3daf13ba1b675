"""Fill an empty instance with the demo co-op."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from mailsuite.accounts.models import Account, Domain
from mailsuite.management.demo import build, fill
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Make the demo co-op: six members of example.org and the mail of half a year. Only into an empty instance, in demo mode.

    Everybody's password is demo- and the name. Where the demo is already, nothing happens. With --messages there is one member,
    alice, with so many messages of six years; always the same ones.
    """

    example = "MAILSUITE_DEMO=yes manage.py demo --messages 100000"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, default=0, metavar="N", help="alice alone, with N messages of six years")

    def run(self, *, messages: int, **_: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Its passwords are public: set MAILSUITE_DEMO=yes to say that this instance is only for show.")
        if Account.objects.filter(login="alice@example.org").exists():
            return
        if Domain.objects.exists():
            raise CommandError(
                "There are domains here already; the demo needs an empty instance: name another MAILSUITE_DATA_DIR."
            )
        if messages < 0:
            raise CommandError("--messages must be a number above 0.")
        if messages:
            self.say(f"Founded example.org with alice and {fill.found(messages):,} messages.")
        else:
            self.say(f"Founded the demo co-op with {build.found(timezone.now())} messages.")
