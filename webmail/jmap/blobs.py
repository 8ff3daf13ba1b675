"""The bytes that a blob id names: a whole message, an upload, or a part of one of them (RFC 8620 §6)."""

from __future__ import annotations

from collections.abc import Callable

from zstandard import ZstdError

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import messages as store
from mailsuite.mailstore import uploads
from mailsuite.mailstore.models import Message
from mailsuite.protocol import mime
from mailsuite.protocol.part import Part
from webmail.jmap import ids


def open(account: Account, blob_id: object) -> bytes | None:
    """The bytes of the account's own blob; None where it has none of this id: foreign ones do not exist."""
    key = ids.blob_key(blob_id)
    if key is None or key[0] not in _WHOLE:
        return None
    kind, row, numbers = key
    content = _WHOLE[kind](account, row)
    for number in numbers:
        content = None if content is None else _part(content, number)
    return content


def _part(content: bytes, number: str, root: Part | None = None) -> bytes | None:
    part = mime.find(root or mime.scan(content), number)
    return None if part is None or part.is_multipart else mime.decoded(content, part)


class Reader:
    """Opens one blob after the other. Of a message whose parts are asked for in turn, the bytes are read and scanned once."""

    def __init__(self, account: Account, spend: Callable[[int], None]) -> None:
        """spend: called with the size of each message that had to be read; it may raise."""
        self._account, self._spend = account, spend
        self._source: tuple[str, int] | None = None
        self._content: bytes | None = None
        self._root: Part | None = None

    def open(self, blob_id: object) -> bytes | None:
        """As `open`."""
        key = ids.blob_key(blob_id)
        if key is None or key[0] not in _WHOLE:
            return None
        self._turn_to(key[0], key[1])
        content = self._content
        if content is not None and key[2]:
            self._root = self._root or mime.scan(content)
            content = _part(content, key[2][0], self._root)
            for number in key[2][1:]:
                self._spend(len(content or b""))
                content = None if content is None else _part(content, number)
        return content

    def _turn_to(self, kind: str, row: int) -> None:
        if self._source != (kind, row):
            self._source, self._root = (kind, row), None
            self._content = _WHOLE[kind](self._account, row)
            self._spend(len(self._content or b""))


def _upload(account: Account, pk: int) -> bytes | None:
    found = uploads.find(account.pk, pk)
    try:
        return blobs.read(found.blob) if found else None
    except (OSError, ZstdError):
        return None


def _message(account: Account, pk: int) -> bytes | None:
    found = Message.objects.filter(account_id=account.pk, pk=pk).select_related("blob__packed").only("trace", "blob").first()
    try:
        return store.content(found) if found else None
    except (OSError, ZstdError):  # lost or broken: `checkstore` says so
        return None


_WHOLE: dict[str, Callable[[Account, int], bytes | None]] = {"R": _message, "U": _upload}  # by the letter of the id
