"""Check that the store holds together, and that every blob is what its name says."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import find_account
from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import verify
from mailsuite.mailstore.models import Expunged, Message
from mailsuite.management.operator import OperatorCommand
from mailsuite.queue.models import Envelope


class Command(OperatorCommand):
    """Verify every invariant of the store, every reference to a blob, and the hash of every blob's bytes.

    Exit status 1 where something is wrong, with a sentence for each problem. It reads everything and changes nothing.
    """

    example = """
manage.py checkstore
manage.py checkstore --account alice@example.org
manage.py checkstore --quick
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="LOGIN", help="check one account and not the blobs of the others")
        parser.add_argument("--quick", action="store_true", help="do not read the blobs' bytes")

    def run(self, account: str | None, quick: bool, **_: Any) -> None:
        began = time.monotonic()
        one = find_account(account) if account else None
        problems = 0
        for problem in self.problems(one, quick=quick):
            problems += 1
            self.say(problem)
        messages = Message.objects.filter(account=one) if one else Message.objects.all()
        seen = f"{messages.count()} messages, {Blob.objects.count()} blobs"
        self.say(f"{seen}, {problems or 'no'} problem{'s' if problems != 1 else ''}, {time.monotonic() - began:.1f} s")
        if problems:
            sys.exit(1)

    def problems(self, account: Account | None, *, quick: bool) -> Iterator[str]:
        yield from verify.verify(account.pk if account else None, read_bytes=account is not None and not quick)
        if account is None:
            yield from self.references()
            yield from () if quick else self.damaged()

    def references(self) -> Iterator[str]:
        """A blob must know at least as many who need it as there are: with fewer, the sweep would take it from them."""
        needed: dict[int, int] = {}
        for model in (Message, Expunged, Envelope):
            for row in model.objects.values("blob_id").annotate(times=Count("pk")):
                needed[row["blob_id"]] = needed.get(row["blob_id"], 0) + row["times"]
        for blob in Blob.objects.filter(pk__in=needed).only("hash", "references").iterator():
            if blob.references < needed[blob.pk]:
                yield f"Blob {blob.hash[:16]} is needed {needed[blob.pk]} times and counts {blob.references}."

    def damaged(self) -> Iterator[str]:
        """Every blob's bytes against its name, with progress on a terminal."""
        total = Blob.objects.count()
        for number, blob in enumerate(Blob.objects.select_related("packed").order_by("pk").iterator(chunk_size=200), 1):
            if problem := store.verify(blob):
                yield f"Blob {blob.hash[:16]}: {problem}"
            if number % 1_000 == 0 and self.stderr.isatty():
                self.stderr.write(f"\r{number} of {total} blobs", ending="")
