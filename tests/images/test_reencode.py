"""Strangers' images come out as pixels and nothing else, or not at all."""

from __future__ import annotations

import asyncio
import io
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from mailsuite.images import decoder as decoders
from mailsuite.images.decoder import Decoder
from mailsuite.images.reencode import reencode


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red" if mode not in ("L", "I;16") else 200).save(written, kind, **options)
    return written.getvalue()


def opened(image: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(image))
    found.load()
    return found


@pytest.mark.parametrize(
    ("kind", "mode", "type_"),
    [
        *(("PNG", mode, "image/png") for mode in ("RGB", "RGBA", "L", "P", "1", "LA", "I;16")),
        *(("JPEG", mode, "image/jpeg") for mode in ("RGB", "L", "CMYK")),
        *(("WEBP", mode, "image/webp") for mode in ("RGB", "RGBA")),
        ("AVIF", "RGB", "image/webp"),
        ("GIF", "P", "image/png"),
        ("BMP", "RGB", "image/png"),
    ],
)
def test_an_image_is_written_anew(kind: str, mode: str, type_: str) -> None:
    found = reencode(picture(kind, mode=mode))
    assert found is not None
    assert found[0] == type_
    assert opened(found[1]).size == (40, 30)


def test_nothing_but_the_pixels_comes_along() -> None:
    notes, exif = PngImagePlugin.PngInfo(), Image.Exif()
    notes.add_text("Comment", "SECRET")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET")
    exif[0x010E] = "SECRET"
    exif[0x0112] = 6  # lying on its side
    extras = {"exif": exif, "icc_profile": b"SECRET" * 30}
    sources = [
        picture("PNG", pnginfo=notes, **extras) + b"SECRET<script>alert(1)</script>",
        picture("JPEG", comment=b"SECRET", xmp=b"SECRET", **extras) + b"SECRET",
        picture("WEBP", xmp=b"SECRET", **extras),
        picture("GIF", mode="P", comment=b"SECRET"),
    ]
    for source in sources:
        found = reencode(source)
        assert found is not None
        assert b"SECRET" in source
        assert b"SECRET" not in found[1]
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(opened(found[1]).info)
    assert opened(reencode(sources[1])[1]).size == (30, 40), "as the camera meant it"  # type: ignore[index]


def test_what_is_large_is_made_small_enough_for_a_screen() -> None:
    for kind in ("JPEG", "PNG"):
        found = reencode(picture(kind, (6_000, 1_000)))
        assert found is not None
        assert max(opened(found[1]).size) <= 4_096


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_goes_on_moving(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=[50, 60, 70], loop=0)
    found = reencode(written.getvalue())
    assert found is not None
    assert found[0] == f"image/{kind.lower()}"
    moving = opened(found[1])
    assert (moving.n_frames, moving.info["loop"]) == (3, 0)


def test_what_moves_too_much_stands_still() -> None:
    frames = [Image.new("L", (4, 4), n % 250) for n in range(400)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    found = reencode(written.getvalue())
    assert found is not None
    assert found[0] == "image/png"


def png(width: int, height: int, *more: bytes, rows: bytes = b"") -> bytes:
    """A PNG written by hand, which says of itself whatever it wants."""
    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [b"IHDR" + head, *more, b"IDAT" + zlib.compress(rows, 9), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(one) - 4) + one + struct.pack("!I", zlib.crc32(one)) for one in chunks
    )


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
BOMBS = {
    "wide": png(100_000, 100_000),
    "pixels": png(16_000, 16_000, rows=bytes(16_001 * 16_000 // 8)),
    "zero": png(0, 0),
    "text": png(4, 4, b"zTXta\0\0" + zlib.compress(bytes(200_000_000), 9), rows=bytes(20)),
    "profile": png(4, 4, b"iCCPa\0\0" + zlib.compress(bytes(200_000_000), 9), rows=b"\x05" * 20),
    "svg": SVG,
    "svg after a header": b"\x89PNG\r\n\x1a\n" + SVG,
    "html": b"<html><script>alert(1)</script>",
    "nothing": b"",
    "cut off": picture("JPEG", (500, 500))[:400],
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "tiff": picture("TIFF"),
    "icon": picture("ICO"),
    "pdf": picture("PDF"),
    "junk": b"GIF89a" + b"\xff" * 100_000,
    "brackets": b"(" * 1_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_and_what_is_no_raster_image_come_to_nothing(name: str) -> None:
    found = reencode(BOMBS[name])
    assert found is None or (found[0] == "image/png" and len(found[1]) < 1_000), name
    if name not in ("text", "profile"):
        assert found is None


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    made = Decoder(seconds=20.0)
    yield made
    await made.close()


async def test_the_decoding_process_answers_one_after_the_other_whatever_comes(decoder: Decoder) -> None:
    good = picture("PNG")
    for bomb in ("wide", "svg", "nothing", "cut off"):
        assert await decoder.reencode(BOMBS[bomb]) is None
        assert await decoder.reencode(good) == reencode(good)
    many = await asyncio.gather(*(decoder.reencode(picture("PNG", (n, n))) for n in range(1, 20)))
    assert [opened(one[1]).size[0] for one in many if one] == list(range(1, 20))
    assert (await decoder.reencode(picture("AVIF")) or ("",))[0] == "image/webp"


async def test_a_process_that_hangs_or_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = picture("PNG")
    for body in ("import time; time.sleep(60)", "import os; os._exit(3)", "print('x' * 100_000, flush=True)"):
        script = tmp_path / "broken.py"
        script.write_text(body)
        broken = Decoder(seconds=0.5)
        monkeypatch.setattr(decoders, "SCRIPT", script)
        assert await broken.reencode(good) is None
        monkeypatch.undo()
        broken._seconds = 20.0
        assert await broken.reencode(good) is not None
        await broken.close()


async def test_the_process_has_no_environment_of_ours_and_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "look.py"
    script.write_text(
        "import os, sys, struct, resource, runpy\n"
        f"bind = runpy.run_path({str(Path(decoders.__file__).with_name('reencode.py'))!r})['bind']\n"
        "bind()\n"
        "try:\n    bytes(2_000_000_000)\n    grown = 'grown'\nexcept MemoryError:\n    grown = 'bounded'\n"
        "ours = [one for one in sys.modules if one.startswith(('mailsuite', 'django'))]\n"
        "words = repr((sorted(os.environ), grown, ours)).encode()\n"
        "sys.stdout.buffer.write(b'\\x01x' + struct.pack('!I', len(words)) + words)\n"
    )
    monkeypatch.setattr(decoders, "SCRIPT", script)
    monkeypatch.setenv("MAILSUITE_SECRET_KEY", "hush")
    looking = Decoder(seconds=20.0)
    found = await looking.reencode(b"x")
    await looking.close()
    assert found is not None
    names, grown, modules = eval(found[1])
    assert set(names) <= {"LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH"}
    assert modules == []
    assert grown == "bounded" or sys.platform == "darwin"
