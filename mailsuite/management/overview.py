"""What `manage.py help` says: our commands with what each is for, and where Django's own are."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from inspect import cleandoc

import django

from mailsuite.management import commands

DOORS = ("up", "web", "smtpd", "imapd", "worker")


def overview() -> str:
    """A table of our commands: first those that an operator types, then what `up` starts."""
    django.setup()
    names = sorted(one.name for one in pkgutil.iter_modules(commands.__path__))
    asked = [name for name in names if name not in DOORS]
    return "\n".join(
        [
            "Usage: manage.py COMMAND; manage.py COMMAND --help says more, with an example.",
            "",
            *map(_line, ["up", *asked]),
            "",
            "Started by up, each alone where systemd does that:",
            "",
            *map(_line, DOORS[1:]),
            "",
            "Django's own commands: manage.py help --commands",
        ]
    )


def _line(name: str) -> str:
    purpose = cleandoc(import_module(f"{commands.__name__}.{name}").Command.__doc__).partition(". ")[0].rstrip(".")
    return f"  {name:14} {' '.join(purpose.split())}."
