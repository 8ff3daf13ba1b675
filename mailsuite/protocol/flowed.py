"""format=flowed: paragraphs that were broken into lines for the way are joined again (RFC 3676)."""

from __future__ import annotations


def joined(text: str, *, delsp: bool = False) -> str:
    """The text with flowed lines joined and space-stuffing undone; quote marks stand as `> ` before a joined line."""
    lines: list[str] = []
    depth_before, pieces = -1, []  # the paragraph being joined
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        if bare.startswith(" "):
            bare = bare[1:]  # §4.4: space-stuffing
        if pieces and (depth != depth_before or bare == "-- "):
            lines.append(_line(depth_before, pieces))  # §4.5: a change of depth ends a paragraph
            pieces = []
        depth_before = depth
        if bare.endswith(" ") and bare != "-- ":  # §4.3: a signature separator is never flowed
            pieces.append(bare[:-1] if delsp else bare)
        else:
            lines.append(_line(depth, [*pieces, bare]))
            pieces = []
    if pieces:
        lines.append(_line(depth_before, pieces))
    return "\n".join(lines)


def _line(depth: int, pieces: list[str]) -> str:
    return (">" * depth + " " if depth > 0 else "") + "".join(pieces)
