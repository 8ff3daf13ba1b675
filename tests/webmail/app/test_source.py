"""The application's source: typed, tested, built as committed, and small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.webmail.app.built import BUILT, first, letter
from tests.webmail.app.node import APP, packages, run

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
    assert sum(_compressed(*(str(BUILT / name) for name in first()))) <= MOST_BYTES["main"]
    assert sum(_compressed(str(BUILT / "app.css"), str(BUILT / "base.css"), str(BUILT.parent / "dark.css"))) <= MOST_BYTES["css"]


def test_what_opening_a_letter_loads_is_small() -> None:
    assert sum(_compressed(*(str(BUILT / name) for name in letter()))) <= MOST_BYTES["compose"]


def _compressed(*files: str) -> list[int]:
    return [int(line) for line in run("node", "-e", COMPRESS, *files).split()]
