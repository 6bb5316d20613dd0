"""Posters to draw, and names that do not fit."""

from dataclasses import replace
from functools import cache

from PIL import Image

from posters.samples import picture, samples
from posters.templates import design

WITHOUT = {
    f"{name} without picture": replace(art, picture=b"")
    for name, art in samples().items()
    if art.picture and name not in ("artwork", "look")
}
"""Designs that draw an object of their own when HQ gave none"""
IN_A_SCENE = {
    f"{name} in a scene": replace(samples()[name], picture=picture("art-boots.jpg"))
    for name in ("look", "member_day")
}
"""A picture without a plain ground is shown in the design's shape"""
ARTS = {**samples(), **WITHOUT, **IN_A_SCENE}
NAMES = ["芳", "王芳", "欧阳娜娜", "阿依古丽·买买提", "买买提江·阿不都热合曼", "古丽巴哈尔·买买提江娜娜"]


@cache
def painted(name: str) -> Image.Image:
    """The art of that name, painted once for all tests: not to be changed."""
    return design(ARTS[name].design).paint(ARTS[name])
