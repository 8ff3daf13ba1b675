"""`manage.py help`: what an operator sees first."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailsuite.management import commands

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_our_commands_stand_alone_with_what_each_is_for(words: list[str]) -> None:
    run = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = {line.split()[0]: line for line in run.stdout.splitlines() if line.startswith("  ")}
    assert lines.keys() == {one.name for one in pkgutil.iter_modules(commands.__path__)}
    assert all(len(line) > 30 and line.endswith(".") for line in lines.values())
    assert "createsuperuser" not in run.stdout
