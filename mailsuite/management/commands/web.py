"""The web door, until SIGTERM."""

import asyncio
from typing import Any

from django.core.management import call_command

from mailsuite.management.operator import OperatorCommand
from webmail.server import serve


class Command(OperatorCommand):
    """Serve the webmail on MAILSUITE_BIND and MAILSUITE_WEB_PORT until SIGTERM. `manage.py up` starts it for you."""

    example = "manage.py web"

    def run(self, **_: Any) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
        asyncio.run(serve())
