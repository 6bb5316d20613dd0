"""HQ's own picture fills the upper part; we add nothing to it."""

from PIL import Image, ImageOps

from posters.fields import ART_HEIGHT, WIDTH, Art, PictureRefused, PosterRefused
from posters.pictures import open_picture

TITLE = "总部画好的图"
ABOUT = "整张图由总部设计，不加字"
FIELDS = {"picture": "1080 × 1600 最合适"}
NARROWEST = 540
"""Pixels: half of the poster; enlarged further it looks blurred"""


def complaints(art: Art) -> dict[str, PosterRefused]:
    """The picture must be there, open, and not be too small."""
    if not art.picture:
        return {"picture": PictureRefused("请选一张海报图，1080 × 1600 最合适")}
    try:
        image = open_picture(art.picture)
    except PictureRefused as refused:
        return {"picture": refused}
    if image.width < NARROWEST:
        return {
            "picture": PictureRefused(
                "图片只有 {n} 像素宽，放大会糊。请用至少 {least} 宽的图，1080 × 1600 最合适",
                n=image.width,
                least=NARROWEST,
            )
        }
    return {}


def paint(art: Art) -> Image.Image:
    """The picture covers the area; of taller ones the top stays, because the strip lies over the bottom."""
    return ImageOps.fit(open_picture(art.picture), (WIDTH, ART_HEIGHT), centering=(0.5, 0.0))


def cropped(width: int, height: int) -> tuple[int, int, int, int]:
    """What `paint` shows of a picture of this size: left, top, width and height of the box."""
    wide = min(width, round(height * WIDTH / ART_HEIGHT))
    high = min(height, round(width * ART_HEIGHT / WIDTH))
    return (width - wide) // 2, 0, wide, high
