"""The IMAP server, until SIGTERM."""

import asyncio

from django.core.management.base import BaseCommand, CommandError

from mailsuite.imapd.server import serve
from mailsuite.net.ports import PortUnavailable


class Command(BaseCommand):
    help = "Run the IMAP server (imap and imaps) until SIGTERM. Example: manage.py imapd"

    def handle(self, *args: object, **options: object) -> None:
        try:
            asyncio.run(serve())
        except PortUnavailable as error:
            raise CommandError(str(error)) from error
