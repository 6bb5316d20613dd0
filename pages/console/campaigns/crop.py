"""Which part of a picture a poster shows, said and drawn before the picture is used."""

from dataclasses import dataclass

from models.sentences import Sentence
from posters.fields import WIDTH
from posters.templates.artwork import NARROWEST, cropped

MOST_BLUR = 1.0
"""Enlarged by more than this, a picture is less sharp than the poster could be."""


@dataclass(frozen=True)
class Crop:
    """The frame on a picture of this size."""

    width: int
    height: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of what stays."""
        return cropped(self.width, self.height)

    @property
    def path(self) -> str:
        """What is cut off, as the path of an SVG: the whole picture without the box."""
        left, top, width, height = self.box
        return f"M0 0H{self.width}V{self.height}H0ZM{left} {top}V{top + height}H{left + width}V{top}Z"

    @property
    def faults(self) -> list[str]:
        """What a person should know of this picture on a poster."""
        _, _, width, height = self.box
        found: list[str] = []
        if self.width < NARROWEST:
            words = "图片只有 {n} 像素宽，做海报至少要 {least}：放大会糊，排期时会被拦下"
            found.append(Sentence(words, n=self.width, least=NARROWEST))
        elif WIDTH / width > MOST_BLUR:
            found.append(Sentence("做成海报要放大 {x} 倍，会有点糊", x=f"{WIDTH / width:.1f}"))
        if side := round(100 * (self.width - width) / self.width):
            found.append(Sentence("海报只用框里的：左右一共裁掉 {n}%", n=side))
        if bottom := round(100 * (self.height - height) / self.height):
            found.append(Sentence("海报只用框里的：下面裁掉 {n}%", n=bottom))
        return found or [Sentence("正好放满海报，一点不裁")]
