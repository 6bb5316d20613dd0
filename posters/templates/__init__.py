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

    def complaints(self, art: Art) -> dict[str, PosterRefused]:
        """What is wrong, by field."""

    def paint(self, art: Art) -> Image.Image:
        """The artwork, 1080 × 1600 RGB."""


DESIGNS: dict[str, Design] = {"artwork": cast(Design, artwork), "headline": cast(Design, headline)}


def design(name: str) -> Design:
    """The design of that name."""
    if name not in DESIGNS:
        raise PosterRefused("没有叫「{name}」的海报版式", name=name)
    return DESIGNS[name]


def complaints(art: Art) -> dict[str, PosterRefused]:
    """Why this artwork cannot be drawn, by field, for the form; empty when it can."""
    try:
        chosen = design(art.design)
    except PosterRefused as refused:
        return {"design": refused}
    wrong: dict[str, PosterRefused] = {}
    for name in chosen.FIELDS:
        value = getattr(art, name)
        lost = missing_glyphs(value) if isinstance(value, str) else []
        if lost:
            wrong[name] = PosterRefused(
                "字体里没有「{chars}」，画出来会是方框。请换一个写法", chars="".join(lost)
            )
    return wrong or chosen.complaints(art)
