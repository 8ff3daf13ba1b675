"""The web door, until SIGTERM."""

import asyncio
import logging
import os
import sys
from typing import Any

from mailsuite.management import static_files
from mailsuite.management.operator import OperatorCommand
from webmail.server import serve


class Command(OperatorCommand):
    """Serve the webmail on MAILSUITE_BIND and MAILSUITE_WEB_PORT until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py web"

    def run(self, **_: Any) -> None:
        static_files.collect()
        asyncio.run(serve())
        # Everything is answered and closed. A thread of granian's may still be on its way out, and would abort the process
        # ("panic in a function that cannot unwind") if the interpreter were taken down under it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
