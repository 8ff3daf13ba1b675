"""Programs are started, kept running, and stopped in order; real processes throughout."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailsuite.management.supervisor import Program, Supervisor

LOYAL = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye"), sys.exit(0)))
print("here")
time.sleep(60)
"""


def python(name: str, code: str, **more: object) -> Program:
    return Program(name, [sys.executable, "-u", "-c", code], **more)  # type: ignore[arg-type]


async def run_until(supervisor: Supervisor, done, seconds: float = 20) -> int:
    running = asyncio.create_task(supervisor.run(on_ready=lambda: None))
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    supervisor.stop()
    return await running


async def test_programs_start_with_their_name_before_each_line_and_stop_in_reverse_order(capsys: pytest.CaptureFixture) -> None:
    heard: list[str] = []

    def both() -> bool:
        heard.append(capsys.readouterr().out)
        return "".join(heard).count("here") == 2

    assert await run_until(Supervisor([python("broker", LOYAL), python("web", LOYAL, stage=1)]), both) == 0
    lines = ("".join(heard) + capsys.readouterr().out).splitlines()
    assert sorted(lines[:2]) == ["broker | here", "web    | here"]
    assert lines[2:] == ["web    | bye", "broker | bye"]


async def test_what_dies_is_started_again(tmp_path: Path) -> None:
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x')"
    await run_until(Supervisor([python("mayfly", code)]), lambda: count.exists() and len(count.read_text()) >= 2)
    assert len(count.read_text()) >= 2


async def test_what_is_killed_takes_its_children_with_it_and_starts_again(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    grandchild = f"import os, time; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    code = (
        f"import os, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); "
        "time.sleep(1); os.kill(os.getpid(), 9)"
    )
    await run_until(Supervisor([python("web", code)]), lambda: log.exists() and len(log.read_text().split()) >= 2)
    pids = [int(pid) for pid in log.read_text().split()]
    assert len(pids) >= 2
    assert not [pid for pid in pids[:-1] if _runs(pid)]


async def test_what_never_becomes_ready_ends_the_start_with_its_name(capsys: pytest.CaptureFixture) -> None:
    supervisor = Supervisor([python("web", LOYAL, ready=lambda: False)], ready_seconds=1)
    assert await supervisor.run(on_ready=lambda: pytest.fail("it was not ready")) == 1
    assert "did not become ready: web" in capsys.readouterr().out


async def test_what_dies_before_it_is_ready_ends_the_start_soon(capsys: pytest.CaptureFixture) -> None:
    supervisor = Supervisor([python("web", "exit(3)", ready=lambda: False)], ready_seconds=600)
    assert await supervisor.run(on_ready=lambda: pytest.fail("it was not ready")) == 1
    printed = capsys.readouterr().out
    assert printed.count("ended with status 3") >= 3
    assert "did not become ready: web" in printed


async def test_a_quiet_program_is_heard_only_when_it_ends_unasked(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    count = tmp_path / "count"
    code = f"print('disk full'); open({str(count)!r}, 'a').write('x')"
    await run_until(Supervisor([python("broker", code, quiet=True)]), lambda: count.exists() and len(count.read_text()) >= 2)
    assert "broker | disk full" in capsys.readouterr().out
    count.unlink()
    code += "; import time; time.sleep(60)"
    await run_until(Supervisor([python("broker", code, quiet=True)]), count.exists)
    assert "disk full" not in capsys.readouterr().out


async def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    child = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = (
        "import asyncio, sys; from mailsuite.management.supervisor import Program, Supervisor; "
        f"asyncio.run(Supervisor([Program('x', [sys.executable, '-c', {child!r}])]).run(on_ready=lambda: None))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    while not (pid_file.exists() and pid_file.read_text()):
        await asyncio.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    pid = int(pid_file.read_text())
    for _ in range(200):
        if not _runs(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the child outlived its supervisor")


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
