"""format=flowed: paragraphs are broken into lines for the way and joined again (RFC 3676)."""

from __future__ import annotations

import re

WIDTH = 72  # columns of a flowed line: RFC 3676 §4.2 recommends at most 78
QUOTED = re.compile(r"((?:> ?)*>) ?")


def broken(text: str) -> str:
    """The opposite of `joined`: each line is a paragraph and is broken at blanks; lines that begin with `>` stay quotations."""
    return "".join(f"{line}\n" for paragraph in text.removesuffix("\n").split("\n") for line in _flowed(paragraph))


def _flowed(paragraph: str) -> list[str]:
    if paragraph == "-- ":
        return [paragraph]
    mark, rest = "", paragraph
    if quoted := QUOTED.match(paragraph):
        mark, rest = ">" * quoted[1].count(">"), paragraph[quoted.end() :]
    rest = rest.rstrip(" ")  # a blank at the end would join the next line
    pieces = _pieces(rest) if len(rest) > WIDTH else [rest]
    return [mark + _stuffed(piece, bool(mark)) for piece in pieces]


def _pieces(text: str) -> list[str]:
    """Lines that end in the blank they were broken at; a line of nothing but blanks would be lost and stays with its word."""
    lines = [""]
    for word in re.findall(r" *[^ ]+ *", text):
        if lines[-1] and len(lines[-1]) + len(word.rstrip(" ")) > WIDTH:
            lines.append("")
        lines[-1] += word
    return lines


def _stuffed(line: str, quoted: bool) -> str:
    """RFC 3676 §4.4: a blank goes before what would be read as something else."""
    return f" {line}" if quoted or line.startswith((" ", ">", "From ")) else line


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
