"""Start the web door: granian in front of the ASGI application."""

from __future__ import annotations

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

APPLICATION = "mailsuite.asgi:application"  # by its name: each worker process imports it anew


def serve() -> None:
    """Serve until SIGTERM or SIGINT; running requests are answered first."""
    Granian(
        APPLICATION,
        address=settings.BIND,
        port=settings.WEB_PORT,
        interface=Interfaces.ASGI,
        workers=settings.WEB_WORKERS,
        websockets=False,
        log_access=settings.DEBUG,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()
