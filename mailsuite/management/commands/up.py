"""Start every door on this machine."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from mailsuite.management import broker, static_files
from mailsuite.management.operator import OperatorCommand
from mailsuite.management.supervisor import Program, Supervisor
from mailsuite.net import ports


class Command(OperatorCommand):
    """Prepare the data folder and the database, then start the web, SMTP, IMAP and the workers, and keep them running.

    Ctrl-C stops them in order. Settings are environment variables: MAILSUITE_DATA_DIR, MAILSUITE_WEB_PORT and others.
    """

    example = """
manage.py up
MAILSUITE_DEMO=yes manage.py up
MAILSUITE_HOSTNAME=mail.example.org MAILSUITE_BIND=0.0.0.0 manage.py up
"""

    def run(self, **_: Any) -> None:
        began = time.monotonic()
        self.check_ports()
        self.prepare()
        programs = [program for program in (broker.program(), *doors()) if program]
        status = asyncio.run(self.supervise(programs, began))
        if status:
            sys.exit(status)

    def check_ports(self) -> None:
        """A taken port stops the start before anything was touched."""
        for setting, port in listening().items():
            try:
                ports.listen(settings.BIND, port, setting).close()
            except ports.PortUnavailable as error:
                raise CommandError(str(error)) from error

    def prepare(self) -> None:
        """Folders, tables, static files and, in demo mode, a co-op with mail in it."""
        for folder in (settings.DATA_DIR, settings.BLOB_DIR, settings.TLS_DIR, settings.RUN_DIR):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        call_command("migrate", verbosity=0, interactive=False)
        static_files.collect()
        if settings.DEMO:
            call_command("demo")
        connections.close_all()

    async def supervise(self, programs: list[Program], began: float) -> int:
        supervisor = Supervisor(programs)
        return await supervisor.run(on_ready=lambda: print(welcome(time.monotonic() - began), flush=True))


def listening() -> dict[str, int]:
    """Each setting that names a port, and the port."""
    return {
        "MAILSUITE_WEB_PORT": settings.WEB_PORT,
        "MAILSUITE_SMTP_PORT": settings.SMTP_PORT,
        "MAILSUITE_SUBMISSION_PORT": settings.SUBMISSION_PORT,
        "MAILSUITE_SUBMISSIONS_PORT": settings.SUBMISSIONS_PORT,
        "MAILSUITE_IMAP_PORT": settings.IMAP_PORT,
        "MAILSUITE_IMAPS_PORT": settings.IMAPS_PORT,
    }


def doors() -> list[Program]:
    """Workers first, doors after them: what comes in finds somebody to carry it on."""

    def manage(name: str, port: int | None) -> Program:
        words = [sys.executable, "-u", sys.argv[0], name]
        return Program(name, words, ready=lambda: port is None or ports.answers(settings.BIND, port))

    return [
        manage("worker", None),
        manage("smtpd", settings.SMTP_PORT),
        manage("imapd", settings.IMAP_PORT),
        manage("web", settings.WEB_PORT),
    ]


def welcome(seconds: float) -> str:
    """Where to point the browser and the mail client."""
    host = settings.HOSTNAME if settings.BIND not in ("127.0.0.1", "::1") else settings.BIND
    lines = [
        "",
        f"Mailsuite is up after {seconds:.0f} s.",
        f"  Browser      http://{host}:{settings.WEB_PORT}/",
        f"  Reading      IMAP  {host}, port {settings.IMAPS_PORT} (TLS) or {settings.IMAP_PORT} (STARTTLS)",
        f"  Writing      SMTP  {host}, port {settings.SUBMISSIONS_PORT} (TLS) or {settings.SUBMISSION_PORT} (STARTTLS)",
        f"  Mail in      SMTP  {host}, port {settings.SMTP_PORT}",
        f"  Data         {settings.DATA_DIR}",
    ]
    if settings.DEMO:
        lines.append("  Sign in      alice@example.org, password demo-alice (a demo: never on the open internet)")
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])
