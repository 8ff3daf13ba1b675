"""What the operators' commands share: an example under --help, and errors that are one sentence."""

from __future__ import annotations

import argparse
import getpass
import sys
from inspect import cleandoc
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from mailsuite.accounts.provision import ProvisionError


class OperatorCommand(BaseCommand):
    """A command whose class docstring is its help and whose `example` stands under it, and `more` under that."""

    example = ""
    more = ""
    requires_system_checks: ClassVar[list[str]] = []  # the tests run them; here they would load the whole webmail into every door

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.description = cleandoc(self.__doc__ or "")
        parser.epilog = "examples:\n" + "\n".join(f"  {line}" for line in self.example.strip().splitlines())
        parser.epilog += f"\n\n{self.more}" if self.more else ""
        parser.formatter_class = Formatter
        return parser

    def handle(self, **options: Any) -> None:
        try:
            self.run(**options)
        except ProvisionError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            if _founded():
                raise
            reason = " ".join(str(error).split())
            raise CommandError(
                f"There is no mail here to work on ({reason}). `manage.py up` makes its database; where it is up already, give "
                "this command the same MAILSUITE_DATA_DIR and DATABASE_URL."
            ) from error

    def run(self, **options: Any) -> None:
        raise NotImplementedError

    def say(self, text: str = "") -> None:
        self.stdout.write(text)

    def read_password(self, *, from_stdin: bool) -> str:
        """One line of standard input, or typed twice without echo."""
        if from_stdin:
            return sys.stdin.readline().rstrip("\n")
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask for the password; add --password-stdin and pipe it in.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ; nothing was changed.")
        return password


def _founded() -> bool:
    """Whether the database answers, and was ever prepared."""
    try:
        return "django_migrations" in connection.introspection.table_names()
    except DatabaseError:
        return False


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the example's lines, and leaves out Django's own options, which nobody looks for here."""

    hidden = {"--version", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color", "--skip-checks", "-v"}

    def add_argument(self, action: argparse.Action) -> None:
        if not self.hidden & set(action.option_strings):
            super().add_argument(action)

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        shown = [action for action in actions if not self.hidden & set(action.option_strings)]
        super().add_usage(usage, shown, groups, prefix)


def table(rows: list[list[object]], heads: list[str]) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    cells = [heads, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
