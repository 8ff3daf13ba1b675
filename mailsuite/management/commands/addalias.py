"""Add an alias."""

from typing import Any

from django.core.management.base import CommandParser

from mailsuite.accounts.provision import add_alias
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Add an address that stands for others. One that stands for a single account is also an author address of that account."""

    example = """
manage.py addalias garden@example.org alice@example.org bob@example.org
manage.py addalias info@example.org alice@example.org
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")
        parser.add_argument("target", nargs="+", help="an address of ours or anybody's")

    def run(self, address: str, target: list[str], **_: Any) -> None:
        alias = add_alias(address, target)
        self.say(f"{alias} stands for {', '.join(map(str, alias.targets.all()))}.")
