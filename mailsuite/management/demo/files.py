"""Files to attach in the demo: small, and what their names say they are."""

from __future__ import annotations

import math
import struct
import zlib
from functools import cache

from mailsuite.protocol.compose import Attachment

TYPES = {"pdf": "application/pdf", "csv": "text/csv", "png": "image/png"}


@cache
def made_up(name: str) -> Attachment:
    """A file with this name."""
    kind = name.rpartition(".")[2]
    return Attachment(name, TYPES[kind], {"pdf": _pdf, "csv": _csv, "png": _png}[kind](name))


def _csv(name: str) -> bytes:
    names = ("Alice", "Bob", "Chidi", "Dana", "Emre", "Fumiko")
    rows = "\r\n".join(f"{label},{amount}" for label, amount in zip(names, _amounts(name), strict=True))
    return f"name,amount\r\n{rows}\r\n".encode()


def _amounts(name: str) -> list[int]:
    return [150 + zlib.crc32(f"{name}{n}".encode()) % 90 for n in range(6)]


def _pdf(name: str) -> bytes:
    """One page with the name on it (ISO 32000-1 §7.5)."""
    text = f"BT /F1 24 Tf 72 720 Td ({name}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return document + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(document),
    )


def _png(name: str, width: int = 480, height: int = 300) -> bytes:
    """A landscape of three hills under a sky, in colours that the name decides (PNG, RFC 2083)."""
    seed = zlib.crc32(name.encode())
    sky, hills = (150 + seed % 80, 190, 225), [(60 + seed % 40, 120 - 25 * n, 70 - 10 * n) for n in range(3)]
    crests = [
        [height * (0.45 + 0.17 * n) + 22 * math.sin(x / (60 - 12 * n) + seed % 7 + n) for x in range(width)] for n in range(3)
    ]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            hill = next((n for n in (2, 1, 0) if y > crests[n][x]), None)
            rows += bytes(sky if hill is None else hills[hill])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
