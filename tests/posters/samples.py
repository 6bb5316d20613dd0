"""What the poster tests draw: 王芳 of the cast, with two kinds of art."""

from dataclasses import replace
from io import BytesIO

from PIL import Image

from posters.fields import Person, PosterFields
from posters.samples import picture, samples
from tests import cast

BOOTS = picture("art-boots.jpg")
CODE = "https://work.weixin.qq.com/ca/cawcde5f0a1b2c3d4e5f60"
WANG = Person(
    cast.NAMES[cast.WANG], f"{cast.BRAND} · {cast.ZHONGJIE.name}", CODE, "长按识别，加我微信，尺码我帮您挑"
)
BOOTS_ART = samples()["artwork"]
SNOW = replace(samples()["headline"], picture=b"")
WANGS_POSTER = PosterFields(WANG, BOOTS_ART)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(BytesIO(picture))
    image.load()
    return image


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()
