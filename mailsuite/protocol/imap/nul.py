"""Take NUL out of a message that came as literal8: what is sent as a plain literal later may have none (RFC 3516 §4.4)."""

from __future__ import annotations

import re
from binascii import b2a_base64
from itertools import pairwise

from mailsuite.protocol import mime
from mailsuite.protocol.part import Part

_ENCODING = re.compile(rb"^content-transfer-encoding[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.I | re.M)
_LINE = 57  # octets that make 76 characters


def without(content: bytes) -> bytes | None:
    """The message with its binary parts as base64 where they hold NUL; None where NUL stands anywhere else."""
    if b"\0" not in content:
        return content
    parts = [one for one in mime.walk(mime.scan(content)) if _to_encode(content, one)]
    edges = [0, *(edge for one in parts for edge in (one.header_start, one.end)), len(content)]
    kept = [content[start:end] for start, end in list(pairwise(edges))[::2]]
    pieces = [kept[0]]
    for one, after in zip(parts, kept[1:], strict=True):
        pieces += [_encoded(content, one), after]
    encoded = b"".join(pieces)
    return None if b"\0" in encoded else encoded


def _to_encode(content: bytes, part: Part) -> bool:
    return not part.children and part.encoding == "binary" and b"\0" in content[part.body_start : part.end]


def _encoded(content: bytes, part: Part) -> bytes:
    header, body = content[part.header_start : part.body_start], content[part.body_start : part.end]
    lines = (b2a_base64(body[start : start + _LINE], newline=False) for start in range(0, len(body), _LINE))
    end = b"" if content.startswith(b"\r\n", part.end) else b"\r\n"
    return _ENCODING.sub(b"Content-Transfer-Encoding: base64\r\n", header, count=1) + b"\r\n".join(lines) + end
