"""What the poster tests draw: 王芳 of the cast, with two kinds of art."""

from io import BytesIO
from pathlib import Path

from PIL import Image

import posters
from posters.fields import Art, Person, PosterFields
from tests import cast

BOOTS = (Path(posters.__file__).parent / "samples" / "art-boots.jpg").read_bytes()
CODE = "https://work.weixin.qq.com/ca/cawcde5f0a1b2c3d4e5f60"
WANG = Person(
    cast.NAMES[cast.WANG], f"{cast.BRAND} · {cast.ZHONGJIE.name}", CODE, "长按识别，加我微信，尺码我帮您挑"
)
BOOTS_ART = Art("artwork", BOOTS)
SNOW = Art(
    "headline",
    headline="初雪，先暖脚。",
    subline="远山雪地靴　零下 25 ℃ 也敢出门",
    price="¥699",
    note="羊毛内里 · 防滑大底 · 36–44 码\n11 月 19 日起，东北门店可试穿",
    brand="霁野 JIYE",
    occasion="2026 冬 · 新品",
)
WANGS_POSTER = PosterFields(WANG, BOOTS_ART)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(BytesIO(picture))
    image.load()
    return image


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()
