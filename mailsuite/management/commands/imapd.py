"""The IMAP door, until SIGTERM."""

import asyncio
from typing import Any

from django.core.management.base import CommandError

from mailsuite.imapd.server import serve
from mailsuite.management.operator import OperatorCommand
from mailsuite.net.ports import PortUnavailable


class Command(OperatorCommand):
    """Run the IMAP server (imap and imaps) until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py imapd"

    def run(self, **_: Any) -> None:
        try:
            asyncio.run(serve())
        except PortUnavailable as error:
            raise CommandError(str(error)) from error
