"""A whole suite of processes for programs that also send: alice and bob, a recorder before the IMAP door, and what must hold."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.imapd.clients.recorder import Recorder
from tests.imapd.clients.scene import by_imap, counted
from tests.imapd.clients.trace import Trace
from tests.stories.suite import PASSWORD, Suite, suite


class House:
    """`imaps` and `submissions` are the ports to give to a program."""

    def __init__(self, doors: Suite, trace: Trace) -> None:
        self.doors, self.trace = doors, trace
        self.tls = Path(doors.environment["MAILSUITE_DATA_DIR"]) / "tls"
        self.recorder = Recorder(trace, doors.ports["IMAP"], self.tls)
        self.imaps, self.submissions = self.recorder.port, doors.ports["SUBMISSIONS"]

    def counts(self, name: str) -> dict[str, tuple[int, int]]:
        """(messages, unread) of every mailbox of a member, as IMAP has them."""
        return by_imap(self.doors.ports["IMAP"], f"{name}@example.org", PASSWORD)

    def at_rest(self, *names: str) -> None:
        """Nothing is owed, I1 to I8 hold, and IMAP and JMAP count the same."""
        for name in names:
            self.doors.wait_for(lambda who=name: self._agrees(who), f"IMAP and JMAP to count the same for {name}")
        self.doors.manage("checkstore")
        assert self.trace.refused() == []
        assert not self.doors.tracebacks(), "\n".join(self.doors.log[-60:])

    def _agrees(self, name: str) -> bool:
        """Not while the last letters still come in."""
        try:
            return self.counts(name) == self._over_jmap(name)
        except AssertionError:
            return False

    def _over_jmap(self, name: str) -> dict[str, tuple[int, int]]:
        session = self._web(name, "/jmap/session")
        account = next(iter(session["accounts"]))
        calls = [["Mailbox/get", {"accountId": account}, "0"]]
        return counted(self._web(name, "/jmap/api", {"using": list(session["capabilities"]), "methodCalls": calls}))

    def _web(self, name: str, path: str, asked: dict | None = None) -> dict:
        proof = base64.b64encode(f"{name}@example.org:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.doors.ports['WEB']}{path}",
            json.dumps(asked).encode() if asked else None,
            {"Authorization": f"Basic {proof}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


@contextmanager
def house(trace: Trace) -> Iterator[House]:
    with suite("alice", "bob") as doors:
        one = House(doors, trace)
        yield one
        one.recorder.close()
