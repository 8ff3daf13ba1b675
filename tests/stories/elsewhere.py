"""Another mail host for stories: stock aiosmtpd on a port of its own, which keeps what it is given."""

from __future__ import annotations

import time
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_ports


class Elsewhere:
    """Takes mail for everybody; `mail` holds (reverse path, recipients, content) in the order it came."""

    def __init__(self) -> None:
        self.mail: list[tuple[str, list[str], bytes]] = []
        self.port = free_ports(1)[0]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mail.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content or envelope.content))
        return "250 2.0.0 kept"

    def __enter__(self) -> Elsewhere:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def wait_for(self, subject: str, seconds: float = 30) -> tuple[str, list[str], bytes]:
        """The first message with this subject."""
        line = f"\r\nSubject: {subject}\r\n".encode()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for one in list(self.mail):
                if line in b"\r\n" + one[2].replace(b"\r\n ", b" "):
                    return one
            time.sleep(0.05)
        raise AssertionError(f"no message {subject!r} among {[one[:2] for one in self.mail]}")
