"""A blob: immutable bytes, named by their SHA-256, kept as received."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """What is known of it, in a row as narrow as can be: it is written again with each reference that comes or goes."""

    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the content, in hex")
    size = models.BigIntegerField(help_text="bytes of the content")
    references = models.BigIntegerField(default=0)
    unreferenced_since = models.DateTimeField(null=True, db_index=True, help_text="the sweep waits a grace period from here")

    def __str__(self) -> str:
        return self.hash

    @property
    def inline(self) -> bytes | None:
        """Small content, packed; None where a file holds it. One query, unless `select_related("packed")` brought it along."""
        packed = getattr(self, "packed", None)
        return None if packed is None else bytes(packed.content)


class Packed(models.Model):
    """Small content, in the database so that one commit makes it durable together with the message or queue rows."""

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True)
    content = models.BinaryField(help_text="zstd-compressed")

    def __str__(self) -> str:
        return str(self.pk)
