"""Bring the database up to date, as Django does it, and tell SQLite's planner what much mail is like."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from mailsuite.mailstore import planning


class Command(migrate.Command):
    """Django's own, and the statistics afterwards: a table that a migration made anew has lost its own."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = "examples: manage.py migrate"

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        planning.settle(options["database"])
