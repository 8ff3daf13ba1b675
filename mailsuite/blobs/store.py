"""Keep bytes once, however often they are referred to, and give them back exactly.

Two steps make a blob durable. A `Writer` turns a stream into a `Draft`: small content is packed in memory, large content is a
file that is already on disk under its hash. `save` then writes the rows in the caller's transaction; small content becomes
durable with that commit, together with the message or queue rows that refer to it.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import zstandard
from django.db import connection, models
from django.db.models import Case, F, Value, When
from django.utils.timezone import now

from mailsuite.blobs import files, packing
from mailsuite.blobs.files import NoRoom
from mailsuite.blobs.locks import lock
from mailsuite.blobs.models import Blob, Packed
from mailsuite.blobs.sweep import sweep
from mailsuite.bulk import marks

__all__ = [
    "Draft",
    "NoRoom",
    "Writer",
    "draft",
    "link",
    "read",
    "read_range",
    "release",
    "save",
    "stream",
    "sweep",
    "unsaved",
    "verify",
]

IN_MEMORY = 256 * 1024  # bytes: up to here content waits in memory and goes into the database, beyond it is a file
CACHE_BYTES = 16 * 2**20  # bytes of unpacked content that a process keeps for readers that come back
CACHE_ITEM = 4 * 2**20
ROWS = 100  # rows a statement


@dataclass(frozen=True, slots=True)
class Draft:
    """Content that is hashed and packed but has no row yet. `inline` is None where a file on disk holds it."""

    hash: str
    size: int
    inline: bytes | None


class Writer:
    """Takes content piece by piece. End it with `finish` or `discard`; one writer belongs to one thread at a time."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._memory = bytearray()
        self._spool: files.Spool | None = None
        self.size = 0

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Add a piece. Raises NoRoom where the disk is full; then only `discard` makes sense."""
        self._digest.update(chunk)
        self.size += len(chunk)
        if self._spool:
            self._spool.write(chunk)
            return
        self._memory += chunk
        if self.size > IN_MEMORY:
            self._spool = files.Spool()
            self._spool.write(self._memory)
            self._memory = bytearray()

    def finish(self) -> Draft:
        """The content as a draft; large content is on disk when this returns. Raises NoRoom, and leaves nothing behind then."""
        name = self._digest.hexdigest()
        if not self._spool:
            return Draft(name, self.size, packing.pack(self._memory))
        try:
            self._spool.keep(name)
        except BaseException:
            self.discard()
            raise
        return Draft(name, self.size, None)

    @property
    def small(self) -> bytes | None:
        """What was written, as long as it is in memory; None once a file holds it."""
        return None if self._spool else bytes(self._memory)

    def discard(self) -> None:
        """Forget what was written."""
        self._memory = bytearray()
        if self._spool:
            self._spool.discard()


def draft(content: bytes) -> Draft:
    """A draft of content that is in memory already. Raises NoRoom."""
    writer = Writer()
    try:
        writer.write(content)
        return writer.finish()
    except NoRoom:
        writer.discard()
        raise


def save(drafts: Sequence[tuple[Draft, int]]) -> list[Blob]:
    """Give each draft a row, or find the row of the same content, and add this many references to it.

    Call it inside the transaction that writes what refers to the blobs. Returns a Blob for each draft, in order; the same
    content is the same row. One statement decides between insert and update, so that two transactions with the same content,
    or one of them and a sweep, come out right on both databases.
    """
    wanted: dict[str, Draft] = {one.hash: one for one, _ in drafts}
    references: Counter[str] = Counter()
    for one, count in drafts:
        references[one.hash] += count
    names = sorted(wanted)  # one order for all writers: PostgreSQL locks rows as it goes
    blobs: dict[str, Blob] = {}
    for start in range(0, len(names), ROWS):
        for name, pk, total in _upsert([wanted[name] for name in names[start : start + ROWS]], references):
            blobs[name] = unsaved(wanted[name])
            blobs[name].pk, blobs[name].references = pk, total
    _keep(wanted, blobs)
    return [blobs[one.hash] for one, _ in drafts]


def unsaved(one: Draft) -> Blob:
    """A blob to read from before it has a row."""
    return known(None, one.hash, one.size, one.inline)


def known(pk: int | None, name: str, size: int, packed: bytes | None) -> Blob:
    """A blob to read from, of what somebody else's query found: its hash, its size, and its small content."""
    blob = Blob(pk=pk, hash=name, size=size)
    Blob.packed.related.set_cached_value(blob, None if packed is None else Packed(blob=blob, content=packed))
    return blob


def _keep(drafts: dict[str, Draft], blobs: dict[str, Blob]) -> None:
    """Write the small content of blobs that have none in the database yet."""
    small = [(blobs[name].pk, one.inline) for name, one in drafts.items() if one.inline is not None]
    with connection.cursor() as cursor:
        for start in range(0, len(small), ROWS):
            some = small[start : start + ROWS]
            cursor.execute(
                f"INSERT INTO blobs_packed (blob_id, content) VALUES {', '.join(['(%s, %s)'] * len(some))}"  # noqa: S608
                " ON CONFLICT (blob_id) DO NOTHING",
                [value for row in some for value in row],
            )


