"""The published test data, unpacked once a run; tests over it skip loudly where it is not there.

`MAILSUITE_CORPORA` names the folder, by default `../shared/data` beside the checkout. Nothing of it is ever committed.
"""

from __future__ import annotations

import os
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

FOLDER = Path(os.environ.get("MAILSUITE_CORPORA") or Path(__file__).resolve().parents[2] / "shared" / "data")
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Debian 12's 3.11.2 is older than the filter
_unpacked = TemporaryDirectory(prefix="mailsuite-corpora-")  # goes when the test process ends


@cache
def corpus(name: str) -> Path:
    """The folder with the files of a pack such as "mime-torture" or "spam/recent-spam"; skips the test where it is missing."""
    pack = FOLDER / f"{name}.tar.xz"
    if not pack.exists():
        pytest.skip(f"the corpus {name} is not at {pack}: set MAILSUITE_CORPORA to the folder that holds it")
    target = Path(_unpacked.name) / name.replace("/", "-")
    with tarfile.open(pack, "r:xz") as archive:
        archive.extractall(target, **SAFELY)
    return target
