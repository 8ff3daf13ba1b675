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


def _part(content: bytes, number: str) -> bytes | None:
    root = mime.scan(content)
    part = mime.find(root, number)
    return None if part is None or part.is_multipart else mime.decoded(content, part)


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
