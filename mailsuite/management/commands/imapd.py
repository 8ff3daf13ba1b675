"""The IMAP door, until SIGTERM."""

import sys
from typing import Any

from django.core.management.base import CommandError

from mailsuite.imapd import server
from mailsuite.management.operator import OperatorCommand
from mailsuite.net.ports import PortUnavailable


class Command(OperatorCommand):
    """Run the IMAP server (imap and imaps) until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py imapd"

    def run(self, **_: Any) -> None:
        try:
            status = server.run()
        except PortUnavailable as error:
            raise CommandError(str(error)) from error
        if status:
            sys.exit(status)