def _upsert(drafts: list[Draft], references: Counter[str]) -> list[tuple[str, int, int]]:
    rows, parameters = [], []
    since = connection.ops.adapt_datetimefield_value(now())
    for one in drafts:
        rows.append("(%s, %s, %s, %s)")
        count = references[one.hash]
        parameters += [one.hash, one.size, count, None if count else since]
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO blobs_blob (hash, size, "references", unreferenced_since) VALUES '  # noqa: S608
            + ", ".join(rows)
            + ' ON CONFLICT (hash) DO UPDATE SET "references" = blobs_blob."references" + excluded."references",'
            + ' unreferenced_since = CASE WHEN blobs_blob."references" + excluded."references" > 0 THEN NULL'
            + ' ELSE excluded.unreferenced_since END RETURNING hash, id, "references"',
            parameters,
        )
        return cursor.fetchall()


def link(blob_ids: Iterable[int]) -> None:
    """Add a reference for each id given; an id that comes twice gets two. For content that something refers to already.

    Call it, and `release`, inside a transaction.
    """
    for count, ids in _by_count(blob_ids):
        with connection.cursor() as cursor:
            cursor.execute(
                'UPDATE blobs_blob SET "references" = "references" + %s, unreferenced_since = NULL '  # noqa: S608
                f"WHERE id IN ({marks(len(ids))})",
                [count, *ids],
            )


def release(blob_ids: Iterable[int]) -> None:
    """Take a reference away for each id given. What nobody refers to any more waits for the sweep."""
    for count, ids in _by_count(blob_ids):
        Blob.objects.filter(pk__in=ids).update(
            references=F("references") - count,
            unreferenced_since=Case(
                When(references__lte=count, then=Value(now())), default=None, output_field=models.DateTimeField(null=True)
            ),
        )


def _by_count(blob_ids: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    """Ids that get the same number of references together, so that each group is one statement; locked."""
    counted, groups = Counter(blob_ids), dict[int, list[int]]()
    lock(counted)
    for pk, count in counted.items():
        groups.setdefault(count, []).append(pk)
    for count, ids in sorted(groups.items()):
        ids.sort()
        for start in range(0, len(ids), ROWS * 5):
            yield count, ids[start : start + ROWS * 5]


class _Cache:
    """Unpacked content by hash, the most recently read last. Content never changes, so nothing goes stale."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, name: str) -> bytes | None:
        with self._lock:
            if (content := self._kept.get(name)) is not None:
                self._kept.move_to_end(name)
            return content

    def put(self, name: str, content: bytes) -> None:
        if len(content) > CACHE_ITEM:
            return
        with self._lock:
            self._bytes += len(content) - len(self._kept.pop(name, b""))
            self._kept[name] = content
            while self._bytes > CACHE_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])


_cache = _Cache()


def read(blob: Blob) -> bytes:
    """The whole content. Raises FileNotFoundError or `zstandard.ZstdError` where it is lost or broken: see `verify`."""
    if (content := _cache.get(blob.hash)) is None:
        packed = blob.inline
        content = b"".join(_from_file(blob)) if packed is None else packing.unpack(packed, blob.size)
        _cache.put(blob.hash, content)
    return content


def read_range(blob: Blob, start: int, length: int) -> bytes:
    """`length` bytes of the content from `start`; fewer at its end. Large content is unpacked only as far as needed."""
    if blob.size <= CACHE_ITEM:
        return read(blob)[start : start + length]
    found, position = bytearray(), 0
    for chunk in stream(blob):
        found += chunk[max(start - position, 0) : max(start + length - position, 0)]
        position += len(chunk)
        if position >= start + length:
            break
    return bytes(found)


def stream(blob: Blob) -> Iterator[bytes]:
    """The content piece by piece, for what is too large to stand in memory."""
    if (packed := blob.inline) is None:
        yield from _from_file(blob)
    else:
        yield packing.unpack(packed, blob.size)


def _from_file(blob: Blob) -> Iterator[bytes]:
    with files.path_of(blob.hash).open("rb") as file:
        yield from packing.unpack_stream(file)


def verify(blob: Blob) -> str | None:
    """Read it all and compare size and hash; what is wrong as a sentence, None where nothing is."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in stream(blob):
            digest.update(chunk)
            size += len(chunk)
    except FileNotFoundError:
        return f"Blob {blob.hash} has no file."
    except (OSError, zstandard.ZstdError) as error:
        return f"Blob {blob.hash} cannot be read: {error}."
    if size != blob.size:
        return f"Blob {blob.hash} has {size} bytes and should have {blob.size}."
    return None if digest.hexdigest() == blob.hash else f"Blob {blob.hash} has other bytes than its name says."
