"""Pictures of attachments: an image made smaller, or a page of a PDF file.

This runs in a process of its own for each picture (`drawing` starts it): it imports nothing of ours, has no secrets, opens no
files, and may take only so much memory and time. What a parser's mistake lets in ends with it.

Words: "image" and the longest side, or "page", the longest side and the page's number from 0. Standard input: the file. Standard
output: a line of JSON {type, width, height, pages, text}, and the picture; nothing where there is none.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import warnings
from typing import Any

import pypdfium2
from PIL import AvifImagePlugin, Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")
LONGEST_SIDE = 16_384  # pixels
MOST_PIXELS = 60_000_000
MOST_MEMORY, MOST_SECONDS = 1_500_000_000, 15  # bytes of address space, seconds of CPU
MOST_TEXT = 200_000  # characters of a page


def image(content: bytes, side: int) -> tuple[dict[str, Any], bytes]:
    """An image's first frame, no longer than this on either side, and nothing but its pixels."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as found:
        if max(found.size) > LONGEST_SIDE or found.width * found.height > MOST_PIXELS:
            raise ValueError("too large")
        found.draft("RGB", (side, side))
        found.load()
        return _written(ImageOps.exif_transpose(found), side, {"pages": 1, "text": ""}, see_through=found.has_transparency_data)


def page(content: bytes, side: int, number: int) -> tuple[dict[str, Any], bytes]:
    """A page of a PDF file, with its text for those who copy it or have it read aloud."""
    document = pypdfium2.PdfDocument(content)
    sheet = document[number]
    width, height = sheet.get_size()
    drawn = sheet.render(scale=min(side / max(width, height, 1), 4), may_draw_forms=False).to_pil()
    text = sheet.get_textpage().get_text_range(0, -1)[:MOST_TEXT]
    return _written(drawn, side, {"pages": len(document), "text": text}, see_through=False)


def _written(found: Image.Image, side: int, said: dict[str, Any], *, see_through: bool) -> tuple[dict[str, Any], bytes]:
    pixels = found.convert("RGBA" if see_through else "RGB")
    plain = Image.new(pixels.mode, pixels.size)  # what an image carries besides its pixels would else be written along
    plain.paste(pixels)
    plain.thumbnail((side, side))
    kind = "PNG" if see_through else "JPEG"
    written = io.BytesIO()
    plain.save(written, kind, **({} if see_through else {"quality": 85}))
    return said | {"type": f"image/{kind.lower()}", "width": plain.width, "height": plain.height}, written.getvalue()


def bind() -> None:
    """Give up what drawing does not need: memory beyond a measure, time, files, children, core dumps."""
    limits = (("RLIMIT_AS", MOST_MEMORY), ("RLIMIT_CPU", MOST_SECONDS), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0))
    for name, most in (*limits, ("RLIMIT_NPROC", 0), ("RLIMIT_NOFILE", 16)):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS knows fewer
            resource.setrlimit(getattr(resource, name), (most, most))


def main(words: list[str]) -> None:
    """Draw what the words ask for."""
    warnings.simplefilter("ignore")
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.init()  # every decoder is loaded before no file can be opened
    content = sys.stdin.buffer.read()
    bind()
    try:
        said, drawn = image(content, int(words[1])) if words[0] == "image" else page(content, int(words[1]), int(words[2]))
    except Exception:  # parsers raise whatever they stumble over; what is no picture has none
        return
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + drawn)


if __name__ == "__main__":
    main(sys.argv[1:])
