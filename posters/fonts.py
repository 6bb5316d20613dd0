"""Finds the typeface on this machine and knows, character by character, what it can draw."""

import json
import os
import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

from posters.fields import GlyphMissing, PosterRefused


class Typeface(NamedTuple):
    """One cut of the two families that posters use."""

    family: str
    weight: int


REGULAR, MEDIUM, BOLD = Typeface("sans", 400), Typeface("sans", 500), Typeface("sans", 700)
SERIF = Typeface("serif", 700)
"""For headlines alone"""
PACKAGE_FILES = "node_modules/@fontsource/noto-{family}-sc/files"
REPOSITORY = Path(__file__).resolve().parent.parent
PROBE_SIZE = 32
NO_CHARACTER = "\U0010fffe"
"""Guaranteed never to be assigned: whatever is drawn for it means "no glyph"."""
SYSTEM_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
    "/opt/homebrew/share/fonts",
    "/Library/Fonts",
)
SIMPLIFIED_IN_COLLECTION = 2
"""A NotoSansCJK .ttc holds JP, KR, SC, TC, HK in this order"""

EMOJI = re.compile(
    "(?:[0-9#*]\ufe0f?\u20e3)"
    "|(?:[\U0001f000-\U0001f1ff\U0001f201-\U0001f64f\U0001f680-\U0001faff\u231a\u231b\u23e9-\u23ec\u23f0\u23f3"
    "\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4"
    "\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2764"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\ue000-\uf8ff]|[\u00a9\u00ae\u2000-\u3299]\ufe0f)"
    "(?:[\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|(?<=\u200d)[\u2600-\u27bf\U0001f000-\U0001faff])*"
)
"""Drawn in colour by phones, and by nothing that we have: taken out of poster text, as the preview shows."""
INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""They only choose a variant of the character before them."""


def plain(text: str) -> str:
    """The text as it is drawn: without emoji and invisible characters, spaces of one width."""
    text = unicodedata.normalize("NFC", EMOJI.sub(_keycap_digit, text))
    kept = (" " if char.isspace() and char != "\u3000" else char for char in text)
    shown = "".join(
        char for char in kept if not INVISIBLE.match(char) and unicodedata.category(char) not in "CcCfCs"
    )
    return re.sub(" +", " ", shown).strip()


def _keycap_digit(found: re.Match[str]) -> str:
    """A digit in a key cap says something, the cap does not."""
    return found.group()[0] if found.group()[0] in "0123456789#*" else ""


def font_folder(family: str) -> Path:
    """Where a family's files are: ONETAP_FONT_DIR, or the installed npm package of this repository."""
    return Path(os.environ.get("ONETAP_FONT_DIR") or REPOSITORY / PACKAGE_FILES.format(family=family))


@lru_cache(maxsize=24)  # each holds the unpacked font, about 2.5 MB
def face(path: str, size: int) -> ImageFont.FreeTypeFont:
    """One font file at one size; BASIC layout, so that every machine draws the same pixels."""
    index = SIMPLIFIED_IN_COLLECTION if path.endswith(".ttc") else 0
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8)
def main_file(kind: Typeface) -> str:
    """The package's one big file of a typeface: 7,946 characters."""
    path = _package_file(kind, "chinese-simplified")
    if path.is_file():
        return str(path)
    spare = system_file(kind)
    if spare is None and kind == SERIF:
        return main_file(BOLD)
    if spare is None:
        raise PosterRefused(
            "没有找到海报字体 Noto Sans SC。请先运行 npm ci，或用 ONETAP_FONT_DIR 指定字体目录"
        )
    return spare


def _package_file(kind: Typeface, part: str) -> Path:
    return font_folder(kind.family) / f"noto-{kind.family}-sc-{part}-{kind.weight}-normal.woff2"


@lru_cache(maxsize=8)
def system_file(kind: Typeface) -> str | None:
    """A Noto CJK font of the machine, for characters rarer than the package has (𠮷, 㵘)."""
    weight = "Bold" if kind.weight >= BOLD.weight else "Regular"
    name = f"Noto{kind.family.title()}CJK-{weight}.ttc"
    return next((str(path) for folder in SYSTEM_FOLDERS if (path := Path(folder, name)).is_file()), None)


@lru_cache(maxsize=2)
def subsets(family: str) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """The package's small files by the characters they hold: ℃, ① and others are only there."""
    listing = font_folder(family).parent / "unicode.json"
    if not listing.is_file():
        return ()
    found: list[tuple[str, tuple[tuple[int, int], ...]]] = []
    for name, ranges in json.loads(listing.read_text(encoding="utf-8")).items():
        ends = (part.strip().removeprefix("U+").partition("-")[::2] for part in ranges.split(","))
        found.append((name.strip("[]"), tuple((int(low, 16), int(high or low, 16)) for low, high in ends)))
    return tuple(found)


@lru_cache(maxsize=4096)
def file_for(char: str, kind: Typeface) -> str | None:
    """The font file that draws this character: the big one, a small one of the package, the machine's.

    What the serif lacks the bold sans draws.
    """
    files = [main_file(kind), *small_files(char, kind)]
    spare = system_file(kind)
    own = next((path for path in [*files, *([spare] if spare else [])] if _draws(path, char)), None)
    return file_for(char, BOLD) if own is None and kind == SERIF else own


def small_files(char: str, kind: Typeface) -> list[str]:
    """The package's small files that should hold this character."""
    names = [
        name for name, ranges in subsets(kind.family) if any(low <= ord(char) <= high for low, high in ranges)
    ]
    return [str(path) for name in names if (path := _package_file(kind, name)).is_file()]


def _draws(path: str, char: str) -> bool:
    """Whether a font has its own glyph for the character: the box for the unknown always looks the same."""
    probe = face(path, PROBE_SIZE)
    return bytes(probe.getmask(char)) != _unknown_glyph(path)


@lru_cache(maxsize=64)
def _unknown_glyph(path: str) -> bytes:
    return bytes(face(path, PROBE_SIZE).getmask(NO_CHARACTER))


def missing_glyphs(text: str) -> list[str]:
    """Characters that no font here can draw, light and bold, each once; emoji are not among them."""
    return [char for char in dict.fromkeys(plain(text)) if char != " " and not _drawable(char)]


def _drawable(char: str) -> bool:
    return all(file_for(char, kind) for kind in (REGULAR, BOLD))


def runs(text: str, kind: Typeface) -> list[tuple[str, str]]:
    """The text cut where the font changes: (font file, characters)."""
    files = [(file_for(char, kind) if char != " " else main_file(kind), char) for char in text]
    lost = tuple(dict.fromkeys(char for path, char in files if path is None))
    if lost:
        raise GlyphMissing(lost)
    grouped = groupby(files, key=lambda pair: pair[0])
    return [(str(path), "".join(char for _, char in pairs)) for path, pairs in grouped]
