"""What one client may ask at once: the limits that the session announces (RFC 8620 §2)."""

from __future__ import annotations

from django.conf import settings

REQUEST_BYTES = 10_000_000
CALLS = 32
REFERRED_BYTES = 10_000_000  # that the references of one request bring in, all together
OBJECTS_IN_GET = 500
OBJECTS_IN_SET = 500
ROWS = 50  # conversations on a page of a list
UPLOADS_AT_ONCE = 4
REQUESTS_AT_ONCE = 8
DEPTH = 40  # of a request's JSON; ours needs twelve
MESSAGES_AT_ONCE = 8  # so many of the largest messages' bytes may the calls of one request handle
BLOB_SOURCES = 200  # of which one blob is joined
BLOB_TYPES = ("Mailbox", "Thread", "Email")  # that Blob/lookup finds
BLOB_DIGESTS = ("sha", "sha-256", "sha-512")
DELAYED_SEND = 365 * 86_400  # seconds that a message may wait before it is sent


def upload_bytes() -> int:
    """Of one uploaded file: as much as a message may have."""
    return int(settings.MESSAGE_SIZE_LIMIT)
