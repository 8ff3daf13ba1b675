"""Collect what is to be translated."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from mailsuite.management.operator import OperatorCommand
from webmail.i18n import sources


class Command(OperatorCommand):
    """Collect every message of the pages and of the application into the catalogues (webmail/locale), for developers, and
    say what has no translation yet. Needs Node. Afterwards `node build.mjs` in webmail/app makes of them what browsers load."""

    example = """
manage.py translations
manage.py translations --missing
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true", help="show each message that has no translation")

    def run(self, missing: bool, **_: Any) -> None:
        try:
            found = sources.collect()
        except sources.CannotRead as error:
            raise CommandError(str(error)) from error
        for language, messages in found.items():
            self.say(f"{language}: {len(messages)} without a translation.")
            for message in messages if missing else ():
                self.say(f"  {message}")
