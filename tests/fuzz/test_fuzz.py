"""The fuzzer's targets hold for every conversation we know, and for what the fuzzer makes of them in ten minutes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.answers import Misshapen, check

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("FUZZ_SECONDS", "600"))


def run(*words: str, seconds: float) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *words], cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-5_000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize("target", ["grammar", "session"])
def test_the_seeds_break_nothing_in_any_cutting(target: str) -> None:
    assert "nothing found" in run(target, "seeds", seconds=110)


@pytest.mark.system
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not installed: make system does it")
@pytest.mark.parametrize("target", ["grammar", "session"])
def test_ten_minutes_of_fuzzing_find_nothing(target: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    told = run(
        target, f"-max_total_time={SECONDS}", f"-artifact_prefix={tmp_path}/", "-print_final_stats=1", seconds=SECONDS + 240
    )
    assert "stat::number_of_executed_units" in told
    with capsys.disabled():
        print("", *(line for line in told.splitlines() if line.startswith("stat::") or " DONE " in line), sep="\n")


MISSHAPEN = r"""
* 1 FETCH (BODY[] {5}\r\nabc)
* LIST () "/" "a"b"
* LIST () "/" a\x07b
* LIST () "/" \xc3\xa9
* 1 FETCH (FLAGS (\\Seen)
* SEARCH 1)
a1 DONE
hello
"""


@pytest.mark.parametrize("line", MISSHAPEN.strip().splitlines())
def test_the_reader_of_answers_sees_what_is_wrong(line: str) -> None:
    with pytest.raises(Misshapen):
        check(line.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
    with pytest.raises(Misshapen):
        check(b"* OK and no end")


def test_the_reader_of_answers_sees_what_is_right() -> None:
    fetch = b'* 1 FETCH (BODY[HEADER.FIELDS ("a(")] {4}\r\n(\r\n" BODY[] "\\"(")\r\n'
    right = fetch + b'+ go\r\na] OK ((\r\n* LIST () "/" {2}\r\n\xff\x00\r\n'
    assert [len(pieces) for pieces in check(right)] == [3, 1, 1, 3]
