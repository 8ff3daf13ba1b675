"""Check that the mail store is as it must be."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from mailsuite.accounts.models import Account
from mailsuite.mailstore.verify import verify
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Check every message, label, conversation and count of the mail store; says what is wrong, and changes nothing."""

    example = """
manage.py checkstore
manage.py checkstore alice@example.org --read-bytes
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", nargs="?", help="one account; without it, all of them")
        parser.add_argument("--read-bytes", action="store_true", help="read every message, too, and compare it with its hash")

    def run(self, login: str | None, read_bytes: bool, **_: Any) -> None:
        account = Account.objects.filter(login=login.lower()).first() if login else None
        if login and account is None:
            raise CommandError(f"There is no account {login}.")
        problems = 0
        for problem in verify(account.pk if account else None, read_bytes=read_bytes):
            self.say(problem)
            problems += 1
        if problems:
            raise CommandError(f"{problems} {'thing is' if problems == 1 else 'things are'} wrong.")
        self.say("All is well.")
