"""The table of settings says what settings.py reads."""

from __future__ import annotations

import ast
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

from mailsuite.management.settings_table import SETTINGS, described

SOURCE = (Path(__file__).parents[2] / "mailsuite" / "settings.py").read_text()


def test_every_setting_that_is_read_is_described_and_no_other() -> None:
    read = re.findall(r'\("((?:MAILSUITE|DATABASE|REDIS)_\w+)"', SOURCE)
    assert sorted(one.name for one in SETTINGS) == sorted(set(read))


def test_numbers_are_the_defaults_that_hold() -> None:
    calls = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    numbers = [call for call in calls if call.func.id in ("port", "integer") and isinstance(call.args[0], ast.Constant)]
    defaults = {call.args[0].value: eval(ast.unparse(call.args[1])) for call in numbers}
    assert {one.name: int(one.default) for one in SETTINGS if one.name in defaults} == defaults


def test_the_help_of_up_shows_them() -> None:
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.raises(SystemExit):
        execute_from_command_line(["manage.py", "up", "--help"])
    assert described() in shown.getvalue()
