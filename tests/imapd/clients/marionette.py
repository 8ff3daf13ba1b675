"""Thunderbird without a screen, told what to do in JavaScript over Marionette (its own remote control, frames of JSON)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.ports import free_ports

QUIET = {
    "app.update.enabled": False,
    "app.donation.eoy.version.viewed": 999,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.biff.show_alert": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "network.dns.disableIPv6": True,
    "toolkit.telemetry.enabled": False,
}
WRAPPED = """
const done = arguments[arguments.length - 1], given = arguments;
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const until = async (what, wanted) => {
  for (let tries = 0; tries < 300; tries++) {
    const found = wanted();
    if (found) return found;
    await new Promise(next => setTimeout(next, 100));
  }
  throw new Error("waited in vain for " + what);
};
(async () => { %s })().then(value => done({value}), error => done({error: String(error) + error.stack}));
"""


class Thunderbird:
    """A running program with a profile of its own; `run` takes the inside of an async function."""

    def __init__(self, folder: Path) -> None:
        profile = folder / "profile"
        profile.mkdir()
        (port,) = free_ports(1)
        wishes = {**QUIET, "marionette.port": port}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wishes.items())
        (profile / "user.js").write_text("".join(lines))
        words = ["thunderbird", "--headless", "--no-remote", "--profile", str(profile)]
        words += ["--marionette", "-remote-allow-system-access"]
        self._process = subprocess.Popen(
            words, env={**os.environ, "HOME": str(folder)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._link = self._connect(port)
        self._file = self._link.makefile("rb")
        self._number = 0
        self._frame()  # its greeting
        self._tell("WebDriver:NewSession", capabilities={"alwaysMatch": {"unhandledPromptBehavior": "ignore"}})
        self._tell("WebDriver:SetTimeouts", script=60_000)
        self._tell("Marionette:SetContext", value="chrome")

    def _connect(self, port: int) -> socket.socket:
        ends = time.monotonic() + 60
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), 60)
            except OSError:
                if time.monotonic() > ends or self._process.poll() is not None:
                    raise
                time.sleep(0.1)

    def _frame(self) -> Any:
        size = b""
        while (octet := self._file.read(1)) != b":":
            assert octet, "Thunderbird is gone"
            size += octet
        return json.loads(self._file.read(int(size)))

    def _tell(self, command: str, **arguments: Any) -> Any:
        self._number += 1
        frame = json.dumps([0, self._number, command, arguments]).encode()
        self._link.sendall(b"%d:%b" % (len(frame), frame))
        _, _, error, result = self._frame()
        assert not error, error
        return result

    def run(self, script: str, *given: Any) -> Any:
        said = self._tell(
            "WebDriver:ExecuteAsyncScript", script=WRAPPED % script, args=list(given), newSandbox=True, scriptTimeout=60_000
        )["value"]
        assert "error" not in said, said
        return said.get("value")

    def close(self) -> None:
        self._link.close()
        self._process.kill()
        self._process.wait()
