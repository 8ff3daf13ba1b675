"""The SMTP server: MX and submission, until SIGTERM."""

import asyncio

from django.core.management.base import BaseCommand, CommandError

from mailsuite.net.ports import PortUnavailable
from mailsuite.smtpd.server import serve


class Command(BaseCommand):
    help = "Run the SMTP server (MX, submission and submissions) until SIGTERM. Example: manage.py smtpd"

    def handle(self, *args: object, **options: object) -> None:
        try:
            asyncio.run(serve())
        except PortUnavailable as error:
            raise CommandError(str(error)) from error
