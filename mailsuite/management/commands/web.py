"""The web door, until SIGTERM."""

import asyncio
import logging
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from mailsuite.management import static_files
from mailsuite.management.operator import OperatorCommand
from mailsuite.net import ports
from webmail.server import serve


class Command(OperatorCommand):
    """Serve the webmail on MAILSUITE_BIND and MAILSUITE_WEB_PORT until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py web"

    def run(self, **_: Any) -> None:
        try:  # granian would share the port with whoever has it
            ports.listen(settings.BIND, settings.WEB_PORT, "MAILSUITE_WEB_PORT").close()
        except ports.PortUnavailable as error:
            raise CommandError(str(error)) from error
        static_files.collect()
        asyncio.run(serve())
        # Everything is answered and closed. A thread of granian's may still be on its way out, and would abort the process
        # ("panic in a function that cannot unwind") if the interpreter were taken down under it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
