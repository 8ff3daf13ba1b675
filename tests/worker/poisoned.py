"""The worker, in a world where reading a message with the word `poison` in it kills the process that reads it."""

from __future__ import annotations

import os
import signal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsuite.settings")
django.setup()

from mailsuite.delivery import local  # noqa: E402
from mailsuite.worker import server  # noqa: E402

whole = local.summarise


def deadly(content: bytes, **more: object) -> object:
    """As the real one, where the message is not poison."""
    if b"poison" in content:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(content, **more)


local.summarise = deadly
server.serve()
