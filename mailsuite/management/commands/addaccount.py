"""Add an account."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from mailsuite.accounts.provision import add_account
from mailsuite.mailstore import mailboxes
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Add an account: its address is its login. The domain must be here already (adddomain)."""

    example = """
manage.py addaccount alice@example.org --name "Alice Moreau"
pass show mail/alice | manage.py addaccount alice@example.org --password-stdin
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--name", default="", help="the name that recipients see")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input, one line")
        parser.add_argument("--steward", action="store_true", help="may administer the co-op")
        parser.add_argument("--quota-mb", type=int, help="megabytes of mail; 0 is no limit")

    def run(self, address: str, name: str, password_stdin: bool, steward: bool, quota_mb: int | None, **_: Any) -> None:
        password = self.read_password(from_stdin=password_stdin)
        quota = None if quota_mb is None else quota_mb * 1_000_000
        with transaction.atomic():
            account = add_account(address, password, display_name=name, is_steward=steward, quota=quota)
            mailboxes.ensure(account.pk)
        self.say(f"{account.login} can sign in.")
