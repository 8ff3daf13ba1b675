"""Start the workers."""

from __future__ import annotations

from typing import Any

from mailsuite.management.operator import OperatorCommand
from mailsuite.worker import server


class Command(OperatorCommand):
    """Deliver what the queue owes, into mailboxes and to other hosts, and keep the timetable.

    SIGTERM or Ctrl-C lets deliveries under way finish. Start it on as many hosts as you like.
    """

    example = """
manage.py worker
MAILSUITE_LOCAL_WORKERS=4 manage.py worker
"""

    def run(self, **_: Any) -> None:
        server.serve()
