"""A wrong setting stops the start with one sentence that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def start(data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAILSUITE_", "DATABASE_", "REDIS_"))}
    words = [sys.executable, "manage.py", "shell", "-c", "from django.conf import settings; print(settings.REDIS_URL)"]
    environment = clean | {"MAILSUITE_DATA_DIR": str(data_dir)} | environment
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAILSUITE_SMTP_PORT", "smtp"),
        ("MAILSUITE_WEB_PORT", "70000"),
        ("MAILSUITE_DEMO", "perhaps"),
        ("MAILSUITE_RESOLVER", "127.0.0.1:dns"),
        ("MAILSUITE_SMARTHOST", "host/path"),
        ("DATABASE_URL", "mysql://localhost/mail"),
        ("MAILSUITE_SECRET_KEY_FILE", "/nonexistent/key"),
        ("MAILSUITE_DATA_DIR", "/proc/nowhere"),
        ("MAILSUITE_DATA_DIR", "/etc/hostname"),
        ("MAILSUITE_HOSTNAME", "mail example"),
        ("MAILSUITE_BLOCKLISTS", "bl.example.net;x"),
        ("MAILSUITE_BLOCKLISTED", "refuse"),
        ("MAILSUITE_PROXY_PEERS", "10.0.0.1/8"),
        ("MAILSUITE_TIME_ZONE", "Mars/Olympus"),
        ("MAILSUITE_LOG_LEVEL", "loud"),
        ("REDIS_URL", "localhost:6379"),
        ("DATABASE_URL", "postgresql://localhost:port/mail"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    run = start(tmp_path, **{name: value})
    assert run.returncode != 0
    [sentence] = run.stderr.strip().splitlines()
    assert name in sentence
    assert sentence.endswith(".")


def test_the_secret_is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0
    path = tmp_path / "secret_key"
    first = path.read_text()
    assert len(first) > 50
    assert path.stat().st_mode & 0o077 == 0
    assert start(tmp_path).returncode == 0
    assert path.read_text() == first


def test_sockets_keep_short_names_however_deep_the_data_folder(tmp_path: Path) -> None:
    run = start(tmp_path / ("deep" * 30))
    assert len(run.stdout.strip()) < 108 + len("unix://")
