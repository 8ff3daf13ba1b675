"""The web's files are made once, and again when their sources changed or a power cut spoilt them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsuite.management import static_files


@pytest.fixture(autouse=True)
def static_root(tmp_path: Path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    return settings.STATIC_ROOT


def test_they_are_made_once(static_root: Path) -> None:
    static_files.collect()
    first = {path: path.stat().st_mtime_ns for path in static_root.rglob("*")}
    assert any(path.name.endswith(".css") for path in first)
    static_files.collect()
    assert {path: path.stat().st_mtime_ns for path in static_root.rglob("*")} == first


def test_what_a_power_cut_spoilt_is_made_anew(static_root: Path) -> None:
    static_files.collect()
    whole = {path.name: path.read_bytes() for path in static_root.rglob("*") if path.is_file()}
    for path in static_root.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    static_files.collect()
    assert {path.name: path.read_bytes() for path in static_root.rglob("*") if path.is_file()} == whole
