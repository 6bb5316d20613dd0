"""What a form learns of each design."""

from dataclasses import replace

import pytest
from PIL import Image

from posters.drawing import draw, draw_art
from posters.fields import Art, PosterFields, PosterRefused
from posters.samples import samples
from posters.templates import DESIGNS, complaints
from tests.posters.arts import ARTS
from tests.posters.samples import BOOTS, SNOW, WANG, saved

LOOK, CARD = samples()["look"], samples()["guide_card"]


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
        (replace(SNOW, occasion="二〇二六年冬天的新品" * 3), "occasion", "右上角放不下"),
        (replace(SNOW, price="¥699 起，满 2,000 减 300，会员再减 100"), "price", "价格放不下"),
        (replace(SNOW, picture=BOOTS[:9000]), "picture", "不完整或已损坏"),
        (replace(LOOK, picture=b""), "picture", "请选一张搭配的照片"),
        (replace(LOOK, points="围巾\n大衣\n腰带\n靴子"), "points", "有 4 行，最多 3 行"),
        (replace(LOOK, points="格纹羊毛围巾 绕一圈，垂一边，怎么都好看，也不掉毛"), "points", "一行放不下"),
        (replace(CARD, points=""), "points", "请写她能帮的事"),
        (replace(CARD, points="量脚 " + "三十秒，知道该穿几码" * 4), "points", "「量脚 三十秒"),
        (replace(CARD, note="10:00 – 22:00 回您\n" + "夜里也回" * 6), "note", "说明放不进 1 行"),
        (Art("neon"), "design", "没有叫「neon」的海报版式"),
        (Art("artwork", BOOTS, headline="看不到的标题"), "headline", "这个版式上没有这一项"),
        (replace(CARD, picture=BOOTS), "picture", "这个版式上没有这一项"),
        (replace(CARD, price="¥699"), "price", "这个版式上没有这一项"),
    ],
)
def test_the_form_learns_what_is_wrong_with_which_field(art: Art, field: str, words: str) -> None:
    assert words in str(complaints(art)[field])


def test_good_artwork_has_no_complaints_and_every_design_has_a_title() -> None:
    assert {name: complaints(art) for name, art in ARTS.items()} == {name: {} for name in ARTS}
    assert all(one.TITLE and one.ABOUT and set(one.FIELDS) <= set(Art.__slots__) for one in DESIGNS.values())
    assert set(samples()) == set(DESIGNS), "each design is shown filled in"
    with pytest.raises(PosterRefused, match="没有叫"):
        draw(PosterFields(WANG, Art("neon")))


@pytest.mark.parametrize("name", [name for name in DESIGNS if name != "artwork"])
def test_a_design_takes_as_many_words_as_it_says_K04(name: str) -> None:
    """Every field as full as the form lets it be; what would be cut is a complaint, above."""
    longest = {
        "headline": "冬天来了，\n先暖脚",
        "subline": "远山雪地靴，零下二十五度也敢出门，不打滑",
        "price": "¥12,999",
        "occasion": "二〇二六年冬 · 新品",
    }
    full = replace(
        samples()[name], **{field: it for field, it in longest.items() if field in DESIGNS[name].FIELDS}
    )
    assert complaints(full) == {} and draw_art(full)


def test_rare_characters_in_a_headline_come_from_another_typeface_or_are_named_K04() -> None:
    """The serif lacks 𠮷; the machine's font or the sans draws it, else the form says so."""
    rare = replace(SNOW, headline="𠮷店开了")
    found = complaints(rare)
    assert found.keys() <= {"headline"} and (found or draw_art(rare))
