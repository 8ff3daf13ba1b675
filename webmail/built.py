"""What the application's build left for the server to know."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from django.conf import settings

BUILT = Path(__file__).parent / "static" / "app"


@functools.cache
def preloads() -> tuple[str, ...]:
    """Addresses of what the application's first script imports, so that a page can ask for all of it at once."""
    return tuple(f"{settings.STATIC_URL}app/{name}" for name in json.loads((BUILT / "preload.json").read_text()))
