"""The application's source: typed, tested, built as committed, and small."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.webmail.app.node import APP, packages, run

BUILT = APP.parent / "static" / "app"
MOST_DEPENDENCIES = 6  # product.md 10.4
MOST_BYTES = {"main": 70_000, "compose": 35_000, "css": 15_000}  # brotli; B9 to B11 of product.md 6.5
COMPRESS = """
const { brotliCompressSync } = require("node:zlib"), { readFileSync } = require("node:fs");
for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file)).length);
"""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    packages()


def test_the_built_files_are_those_of_the_source(tmp_path: Path) -> None:
    run("node", "build.mjs", MAILSUITE_APP_OUT=str(tmp_path))
    fresh = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in BUILT.iterdir()}
    assert fresh.keys() == kept.keys(), "run `npm run build` in webmail/app and commit what it makes"
    assert fresh == kept, "run `npm run build` in webmail/app and commit what it makes"


def test_types_hold() -> None:
    run("npx", "tsc", "--noEmit")


def test_the_model_does_what_it_says() -> None:
    run("npm", "test")


def test_it_stands_on_few_shoulders() -> None:
    assert len(json.loads((APP / "package.json").read_text())["dependencies"]) <= MOST_DEPENDENCIES


def test_what_is_loaded_on_the_way_to_inbox_is_small() -> None:
    scripts = [str(BUILT / "main.js"), *(str(BUILT / name) for name in _imported("main.js"))]
    assert sum(_compressed(*scripts)) <= MOST_BYTES["main"]
    assert sum(_compressed(str(BUILT / "app.css"), str(BUILT / "base.css"), str(BUILT.parent / "dark.css"))) <= MOST_BYTES["css"]


def test_what_opening_a_letter_loads_is_small() -> None:
    first = {"main.js", *_imported("main.js")}
    parts = [file.name for kind in ("desk", "rich_editor") for file in BUILT.glob(f"{kind}-*.js")]
    later = {name for part in parts for name in (part, *_imported(part))} - first
    assert len(parts) == 2
    assert sum(_compressed(*(str(BUILT / name) for name in later))) <= MOST_BYTES["compose"]


def _imported(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The files that a built file needs at once, not those it fetches later."""
    found = set(re.findall(r'(?:from|import)"\./([\w.-]+)"', (BUILT / name).read_text())) - seen
    return found | {other for one in found for other in _imported(one, seen | found)}


def _compressed(*files: str) -> list[int]:
    return [int(line) for line in run("node", "-e", COMPRESS, *files).split()]
