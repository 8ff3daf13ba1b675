"""Strangers' images decoded and written anew: what comes out is pixels, and no metadata, no second file, no program.

This runs in a process of its own (`decoder` starts it): it imports nothing of ours, has no secrets, opens no files, and may take
only so much memory. What a decoder's mistake lets in ends with it.

Over standard input and output: a length of 4 bytes and an image; a length of 1 byte, the type, a length of 4 bytes, the image.
"""

from __future__ import annotations

import contextlib
import io
import resource
import struct
import sys
import warnings
from typing import IO, Any

from PIL import AvifImagePlugin, Image, ImageFile, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP")
LONGEST_SIDE = 16_384  # pixels
MOST_PIXELS = 40_000_000  # of one frame: 160 MB while it is decoded
MOST_FRAMES, MOST_MOVING = 300, 60_000_000  # frames of an animation, and pixels of all together; beyond it stands still
SHOWN_SIDE = 4_096  # pixels that are kept; no screen shows more of a mail
MOST_MEMORY, MOST_SECONDS = 1_500_000_000, 3_600  # of the process: bytes of address space, seconds of CPU


def reencode(content: bytes) -> tuple[str, bytes] | None:
    """(media type, the image written anew); None for what is no raster image that we can or will decode. Never raises."""
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if max(image.size) > LONGEST_SIDE or image.width * image.height > MOST_PIXELS:
                return None
            if _moves(image):
                return _moving(image)
            return _still(image)
    except Exception:  # decoders raise whatever they stumble over
        return None


def _moves(image: Image.Image) -> bool:
    frames = getattr(image, "n_frames", 1)
    return 1 < frames <= MOST_FRAMES and frames * image.width * image.height <= MOST_MOVING


def _still(image: Image.Image) -> tuple[str, bytes]:
    lossy = image.format == "JPEG"
    # A JPEG can be decoded smaller right away.
    image.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
    image.load()
    shown = _plain(ImageOps.exif_transpose(image), colours="RGB" if lossy else "RGBA" if _is_see_through(image) else "RGB")
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    if lossy:
        return "image/jpeg", _saved(shown, "JPEG", quality=88)
    if image.format in ("WEBP", "AVIF"):
        return "image/webp", _saved(shown, "WEBP", quality=88, method=2)
    return "image/png", _saved(shown, "PNG")


def _is_see_through(image: Image.Image) -> bool:
    return image.has_transparency_data


def _plain(image: Image.Image, colours: str) -> Image.Image:
    """The pixels alone, in a new image: what an image carries besides them would else be written along."""
    pixels = image.convert(colours)
    plain = Image.new(colours, pixels.size)
    plain.paste(pixels)
    return plain


def _moving(image: Image.Image) -> tuple[str, bytes]:
    """An animation, frame by frame; GIF stays GIF, everything else becomes WebP."""
    frames, times = [], []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        frame = _plain(image, "RGBA")
        frame.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        frames.append(frame)
        times.append(min(max(int(image.info.get("duration", 100) or 100), 20), 60_000))
    kind = "GIF" if image.format == "GIF" else "WEBP"
    loop = image.info.get("loop", 0 if kind == "WEBP" else None)
    more: dict[str, Any] = {"disposal": 2} if kind == "GIF" else {"quality": 80, "method": 0}
    if loop is not None:
        more["loop"] = loop
    return f"image/{kind.lower()}", _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=times, **more)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nobody asks any more."""
    while len(length := asked.read(4)) == 4:
        size = struct.unpack("!I", length)[0]
        content = asked.read(size)
        if len(content) < size:
            return
        kind, image = reencode(content) or ("", b"")
        answers.write(struct.pack("!B", len(kind)) + kind.encode() + struct.pack("!I", len(image)) + image)
        answers.flush()


def bind() -> None:
    """Give up what decoding does not need: memory beyond a measure, files, children, core dumps."""
    limits = (("RLIMIT_AS", MOST_MEMORY), ("RLIMIT_CPU", MOST_SECONDS), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0))
    for name, most in (*limits, ("RLIMIT_NPROC", 0), ("RLIMIT_NOFILE", 16)):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS knows fewer
            resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.init()  # every decoder is loaded before no file can be opened
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    bind()
    serve(sys.stdin.buffer, sys.stdout.buffer)
