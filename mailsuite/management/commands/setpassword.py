"""Set an account's password, or give a device one of its own."""

from typing import Any

from django.core.management.base import CommandParser

from mailsuite.accounts.provision import add_app_password, find_account, set_password
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Set an account's password. With --app, make a password for one device instead and print it once."""

    example = """
manage.py setpassword alice@example.org
echo "$NEW" | manage.py setpassword alice@example.org --password-stdin
manage.py setpassword alice@example.org --app "Alice's phone"
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input, one line")
        parser.add_argument("--app", metavar="DEVICE", help="make an app password for IMAP and SMTP")

    def run(self, login: str, password_stdin: bool, app: str | None, **_: Any) -> None:
        account = find_account(login)
        if app:
            self.say(add_app_password(account, app))
            return
        set_password(account, self.read_password(from_stdin=password_stdin))
        self.say(f"The password of {account.login} is changed.")
