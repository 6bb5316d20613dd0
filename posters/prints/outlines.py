"""Characters as outlines: a print shop has none of our fonts, and draws an outline as it is."""

from functools import lru_cache
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from posters.fonts import SIMPLIFIED_IN_COLLECTION, Typeface, runs, small_files

DIGITS = 3
"""Of a millimetre: finer than any printer"""


def outline(text: str, typeface: Typeface, size: float, tracking: float = 0) -> tuple[str, float]:
    """(path, width) of a line that begins at 0, 0 and stands on it, in millimetres."""
    drawn, at = [], 0.0
    for path, chars in runs(text, typeface):
        for char in chars:
            glyphs, name, units = _glyph(char, typeface, path)
            scale, pen = size / units, SVGPathPen(glyphs, ntos=_short)
            glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, at, 0)))
            drawn.append(pen.getCommands())
            at += glyphs[name].width * scale + tracking
    return "".join(drawn), at - (tracking if text else 0)


def _glyph(char: str, typeface: Typeface, path: str) -> tuple[Any, str, int]:
    """Where its outline is. In a small file of the package rather than the big one, whose unpacking takes ten seconds."""
    for file in [*small_files(char, typeface), path]:
        glyphs, names, units = _font(file)
        if ord(char) in names:
            return glyphs, names[ord(char)], units
    return glyphs, ".notdef", units


def _short(number: float) -> str:
    return f"{number:.{DIGITS}f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=64)  # some 300 KB each
def _font(path: str) -> tuple[Any, dict[int, str], int]:
    font = TTFont(path, fontNumber=SIMPLIFIED_IN_COLLECTION if path.endswith(".ttc") else -1)
    return font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm
