"""The designs: one file each, with a title, the fields it takes, and paint(art) for the upper 1,600 rows."""

from collections.abc import Mapping
from typing import Protocol, cast

from PIL import Image

from posters.fields import Art, PosterRefused
from posters.fonts import missing_glyphs
from posters.templates import artwork, guide_card, headline, look, member_day, store_day, weather


class Design(Protocol):
    """What a file in this folder offers."""

    TITLE: str
    ABOUT: str
    """What is on it, beside its title"""
    FIELDS: Mapping[str, str]
    """What it shows, in the order in which it is asked for, and what to write there"""

    def complaints(self, art: Art) -> dict[str, PosterRefused]:
        """What is wrong, by field."""

    def paint(self, art: Art) -> Image.Image:
        """The artwork, 1080 × 1600 RGB."""


DESIGNS: dict[str, Design] = {
    module.__name__.rpartition(".")[2]: cast(Design, module)
    for module in (artwork, headline, look, store_day, member_day, weather, guide_card)
}
"""By the name of its file, in the order in which the form offers them"""


OFFERED = ("picture", "headline", "subline", "price", "note", "points", "occasion")
"""What some design shows of an artwork"""
UNSEEN = "这个版式上没有这一项，写了也看不到。请删掉，或者换一个版式"


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
    wrong = {
        name: PosterRefused(UNSEEN) for name in OFFERED if getattr(art, name) and name not in chosen.FIELDS
    }
    for name in chosen.FIELDS:
        value = getattr(art, name)
        lost = missing_glyphs(value) if isinstance(value, str) else []
        if lost:
            wrong[name] = PosterRefused(
                "字体里没有「{chars}」，画出来会是方框。请换一个写法", chars="".join(lost)
            )
    return wrong or chosen.complaints(art)
