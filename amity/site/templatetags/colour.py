"""Colours in OKLCH as sRGB, and their contrast, for the style page and the test that guards the tokens.

Sources: Björn Ottosson, "A perceptual color space for image processing" (2020); WCAG 2.2, relative luminance.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent / "static/amity/css/tokens.css"
_COLOUR = re.compile(r"--([\w-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\);")


def tokens() -> dict[str, tuple[str, str]]:
    """The colour tokens of the stylesheet: name to OKLCH in light and in dark, as "lightness chroma hue"."""
    return {name: (light, dark) for name, light, dark in _COLOUR.findall(TOKENS.read_text(encoding="utf-8"))}


def linear_rgb(oklch: str) -> tuple[float, float, float]:
    """Linear-light sRGB of "lightness chroma hue", each clipped to 0 to 1."""
    lightness, chroma, hue = (float(part) for part in oklch.split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in channels)
    return red, green, blue


def hex_of(oklch: str) -> str:
    """The sRGB notation of a colour: "#006877"."""
    encoded = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear_rgb(oklch))
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in encoded)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two OKLCH colours, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(oklch: str) -> float:
    red, green, blue = linear_rgb(oklch)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
