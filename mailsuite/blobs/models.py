"""A blob: immutable bytes, named by their SHA-256, kept as received."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """Small content lives in this row, so that one commit makes message and queue durable; large content in a file."""

    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the content, in hex")
    size = models.BigIntegerField(help_text="bytes of the content")
    inline = models.BinaryField(null=True, help_text="the content, zstd-compressed; null where it is in a file")
    references = models.BigIntegerField(default=0)
    unreferenced_since = models.DateTimeField(null=True, db_index=True, help_text="the sweep waits a grace period from here")

    def __str__(self) -> str:
        return self.hash
