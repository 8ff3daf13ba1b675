"""docs/clients.md is true: each program in its table has a test here, each test a row, and it names what the trace can tell."""

from __future__ import annotations

import re
from pathlib import Path

from tests.imapd.clients.trace import USES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "clients.md"
ROW = re.compile(r"^\| ([^|]+) \|[^|]*\|([^|]*)\|[^|]*\| `(test_\w+\.py)` \|$", re.M)


def test_each_program_has_a_row_and_each_row_a_test() -> None:
    named = {file for _, _, file in ROW.findall(PAGE.read_text())}
    here = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert named == here


def test_each_extension_in_the_table_is_one_that_is_told_by_its_commands() -> None:
    for program, used, _ in ROW.findall(PAGE.read_text()):
        assert {word.strip() for word in used.split(",")} - {""} <= set(USES), program
