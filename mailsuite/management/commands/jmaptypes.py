"""Write the TypeScript types of the JMAP API."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from mailsuite.management.operator import OperatorCommand
from webmail.jmap import typescript


class Command(OperatorCommand):
    """Write the types of the JMAP API (webmail/jmap/types) as TypeScript for the browser's application, and the sentences
    that introduce quotations and the tables by which queries are read as JSON, for developers.
    With --check only say whether what is there is still right; exit status 1 where it is not."""

    example = """
manage.py jmaptypes
manage.py jmaptypes --check
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing")

    def run(self, check: bool, **_: Any) -> None:
        for path, wanted in typescript.files().items():
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted)
                self.say(f"{path} is written.")
            elif not path.exists() or path.read_text() != wanted:
                self.say(f"{path} is out of date: run `manage.py jmaptypes`.")
                sys.exit(1)
