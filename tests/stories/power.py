"""A file system that can lose its power: everything not synced is gone, as after pulling the plug."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def missing() -> str:
    """What this machine lacks for it, or an empty string."""
    if os.geteuid() != 0:
        return "needs root, to mount a loop device"
    absent = [program for program in ("mkfs.ext4", "xfs_io", "losetup") if not shutil.which(program)]
    return f"needs {', '.join(absent)}: apt install xfsprogs e2fsprogs" if absent else ""


class Disk:
    """An ext4 file system in an image file, mounted at a folder."""

    def __init__(self, folder: Path, megabytes: int = 512) -> None:
        self.folder, self.image = folder, folder.with_suffix(".img")
        folder.mkdir(parents=True)
        with self.image.open("wb") as file:
            file.truncate(megabytes * 1_000_000)
        self._run("mkfs.ext4", "-q", "-m", "0", "-F", str(self.image))
        self._run("mount", "-o", "loop", str(self.image), str(folder))

    def cut_power(self) -> None:
        """From now on the device takes no write; what it had taken is all that `restore` will find."""
        self._run("xfs_io", "-x", "-c", "shutdown", str(self.folder))

    def restore(self) -> None:
        """Mount what had reached the device, journal recovered. Nobody may hold files on it any more."""
        # A copy, since the kernel's cache of the old device may know more than the device does.
        survived = self.image.with_suffix(".survived")
        self._run("cp", "--sparse=always", str(self.image), str(survived))
        self._run("umount", "-l", str(self.folder))
        survived.rename(self.image)
        self._run("mount", "-o", "loop", str(self.image), str(self.folder))

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)
        self.image.unlink(missing_ok=True)

    def _run(self, *words: str) -> None:
        run = subprocess.run(words, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"{' '.join(words)}: {run.stderr}"
