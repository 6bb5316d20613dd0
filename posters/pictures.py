"""Opens pictures from outside safely and hands back clean JPEGs: no surprise inside, no metadata left."""

from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from math import ceil

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from posters.fields import PictureRefused

FORMATS = ("PNG", "JPEG", "WEBP")
MEGABYTE = 1024 * 1024
MAX_BYTES = 8 * MEGABYTE
"""The largest picture that anybody may bring: pages say it, and look before it travels"""
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 4096
"""Nothing that we draw or send needs more"""
CLEAN_QUALITY = 90
PHONE_WIDTH = 750
PHONE_BYTES = 120_000
PHONE_QUALITIES = (84, 80, 76, 72, 66, 60, 52, 44, 36, 28)
SIXTEEN_BIT = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture that is safe to keep, show and send."""

    jpeg: bytes
    width: int
    height: int


def clean_picture(
    picture: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> CleanPicture:
    """Decode within limits, turn upright, flatten to RGB, drop all metadata, encode anew."""
    image = open_picture(picture, max_bytes=max_bytes, max_pixels=max_pixels)
    return CleanPicture(encode(image, CLEAN_QUALITY), image.width, image.height)


def open_picture(picture: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture upright in RGB, at most 4,096 px on its longest side; raises PictureRefused in words."""
    if not picture:
        raise PictureRefused("这里没有图片")
    if len(picture) > max_bytes:
        raise PictureRefused(
            "图片有 {n} MB，最大 {most} MB。请压缩后再传", n=_mega(len(picture)), most=_mega(max_bytes)
        )
    try:
        with Image.open(BytesIO(picture), formats=FORMATS) as first:
            _check_size(first, max_pixels)
            first.verify()
        with Image.open(BytesIO(picture), formats=FORMATS) as image:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            return _normal(image)
    except PictureRefused:
        raise
    except UnidentifiedImageError as error:
        raise PictureRefused("这不是 PNG、JPEG 或 WebP 图片。请另存为其中一种再传") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PictureRefused(
            "图片展开后太大，最多 {most} 万像素。请缩小后再传", most=max_pixels // 10_000
        ) from error
    except BROKEN as error:
        raise PictureRefused("图片打不开，文件不完整或已损坏。请重新导出再传") from error


def _check_size(image: Image.Image, max_pixels: int) -> None:
    """Refuse by the header, before a single pixel is decoded."""
    if image.width * image.height > max_pixels:
        raise PictureRefused(
            "图片是 {width} × {height}，超过 {most} 万像素。请缩小后再传",
            width=image.width,
            height=image.height,
            most=max_pixels // 10_000,
        )


def _normal(image: Image.Image) -> Image.Image:
    """Upright, no larger than needed, eight-bit RGB in the screen's colours, on white, without metadata."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if upright.mode in SIXTEEN_BIT:
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.mode != "CMYK" and upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer.getchannel("A"))
    coloured = _screen_colours(upright, profile) if profile else upright
    plain = coloured.convert("RGB")
    plain.info.clear()
    return plain


def _screen_colours(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones' wide colours and printers' inks, as sRGB; a profile that makes no sense is ignored."""
    with suppress(ImageCms.PyCMSError, *BROKEN):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return turned or image
    return image


def shrink(jpeg: bytes, width: int = PHONE_WIDTH, max_bytes: int = PHONE_BYTES) -> bytes:
    """The same picture for phones: narrower, and the best quality that stays within the bytes."""
    image = open_picture(jpeg)
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    small = b""
    for quality in PHONE_QUALITIES:
        small = encode(image, quality)
        if len(small) <= max_bytes:
            break
    return small


def encode(image: Image.Image, quality: int, restart_blocks: int = 0) -> bytes:
    """One way to write JPEGs: baseline, 4:2:0, standard tables, so that scans can be joined."""
    out = BytesIO()
    settings = {"quality": quality, "subsampling": 2, "restart_marker_blocks": restart_blocks}
    image.save(out, "JPEG", **settings)
    return out.getvalue()


def _mega(size: int) -> str:
    """Rounded up: what is above a limit does not look like the limit."""
    return f"{ceil(size / MEGABYTE * 10) / 10:.1f}".removesuffix(".0")
