"""Colours as the eye sees them: OKLCH, contrast by WCAG, and the counterpart of a colour on a dark page (product.md 4.5)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

LEAST_CONTRAST = 4.5
MARGIN = 0.1  # above it, for what rounding to bytes takes
DARKEST, LIGHTEST = 0.206, 0.938  # lightness of the dark page and of the text on it: what white and black become
PAPER = 0.985  # lightness from which a background is nothing but the page
MOST_TINT = 0.06  # chroma of a background: more would glow


class Rgb(NamedTuple):
    """Red, green and blue from 0 to 1."""

    red: float
    green: float
    blue: float

    @property
    def hex(self) -> str:
        return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in self)


class Lch(NamedTuple):
    """OKLCH: lightness 0 to 1, chroma 0 to about 0.37, hue in radians."""

    lightness: float
    chroma: float
    hue: float


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


@lru_cache(4096)
def lch(color: Rgb) -> Lch:
    """Into OKLCH (Ottosson 2020)."""
    red, green, blue = map(_linear, color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Lch(lightness, math.hypot(a, b), math.atan2(b, a))


def rgb(color: Lch) -> Rgb:
    """Out of OKLCH; what no screen can show gets paler until one can."""
    pale, vivid = 0.0, color.chroma
    found = _rgb(color)
    if all(-1e-4 <= part <= 1.0001 for part in found):
        return found
    for _ in range(12):
        chroma = (pale + vivid) / 2
        found = _rgb(color._replace(chroma=chroma))
        if all(-1e-4 <= part <= 1.0001 for part in found):
            pale = chroma
        else:
            vivid = chroma
    return _rgb(color._replace(chroma=pale))


def _rgb(color: Lch) -> Rgb:
    a, b = color.chroma * math.cos(color.hue), color.chroma * math.sin(color.hue)
    long = (color.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (color.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (color.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return Rgb(*(_gamma(part) if part > 0 else part for part in (red, green, blue)))


def luminance(color: Rgb) -> float:
    """Relative luminance (WCAG 2)."""
    red, green, blue = (_linear(min(max(part, 0.0), 1.0)) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 to 21 (WCAG 2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


PAGE = Rgb(0x13 / 255, 0x18 / 255, 0x1B / 255)


@lru_cache(4096)
def mirrored(color: Rgb) -> Rgb:
    """Lightness turned round between the page's and its text's, hue kept: for lines, and as the first guess for text."""
    seen = lch(color)
    return rgb(seen._replace(lightness=_turned(seen.lightness)))


@lru_cache(4096)
def background(color: Rgb) -> Rgb:
    """Lightness turned round, the tint kept faint; white is the page itself."""
    seen = lch(color)
    if seen.lightness >= PAPER:
        return PAGE
    return rgb(Lch(_turned(seen.lightness), min(seen.chroma, MOST_TINT), seen.hue))


def _turned(lightness: float) -> float:
    return DARKEST + (1 - lightness) * (LIGHTEST - DARKEST)


@lru_cache(4096)
def legible(color: Rgb, on: Rgb) -> Rgb:
    """A text's colour on a dark background: turned round, and lighter until it can be read there."""
    found = mirrored(color)
    seen = lch(found)
    while contrast(found, on) < LEAST_CONTRAST + MARGIN and seen.lightness < 1:
        seen = seen._replace(lightness=min(seen.lightness + 0.01, 1.0))
        found = rgb(seen)
    return found
