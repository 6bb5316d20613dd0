"""Pictures from outside are refused in words or come back clean."""

import struct
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from posters.fields import PictureRefused
from posters.pictures import MAX_BYTES, clean_picture, shrink
from tests.posters.samples import BOOTS, opened, saved

PHOTO = Image.new("RGB", (400, 300), "teal")


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG written by hand, so that its header may say anything."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = (b"IDAT", zlib.compress(bytes((width // 8 + 1) * height), 9))
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, body in (header, *chunks, rows, (b"IEND", b"")):
        parts.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
    return b"".join(parts)


@pytest.mark.parametrize("side", [7_000, 9_000, 13_000])
def test_a_bomb_is_refused_by_its_header_before_it_is_decoded_K01(side: int) -> None:
    """49, 81 and 169 Mpx in a few KB."""
    bomb = _png(side, side)
    assert len(bomb) < 30_000
    header_alone = bomb[: bomb.index(b"IDAT") + 4]
    for picture in (bomb, header_alone):
        with pytest.raises(PictureRefused, match="4000 万像素"):
            clean_picture(picture)


def test_a_text_chunk_that_unpacks_to_megabytes_is_refused_K01() -> None:
    """40 MB of text in a small PNG."""
    bomb = _png(8, 8, (b"zTXt", b"comment\0\0" + zlib.compress(bytes(40_000_000), 9)))
    with pytest.raises(PictureRefused, match="打不开"):
        clean_picture(bomb)


def test_too_many_bytes_are_refused_before_anything_is_read_K01() -> None:
    with pytest.raises(PictureRefused, match="图片有 8.1 MB，最大 8 MB"):
        clean_picture(bytes(MAX_BYTES + 1))
    with pytest.raises(PictureRefused, match="最大 0.1 MB"):
        clean_picture(BOOTS, max_bytes=100_000)
    with pytest.raises(PictureRefused, match="1080 × 1600，超过 100 万像素"):
        clean_picture(BOOTS, max_pixels=1_000_000)


@pytest.mark.parametrize(
    "wrong",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        saved(PHOTO, "GIF"),
        saved(PHOTO, "TIFF"),
        saved(PHOTO, "BMP"),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ],
)
def test_other_kinds_of_file_are_refused_K02(wrong: bytes) -> None:
    """Only PNG, JPEG and WebP are ever opened."""
    with pytest.raises(PictureRefused, match="PNG、JPEG 或 WebP|打不开"):
        clean_picture(wrong)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_picture_is_refused_in_words_K02(kind: str, share: float) -> None:
    whole = saved(opened(BOOTS).resize((270, 400)), kind)
    with pytest.raises(PictureRefused, match="打不开|不是 PNG"):
        clean_picture(whole[: int(len(whole) * share)])


def test_an_empty_file_is_refused_K02() -> None:
    with pytest.raises(PictureRefused, match="没有图片"):
        clean_picture(b"")


def test_a_turned_photo_is_upright_and_tells_nothing_about_its_place_K02() -> None:
    """Orientation applied; GPS, comment, profile and author gone."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "somebody"
    exif.get_ifd(0x8825)[2] = (41.0, 48.0, 0.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clean = clean_picture(saved(PHOTO, "JPEG", exif=exif, icc_profile=profile, comment=b"secret"))
    image = opened(clean.jpeg)
    assert (clean.width, clean.height) == image.size == (300, 400)
    assert not image.getexif() and not {"exif", "icc_profile", "comment"} & set(image.info)


def test_what_hides_behind_a_picture_does_not_survive_K02() -> None:
    """A file that is a picture and a page at once."""
    info = PngImagePlugin.PngInfo()
    info.add_text("page", "<script>alert(1)</script>")
    for polyglot in (saved(PHOTO, "JPEG") + b"<script>alert(1)</script>", saved(PHOTO, "PNG", pnginfo=info)):
        assert b"<script>" in polyglot and b"<script>" not in clean_picture(polyglot).jpeg


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "expected"),
    [
        ("CMYK", (0, 255, 255, 0), "JPEG", (255, 0, 0)),
        ("I;16", 0x8000, "PNG", (128, 128, 128)),
        ("L", 77, "PNG", (77, 77, 77)),
        ("1", 1, "PNG", (255, 255, 255)),
        ("P", 0, "PNG", (0, 0, 0)),
        ("LA", (0, 0), "PNG", (255, 255, 255)),
        ("RGBA", (255, 0, 0, 0), "WEBP", (255, 255, 255)),
    ],
)
def test_every_kind_of_colour_becomes_plain_rgb_K02(
    mode: str, colour: object, kind: str, expected: tuple[int, int, int]
) -> None:
    image = opened(clean_picture(saved(Image.new(mode, (64, 64), colour), kind)).jpeg)
    assert image.mode == "RGB"
    assert all(abs(one - other) <= 6 for one, other in zip(image.getpixel((30, 30)), expected, strict=True))


def test_a_broken_colour_profile_does_not_spoil_the_picture() -> None:
    clean = clean_picture(saved(PHOTO, "PNG", icc_profile=b"no profile at all"))
    assert (clean.width, clean.height) == (400, 300)


def test_a_huge_photo_comes_back_no_larger_than_anybody_needs() -> None:
    clean = clean_picture(saved(Image.new("RGB", (6000, 5000), "teal"), "JPEG"))
    assert max(clean.width, clean.height) == 4096


def test_the_phone_size_lowers_the_quality_until_its_bytes_fit() -> None:
    grain = Image.blend(opened(BOOTS), Image.effect_noise((1080, 1600), 40).convert("RGB"), 0.3)
    photo = saved(grain, "JPEG", quality=95)
    assert len(shrink(photo)) <= 120_000 and opened(shrink(photo)).size == (750, 1111)
    assert len(shrink(photo, 750, 60_000)) < len(shrink(photo))
    assert opened(shrink(saved(PHOTO, "JPEG"))).size == (400, 300)
