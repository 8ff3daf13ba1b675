"""Sanitised HTML read tag by tag: it comes from a serialiser, so that a tag is what one pattern says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

# What nh3 writes: no comments, lower case, every attribute's value in double quotes. The groups cannot overlap: linear.
TAG = re.compile(r'<(/?)([a-z][a-z0-9:-]*)((?:\s+[^\s=>"/]++="[^"]*+")*)\s*/?>')
ATTRIBUTE = re.compile(r'([^\s="]++)="([^"]*+)"')
VOID = frozenset("br hr img col area wbr".split())


class Tag(NamedTuple):
    """A start or end tag. start, end: offsets in the HTML."""

    name: str
    closing: bool
    written: str  # its attributes, as they stand there
    start: int
    end: int

    @property
    def attributes(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in ATTRIBUTE.findall(self.written)}


def tags(html: str) -> Iterator[Tag]:
    """Every tag, in order."""
    for found in TAG.finditer(html):
        yield Tag(found[2], bool(found[1]), found[3], found.start(), found.end())
