"""The SMTP door: MX and submission, until SIGTERM."""

import asyncio
from typing import Any

from django.core.management.base import CommandError

from mailsuite.management.operator import OperatorCommand
from mailsuite.net.ports import PortUnavailable
from mailsuite.smtpd.server import serve


class Command(OperatorCommand):
    """Run the SMTP server (MX, submission and submissions) until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py smtpd"

    def run(self, **_: Any) -> None:
        try:
            asyncio.run(serve())
        except PortUnavailable as error:
            raise CommandError(str(error)) from error
