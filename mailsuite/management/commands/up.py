"""Start every door on this machine."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connections

from mailsuite.management import broker, settings_table, static_files
from mailsuite.management.operator import OperatorCommand
from mailsuite.management.supervisor import Program, Supervisor
from mailsuite.net import ports
from mailsuite.worker import presence


class Command(OperatorCommand):
    """Prepare the data folder and the database, then start the web, SMTP, IMAP and the workers, and keep them running.

    Ctrl-C stops them in order.
    """

    example = """
manage.py up
MAILSUITE_DEMO=yes manage.py up
MAILSUITE_HOSTNAME=mail.example.org MAILSUITE_BIND=0.0.0.0 manage.py up
"""
    more = settings_table.described()

    def run(self, **_: Any) -> None:
        began = time.monotonic()
        self.check_ports()
        with alone():
            self.prepare()
            programs = [program for program in (broker.program(), *doors()) if program]
            status = asyncio.run(self.supervise(programs, began))
        if status:
            sys.exit(status)
        self.say("Mailsuite has stopped.")

    def check_ports(self) -> None:
        """A taken port, or one that two settings name, stops the start before anything was touched."""
        names: dict[int, str] = {}
        for setting, port in listening().items():
            if port and port in names:
                raise CommandError(f"{names[port]} and {setting} are both {port}; each door needs a port of its own.")
            names[port] = setting
            try:
                ports.listen(settings.BIND, port, setting).close()
            except ports.PortUnavailable as error:
                raise CommandError(str(error)) from error

    def prepare(self) -> None:
        """Folders, tables, static files and, in demo mode, a co-op with mail in it."""
        for folder in (settings.DATA_DIR, settings.BLOB_DIR, settings.TLS_DIR, settings.RUN_DIR):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"The database that DATABASE_URL names cannot be used: {reason}") from error
        static_files.collect()
        if settings.DEMO:
            call_command("demo")
        connections.close_all()

    async def supervise(self, programs: list[Program], began: float) -> int:
        supervisor = Supervisor(programs)
        return await supervisor.run(on_ready=lambda: print(welcome(time.monotonic() - began), flush=True))


@contextmanager
def alone() -> Iterator[None]:
    """The folder of sockets is ours; a second one there would take the first one's broker. Raises CommandError where it is taken.

    The lock ends with this process, however it ends, and no child inherits it.
    """
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.RUN_DIR / "up").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            who = file.read(20).strip()
            raise CommandError(
                f"Mailsuite runs already on {settings.DATA_DIR} (process {who or 'unknown'}); stop it, or set MAILSUITE_DATA_DIR."
            ) from error
        file.truncate(0)
        print(os.getpid(), file=file, flush=True)
        yield


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
    """The workers, and the doors, which stop before them: nothing new comes in while the last is carried on."""

    def manage(name: str, stage: int, ready: Callable[[], bool]) -> Program:
        return Program(name, [sys.executable, "-u", sys.argv[0], name], ready=ready, stage=stage)

    def listens(port: int) -> Callable[[], bool]:
        return lambda: ports.answers(settings.BIND, port)

    return [
        manage("worker", 1, presence.works),
        manage("smtpd", 2, listens(settings.SMTP_PORT)),
        manage("imapd", 2, listens(settings.IMAP_PORT)),
        manage("web", 2, listens(settings.WEB_PORT)),
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
