"""Start the web door: granian in front of the ASGI application."""

from __future__ import annotations

import asyncio
import logging
import signal

from django.conf import settings
from django.utils.module_loading import import_string
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from mailsuite import maillog
from mailsuite.net.ports import allow_many

STOP_WITHIN = 10  # seconds for requests that run when the door closes
MOST_CONNECTIONS = 8_192  # at once, those that only wait included: beyond it nobody is heard, so it must not be reached idly
HEADER_WITHIN = 10_000  # milliseconds from a connection, or the last answer on it, to a whole request


async def serve() -> None:
    """Serve until SIGTERM or SIGINT; running requests are answered first.

    One process, embedded: granian's own supervisor would cost 50 MB to watch what ours (or systemd) watches already. Who needs
    more starts the door several times, on ports of their own behind a proxy.
    """
    logging.getLogger("_granian").addFilter(lambda record: "experimental" not in record.getMessage())
    door = import_string("mailsuite.asgi.application")
    server = Server(
        door,
        address=settings.BIND,
        port=settings.WEB_PORT,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=1024,
        backpressure=MOST_CONNECTIONS,
        log_level=LogLevels.info if settings.DEBUG else LogLevels.warning,
        log_access=settings.DEBUG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_WITHIN),
    )
    allow_many()
    server.workers_kill_timeout = STOP_WITHIN

    def stop() -> None:
        door.hang_up()
        server.stop()

    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop)
    try:
        await server.serve()
    except TimeoutError:  # granian's way to say that it waited long enough
        maillog.problem("cut-short", door="web", reason=f"requests that ran for {STOP_WITHIN} seconds after we were told to stop")
