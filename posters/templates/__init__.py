"""The designs: one file each, with a title, the fields it takes, and paint(art) for the upper 1,600 rows."""

from typing import Protocol, cast

from PIL import Image

from posters.fields import Art, PosterRefused
from posters.fonts import missing_glyphs
from posters.templates import artwork, headline


class Design(Protocol):
    """What a file in this folder offers."""

    TITLE: str
    FIELDS: tuple[str, ...]

    def complaints(self, art: Art) -> dict[str, str]:
        """What is wrong, in words, by field."""

    def paint(self, art: Art) -> Image.Image:
        """The artwork, 1080 × 1600 RGB."""


DESIGNS: dict[str, Design] = {"artwork": cast(Design, artwork), "headline": cast(Design, headline)}


def design(name: str) -> Design:
    """The design of that name."""
    if name not in DESIGNS:
        raise PosterRefused(f"没有叫「{name}」的海报版式，现有：{'、'.join(DESIGNS)}")
    return DESIGNS[name]


def complaints(art: Art) -> dict[str, str]:
    """Why this artwork cannot be drawn, by field, for the form; empty when it can."""
    if art.design not in DESIGNS:
        return {"design": f"没有叫「{art.design}」的海报版式"}
    wrong: dict[str, str] = {}
    for name in DESIGNS[art.design].FIELDS:
        value = getattr(art, name)
        lost = missing_glyphs(value) if isinstance(value, str) else []
        if lost:
            wrong[name] = f"字体里没有「{''.join(lost)}」，画出来会是方框。请换一个写法"
    return wrong or DESIGNS[art.design].complaints(art)
