"""Fuzz one target: `python -m tests.fuzz grammar -max_total_time=600`, or a file that once failed: `… session crash-1f2e`.

`python -m tests.fuzz session seeds` only goes through the seeds, and needs no fuzzer. Everything else is libFuzzer's own.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

MODULES = {"grammar": "tests.fuzz.grammar", "session": "tests.fuzz.session"}
SESSION_SECONDS = 60  # one input may take so long


def main() -> None:
    name, options = sys.argv[1], sys.argv[2:]
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="mailsuite-fuzz-", dir=memory if memory.is_dir() else None) as folder:
        os.environ |= {"MAILSUITE_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "mailsuite.settings"}
        if options == ["seeds"]:
            _go_through(name, Path(folder) / "seeds")
        else:
            _fuzz(name, options, Path(folder))


def _target(name: str, imports: object) -> object:
    with imports:  # type: ignore[attr-defined]
        import django

        django.setup()
        logging.disable(logging.WARNING)
        importlib.import_module("mailsuite.imapd.server")
        return importlib.import_module(MODULES[name]).Target()


def _go_through(name: str, seeds: Path) -> None:
    from tests.fuzz import words

    target = _target(name, nullcontext())
    words.write_seeds(seeds)
    for seed in sorted(seeds.iterdir()):
        # Whole conversations in several cuttings; a line of them alone, as the fuzzer begins with it, in one.
        for cut in (b"\x00", b"\x01", b"\x07") if seed.name.startswith("all") else (b"\x00",):
            target(cut + seed.read_bytes()[1:])  # type: ignore[operator]
    print(f"{len(list(seeds.iterdir()))} seeds, nothing found")


def _fuzz(name: str, options: list[str], folder: Path) -> None:
    import atheris

    from tests.fuzz import words

    target = _target(name, atheris.instrument_imports(include=["mailsuite"]))
    words.write_seeds(folder / "seeds")
    words.write_dictionary(folder / "words")
    files = [option for option in options if not option.startswith("-")]
    corpus = [] if any(Path(file).is_file() for file in files) else [*files, str(folder / "seeds")]
    if not files and corpus:
        (folder / "corpus").mkdir()
        corpus.insert(0, str(folder / "corpus"))
    fixed = [f"-dict={folder / 'words'}", f"-timeout={SESSION_SECONDS}", "-rss_limit_mb=4096", "-max_len=4096"]
    flags = [option for option in options if option.startswith("-")]
    atheris.Setup([sys.argv[0], *fixed, *flags, *(corpus or files)], target)
    atheris.Fuzz()


main()
