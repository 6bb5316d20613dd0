"""What a form learns of each design."""

from dataclasses import replace

import pytest
from PIL import Image

from posters.drawing import draw
from posters.fields import Art, PosterFields, PosterRefused
from posters.templates import DESIGNS, complaints
from tests.posters.arts import ARTS
from tests.posters.samples import BOOTS, SNOW, WANG, saved


@pytest.mark.parametrize(
    ("art", "field", "words"),
    [
        (Art("artwork"), "picture", "请选一张海报图"),
        (Art("artwork", b"<svg/>"), "picture", "不是 PNG、JPEG 或 WebP"),
        (Art("artwork", saved(Image.new("RGB", (300, 500)), "PNG")), "picture", "只有 300 像素宽"),
        (Art("headline"), "headline", "请写标题"),
        (Art("headline", headline="初雪来了先把脚暖起来"), "headline", "标题有 10 个字，最多 8 个"),
        (Art("headline", headline="初\n雪\n来"), "headline", "最多两行"),
        (replace(SNOW, subline="远山雪地靴" * 8), "subline", "副标题一行放不下"),
        (replace(SNOW, note="羊毛内里，防滑大底。" * 6), "note", "说明放不进 2 行"),
        (replace(SNOW, picture=BOOTS[:9000]), "picture", "不完整或已损坏"),
        (Art("neon"), "design", "没有叫「neon」的海报版式"),
    ],
)
def test_the_form_learns_what_is_wrong_with_which_field(art: Art, field: str, words: str) -> None:
    assert words in str(complaints(art)[field])


def test_good_artwork_has_no_complaints_and_every_design_has_a_title() -> None:
    assert [complaints(art) for art in ARTS.values()] == [{}, {}, {}]
    assert all(one.TITLE and set(one.FIELDS) <= set(Art.__slots__) for one in DESIGNS.values())
    with pytest.raises(PosterRefused, match="没有叫"):
        draw(PosterFields(WANG, Art("neon")))
