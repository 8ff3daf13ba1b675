"""Take a file that a message will be made with (RFC 8620 §6.1)."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from mailsuite.blobs import store
from mailsuite.mailstore import uploads
from webmail.jmap import ids, limits
from webmail.jmap.errors import Json, RequestError

PIECE = 65_536  # bytes read at a time
MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}")
UNKNOWN = "application/octet-stream"


def take(request: HttpRequest, account_id: str) -> Json:
    """Keep the body of the request as a blob of its sender's account; what the response says of it. Raises RequestError."""
    if ids.key("A", account_id) != request.user.pk:
        raise RequestError("", "There is no such account", status=404)
    if request.content_type == "multipart/form-data":  # looking for the page's token, Django may have read it already
        raise RequestError("", "A file is the body itself, not a field of a form", status=415)
    try:
        kept = uploads.keep(request.user.pk, _received(request), _type(request))
    except uploads.TooMuchWaiting as error:
        raise RequestError("", str(error), status=507) from error
    except store.NoRoom as error:
        raise RequestError("", "The disk is full. Try again later", status=507) from error
    return {"accountId": account_id, "blobId": ids.name("U", kept.pk), "type": kept.type, "size": kept.blob.size}


def _received(request: HttpRequest) -> store.Draft:
    """The body as it came, on disk where it is large."""
    writer = store.Writer()
    try:
        while piece := request.read(PIECE):
            writer.write(piece)
            if writer.size > limits.upload_bytes():
                raise RequestError("limit", "The file is too large", status=413, limit="maxSizeUpload")
        return writer.finish()
    except UnreadablePostError as error:
        writer.discard()
        raise RequestError("", "The file did not come to its end") from error
    except BaseException:
        writer.discard()
        raise


def _type(request: HttpRequest) -> str:
    """What the client calls it. It is told back and handed out as data, never believed."""
    named = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return named if MEDIA_TYPE.fullmatch(named) else UNKNOWN
