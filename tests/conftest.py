"""What every test shares: the cast, a data folder of its own, and loud skips for what is missing."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings

from mailsuite import bridge
from tests.dns_server import nameserver  # noqa: F401
from tests.valkey import valkey  # noqa: F401

# Speed is shown in bench/; deadlines and checks of how quickly examples come only tell that the machine had something else to do.
# `make test` tries the same examples every time; `make system` looks for new ones (--hypothesis-profile search).
UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("mailsuite", UNHURRIED, derandomize=True)
hypothesis.settings.register_profile("search", UNHURRIED, max_examples=1_000, print_blob=True)
hypothesis.settings.load_profile("mailsuite")


def pytest_configure(config: pytest.Config) -> None:
    from pathlib import Path

    folder = Path(tempfile.mkdtemp(prefix="mailsuite-tests-"))
    settings.DATA_DIR, settings.BLOB_DIR, settings.TLS_DIR = folder, folder / "blobs", folder / "tls"
    settings.IMAGE_DIR = folder / "images"
    settings.REDIS_URL = f"unix://{folder}/no-server.sock"
    settings.STATIC_ROOT = folder
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # no collectstatic
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database, which can be dropped only when the threads of the bridge have let go of it."""
    yield
    bridge.close()


def no_browser() -> str:
    """Why no browser can be driven here; empty where one can."""
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "chromium is not installed: apt install chromium"
    from playwright._impl._driver import compute_driver_executable

    node = subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True, text=True, check=False)
    return f"playwright cannot run, apt install libatomic1: {node.stderr.strip()[-200:]}" if node.returncode else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_browser = [item for item in items if item.get_closest_marker("browser")]
    if in_browser and (reason := no_browser()):
        for item in in_browser:
            item.add_marker(pytest.mark.skip(reason=reason))
    for item in items:
        for mark in item.iter_markers("program"):
            if not shutil.which(mark.args[0]):
                item.add_marker(pytest.mark.skip(reason=f"{mark.args[0]} is not installed: apt install it"))
