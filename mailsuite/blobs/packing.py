"""Compression of blobs: zstd level 3, with contexts that are made once a thread and used again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

LEVEL = 3
CHUNK = 256 * 1024  # bytes of content handed on at a time
_contexts = threading.local()  # a zstandard context must never be used by two threads at once


def pack(content: bytes | bytearray) -> bytes:
    """The whole content as one zstd frame that knows its own size."""
    if not hasattr(_contexts, "compressor"):
        _contexts.compressor = zstandard.ZstdCompressor(level=LEVEL)
    return _contexts.compressor.compress(content)


def unpack(packed: bytes, size: int) -> bytes:
    """The content of one frame, `size` bytes of it; raises `zstandard.ZstdError` where the frame is broken."""
    if not hasattr(_contexts, "decompressor"):
        _contexts.decompressor = zstandard.ZstdDecompressor()
    return _contexts.decompressor.decompress(packed, max_output_size=max(size, 1))


def packer(file: BinaryIO) -> zstandard.ZstdCompressionWriter:
    """A writer that packs what it is given into `file`, and leaves the file open when it is closed."""
    return zstandard.ZstdCompressor(level=LEVEL).stream_writer(file, closefd=False)


def unpack_stream(file: BinaryIO) -> Iterator[bytes]:
    """The content of a packed file, piece by piece, so that a large message never stands in memory whole."""
    with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as reader:
        while chunk := reader.read(CHUNK):
            yield chunk
