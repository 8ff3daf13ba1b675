"""The web door's hashed and compressed files: made again when their sources changed, or when they are not known to be whole."""

from __future__ import annotations

import hashlib
import os
import shutil

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect() -> None:
    """Bring STATIC_ROOT up to date. A power cut may leave files of zeros there, so what has no stamp is made anew."""
    stamp, wanted = settings.STATIC_ROOT / "stamp", _sources()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    os.sync()  # the stamp promises that everything before it is on the disk
    stamp.write_text(wanted)


def _sources() -> str:
    """A digest of every source file's name and content."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(f"{path}\0".encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
