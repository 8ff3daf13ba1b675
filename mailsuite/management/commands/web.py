"""Start the web door."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from webmail.server import serve


class Command(BaseCommand):
    help = "Serve the webmail on MAILSUITE_BIND:MAILSUITE_WEB_PORT until stopped. Example: manage.py web"

    def handle(self, **options: Any) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"web: http://{settings.BIND}:{settings.WEB_PORT}/")
        self.stdout.flush()
        serve()
