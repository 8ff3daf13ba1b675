"""The transparency of DATA: its end, its stuffed dots and its line endings, in chunks of any cut (RFC 5321 §4.5.2, §2.3.8)."""

from __future__ import annotations

import re

END_OF_DATA = b"\r\n.\r\n"
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
# Patterns, because `re` goes from CR to CR with memchr: twice as fast as bytes.find and bytes.count with more than one byte.
_LONE_CR = re.compile(rb"\r(?!\n)")
_NUL_FIRST = re.compile(rb"\r\n\0++")
_DOT = re.compile(rb"\r\n\.")
# What could be the beginning of CR LF . CR LF at the end of a chunk, the longest first.
_BEGINNINGS = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")


def well_ended(piece: bytes) -> bool:
    """Does every line of it end in CR LF? A piece must not cut a pair in two."""
    return piece.count(b"\n") == piece.count(b"\r") and not _LONE_CR.search(piece)


def mended(piece: bytes) -> bytes:
    """With CR LF in place of every bare CR and LF."""
    return _BARE.sub(b"\r\n", piece)


class DotStream:
    """Finds the end of DATA and undoes dot-stuffing (RFC 5321 §4.5.2), however the bytes are cut into chunks.

    Only CR LF . CR LF ends it. `rest` is what came after the end: the client's next commands.
    """

    def __init__(self) -> None:
        self.finished = False
        self.rest = b""
        self._kept = b"\r\n"  # the line break that the DATA command itself ended with: a dot may come first
        self._skip = 2

    def feed(self, chunk: bytes) -> bytes:
        """The content in `chunk`. A CR LF pair is never split between two results, unless it is bare at the very end."""
        chunk = self._kept + chunk
        dot = _DOT.search(chunk)
        end = chunk.find(END_OF_DATA, dot.start()) if dot else -1
        if end >= 0:
            self.finished, self.rest = True, chunk[end + len(END_OF_DATA) :]
            piece, self._kept = chunk[: end + 2], b""
        else:
            kept = next((beginning for beginning in _BEGINNINGS if chunk.endswith(beginning)), b"")
            piece, self._kept = (chunk[: -len(kept)], kept) if kept else (chunk, b"")
        if dot:
            piece = piece.replace(b"\r\n.", b"\r\n")
        if self._skip and piece:
            piece, self._skip = piece[self._skip :], 0
        return piece


class Stuffer:
    """Makes content fit for DATA: the inverse of DotStream. A bare CR or LF never leaves here as it came (SMTP smuggling).

    Some hosts drop NUL before they look for the end, and would find it in CR LF NUL . CR LF. No message may hold NUL (RFC 5322
    §3.5), so those at the beginning of a line stay behind, and a dot that follows them is stuffed like any.
    """

    def __init__(self) -> None:
        self._kept = b"\r\n"  # as if a line had just ended: a dot may come first
        self._skip = 2
        self._line_open = False

    def feed(self, chunk: bytes) -> bytes:
        """The next piece to send."""
        chunk = self._kept + chunk
        kept = next((ending for ending in (b"\r\n", b"\r", b"\n") if chunk.endswith(ending)), b"")
        piece = chunk[: len(chunk) - len(kept)]
        if b"\0" in piece:
            piece = _NUL_FIRST.sub(b"\r\n", mended(piece))
            if piece.endswith(b"\r\n"):  # more NUL may follow
                piece, kept = piece[:-2], b"\r\n" + kept
        self._kept = kept
        return self._stuffed(piece)

    def finish(self) -> bytes:
        """The last piece, with the lone dot. Content without a final CR LF gets one: DATA knows only lines."""
        tail = self._stuffed(self._kept)
        return tail + (b"\r\n.\r\n" if self._line_open else b".\r\n")

    def _stuffed(self, piece: bytes) -> bytes:
        if not piece:
            return b""
        if not well_ended(piece):
            piece = mended(piece)
        piece = piece.replace(b"\r\n.", b"\r\n..")
        self._line_open = not piece.endswith(b"\r\n")
        if self._skip:
            piece, self._skip = piece[self._skip :], 0
        return piece
