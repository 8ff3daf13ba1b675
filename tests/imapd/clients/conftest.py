"""The scene that every program comes into, and what it said, where its test fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from mailsuite.accounts.models import Account
from mailsuite.net import tls
from tests.imapd.clients.scene import Scene
from tests.imapd.clients.trace import Trace, listening
from tests.imapd.conftest import RunningServer

LINES = 150  # of the conversation's end


@pytest.fixture
def trace() -> Iterator[Trace]:
    heard = Trace()
    with listening(heard):
        yield heard


@pytest.fixture
def certificate(server: RunningServer) -> Path:
    tls.server_context()
    return Path(settings.TLS_DIR) / "cert.pem"


@pytest.fixture
def scene(trace: Trace, server: RunningServer, alice: Account, certificate: Path, tmp_path: Path) -> Scene:
    return Scene(alice, server, trace, certificate, tmp_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    trace = getattr(item, "funcargs", {}).get("trace")
    if report.failed and trace:
        report.sections.append((f"the last {LINES} lines of the conversation", "\n".join(trace.lines[-LINES:])))
    return report
