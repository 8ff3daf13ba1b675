"""The house rules of CONTRIBUTING.md, as tests."""

from __future__ import annotations

import ast
import contextlib
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for top in ("mailsuite", "webmail", "tests", "bench")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "lib"}
FLOOR = {"accounts": 0, "blobs": 0, "mailstore": 1, "queue": 1, "people": 2, "webmail": 3}


def test_the_import_contracts_are_kept() -> None:
    run = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_linter_is_content() -> None:
    ruff = Path(sys.executable).with_name("ruff")
    for words in (["check", "."], ["format", "--check", "."]):
        run = subprocess.run([ruff, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [path for path in SOURCES if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "tests" not in path.parts], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_module_says_its_purpose_in_its_first_line(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "a module begins with its purpose"
    first = docstring.splitlines()[0]
    assert first.endswith((".", "?", ":")), first


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in SOURCES
        if (n := path.read_text().count("\n")) > 400 and "tests" not in path.parts
    }
    assert not long


def test_foreign_keys_point_down_or_stay_on_their_floor() -> None:
    for model in apps.get_models():
        here = model._meta.app_label
        for field in model._meta.get_fields():
            if here in FLOOR and field.many_to_one and field.related_model._meta.app_label in FLOOR:
                there = field.related_model._meta.app_label
                assert there == here or FLOOR[there] < FLOOR[here], f"{model.__name__}.{field.name} points up to {there}"


def test_what_the_log_tells_has_a_name_of_words_and_hyphens() -> None:
    """One form, so that an operator can search for it; which door it was is a field."""
    names = {
        (path.name, call.args[0].value)
        for path in SOURCES
        if "tests" not in path.parts
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("maillog.event", "maillog.problem")
        if isinstance(call.args[0], ast.Constant)
    }
    assert len(names) > 20
    assert {one for one in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", one[1])} == set()


def test_nobody_listens_to_django_signals() -> None:
    for path in SOURCES:
        if "tests" not in path.parts:
            assert "django.db.models.signals" not in path.read_text(), path


START = """
import django
django.setup()
import mailsuite.asgi, mailsuite.imapd.server, mailsuite.management.commands.up, mailsuite.smtpd.server
from mailsuite.worker import server
server.load()
"""


def test_the_doors_need_nothing_that_only_the_tests_install(tmp_path: Path) -> None:
    """As on a fresh machine after `make run`, which installs requirements.lock and no more."""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        with contextlib.suppress(metadata.PackageNotFoundError, ValueError):  # locked for another system; no name in this line
            found = metadata.distribution(line[: line.index("==")])
            for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
                (tmp_path / top).symlink_to(found.locate_file(top))
    run = subprocess.run(
        [sys.executable, "-S", "-c", START],
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "mailsuite.settings",
            "MAILSUITE_DATA_DIR": str(tmp_path / "data"),
            "PYTHONPATH": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_the_system_checks_find_nothing() -> None:
    call_command("check")
