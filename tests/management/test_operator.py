"""What an operator reads who gives a command before there is anything to work on, or in a terminal without the settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.suite import ROOT


@pytest.mark.parametrize("database", ["sqlite://", "postgresql://nobody@127.0.0.1:1/mail"], ids=["empty", "away"])
def test_a_command_without_a_database_says_in_one_sentence_what_to_set(tmp_path: Path, database: str) -> None:
    environment = os.environ | {"MAILSUITE_DATA_DIR": str(tmp_path), "DATABASE_URL": database}
    words = [sys.executable, "manage.py", "listaccounts"]
    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    [sentence] = (run.stdout + run.stderr).strip().splitlines()
    assert "`manage.py up`" in sentence
    assert "MAILSUITE_DATA_DIR and DATABASE_URL" in sentence
