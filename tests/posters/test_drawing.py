"""A poster looks as the design says, carries her own code, and never hides a fault of its text."""

import random
from dataclasses import replace

import numpy
import pytest
from PIL import Image

from posters.code import read_code
from posters.drawing import _upper, draw, draw_art
from posters.fields import Art, GlyphMissing, Person, PosterFields, PosterRefused
from posters.fonts import missing_glyphs
from posters.pictures import shrink
from posters.splice import QUALITY, upper_part, with_strip
from posters.strip import CARD, STRIP, paint_strip
from posters.templates import DESIGNS, complaints, design
from posters.templates.headline import headline_lines
from posters.text import Type, cut, fit, width, wrap
from tests.posters.cast import BOOTS, BOOTS_ART, CODE, SNOW, WANG, WANGS_POSTER, opened, saved
from tests.second_reader import second_reader

ARTS = {"artwork": BOOTS_ART, "headline": SNOW, "headline with product": replace(SNOW, picture=BOOTS)}
NAMES = ["芳", "王芳", "欧阳娜娜", "阿依古丽·买买提", "买买提江·阿不都热合曼", "古丽巴哈尔·买买提江娜娜"]
GLYPH = Type(54, 700, "black")


@pytest.mark.parametrize("art", ARTS.values(), ids=ARTS)
def test_a_second_library_reads_her_code_from_the_poster_and_from_the_phone_size(art: Art) -> None:
    poster = draw(PosterFields(WANG, art))
    phone = shrink(poster)
    assert opened(poster).size == (1080, 1920) and opened(phone).size == (750, 1333)
    assert len(poster) <= 450_000 and len(phone) <= 120_000
    assert second_reader(poster) == second_reader(phone) == CODE
    assert read_code(poster) == read_code(phone) == CODE


def test_each_of_many_codes_survives_the_messengers_compression_K05() -> None:
    """Codes of every length, strip only, at 750 px and quality 60."""
    dice = random.Random(5)
    for length in range(12, 132, 4):
        code = "https://work.weixin.qq.com/ca/"[:length] + "".join(dice.choices("abcdef0123456789", k=length))
        strip = paint_strip(replace(WANG, code=code))
        small = strip.resize((750, 222), Image.Resampling.LANCZOS)
        assert read_code(saved(small, "JPEG", quality=60)) == second_reader(saved(small, "PNG")) == code
        assert second_reader(saved(strip, "JPEG", quality=60)) == code


def test_the_quiet_zone_is_four_modules_of_pure_white() -> None:
    for code in ("short", CODE, CODE * 2):
        strip = numpy.asarray(paint_strip(replace(WANG, code=code)).convert("L"))
        inside = strip[CARD[1] + 2 : CARD[3] - 1, CARD[0] + 2 : CARD[2] - 1]
        rows, columns = numpy.nonzero(inside < 128)
        side = rows.max() - rows.min() + 1
        ends = (*inside.shape, rows.max() + 1, columns.max() + 1)
        border = min(rows.min(), columns.min(), ends[0] - ends[2], ends[1] - ends[3])
        module = numpy.nonzero(inside[rows.min(), columns.min() :] > 128)[0][0] / 7
        assert side <= 204 and border >= 4 * module - 1
        assert (inside[20:-20, : border - 1] == 255).all() and (inside[: border - 1, 20:-20] == 255).all()


def test_a_code_too_long_to_be_scanned_is_refused_in_words() -> None:
    for code, words in (("x" * 400, "太密"), ("x" * 4000, "太密"), ("", "还没有渠道码")):
        with pytest.raises(PosterRefused, match=words):
            draw(PosterFields(replace(WANG, code=code), BOOTS_ART))


def test_the_spliced_file_has_the_same_pixels_as_a_full_encode() -> None:
    """Goal A4 of the measurements: joining costs nothing in looks."""
    for art in ARTS.values():
        painted, strip = design(art.design).paint(art), paint_strip(WANG)
        whole = Image.new("RGB", (1080, 1920))
        whole.paste(painted, (0, 0))
        whole.paste(strip, (0, 1600))
        full = opened(saved(whole, "JPEG", quality=QUALITY, subsampling=2)).tobytes()
        assert opened(with_strip(upper_part(painted), strip)).tobytes() == full


def test_nothing_personal_stands_above_the_strip() -> None:
    others = PosterFields(Person("欧阳娜娜", "霁野 · 大连天津街店", CODE + "x"), BOOTS_ART)
    mine, theirs = (numpy.asarray(opened(draw(fields))) for fields in (WANGS_POSTER, others))
    assert (mine[:1598] == theirs[:1598]).all() and (mine[1600:] != theirs[1600:]).any()
    assert STRIP == (1080, 320)


def test_the_artwork_is_painted_once_for_a_campaign() -> None:
    _upper.cache_clear()
    for name in NAMES:
        draw(PosterFields(replace(WANG, name=name), replace(BOOTS_ART, picture=bytes(bytearray(BOOTS)))))
    assert _upper.cache_info().misses == 1


@pytest.mark.parametrize("name", [*NAMES, "Alexandrina Montgomery-Whitfield", "娜" * 40])
def test_a_name_of_any_length_stays_clear_of_the_code_K04(name: str) -> None:
    """The name shrinks, then is cut; the store and the sentence as well."""
    long = Person(name, "霁野 · 哈尔滨南岗区中央大街步行街旗舰店二层", CODE, "长按识别，" * 12)
    strip = numpy.asarray(paint_strip(long))
    assert (strip[2:, CARD[0] - 20 : CARD[0]] == 255).all()
    assert (strip[60:130, 246:700] < 100).any()


def test_twelve_characters_fit_at_forty_and_more_are_cut() -> None:
    shown, kind = fit("古丽巴哈尔买买提江娜娜", GLYPH, 40, 505)
    assert shown == "古丽巴哈尔买买提江娜娜" and 40 <= kind.size < 54
    assert fit("王芳", GLYPH, 40, 505) == ("王芳", GLYPH)
    shown, kind = fit("古丽巴哈尔买买提江娜娜哈尔滨", GLYPH, 40, 505)
    assert shown.endswith("…") and kind.size == 40 and width(shown, kind) <= 505


def test_a_rare_character_is_drawn_or_refused_but_never_a_box_K04() -> None:
    """𠮷 and 㵘 come from the machine's font where there is one."""
    for char in "𠮷㵘":
        rare = PosterFields(replace(WANG, name=f"李{char}"), BOOTS_ART)
        if missing_glyphs(char):
            with pytest.raises(GlyphMissing, match=char):
                draw(rare)
        else:
            usual = draw(PosterFields(replace(WANG, name="李\u3000"), BOOTS_ART))
            assert draw(rare) != usual


def test_a_character_no_font_has_is_refused_by_name_K04() -> None:
    with pytest.raises(GlyphMissing, match="字体里没有「ក」") as refused:
        draw(PosterFields(replace(WANG, store="ក 店"), BOOTS_ART))
    assert refused.value.chars == ("ក",)
    found = complaints(replace(SNOW, subline="好ក"))
    assert {name: str(no) for name, no in found.items()} == {
        "subline": "字体里没有「ក」，画出来会是方框。请换一个写法"
    }


def test_emoji_are_left_out_and_the_rest_is_drawn_K04() -> None:
    fields = PosterFields(replace(WANG, name="🌸王芳👩‍👧❤️"), BOOTS_ART)
    assert draw(fields) == draw(WANGS_POSTER)
    assert draw(PosterFields(replace(WANG, name="🌸"), BOOTS_ART))


def test_her_portrait_takes_the_place_of_the_initial() -> None:
    red = saved(Image.new("RGBA", (96, 200), "red"), "PNG")
    strip = paint_strip(replace(WANG, avatar=red))
    assert strip.getpixel((84 + 66, 62 + 66)) == (255, 0, 0)
    assert strip.getpixel((85, 63)) == (255, 255, 255)


def test_a_picture_of_any_shape_fills_the_artwork() -> None:
    for size in ((1080, 1920), (3000, 1000), (600, 600)):
        painted = design("artwork").paint(Art("artwork", saved(Image.new("RGB", size, "navy"), "PNG")))
        assert painted.size == (1080, 1600) and painted.getextrema() == ((0, 0), (0, 0), (128, 128))
    assert opened(draw_art(BOOTS_ART)).size == (1080, 1600)


def test_of_a_tall_picture_the_top_stays_because_the_strip_covers_its_foot() -> None:
    tall = Image.new("RGB", (1080, 1920), "white")
    tall.paste("black", (0, 0, 1080, 40))
    painted = design("artwork").paint(Art("artwork", saved(tall, "PNG")))
    assert painted.getpixel((500, 10)) == (0, 0, 0) and painted.getpixel((500, 1590)) == (255, 255, 255)


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


@pytest.mark.parametrize(
    ("headline", "lines"),
    [
        ("初雪，先暖脚。", ["初雪，", "先暖脚。"]),
        ("冬天的第一双鞋", ["冬天的第", "一双鞋"]),
        ("新品到店", ["新品到店"]),
        ("冬天的\n第一双鞋", ["冬天的", "第一双鞋"]),
        ("🎉新品", ["新品"]),
        ("", []),
    ],
)
def test_a_headline_breaks_where_the_writer_or_the_sense_does(headline: str, lines: list[str]) -> None:
    assert headline_lines(headline) == lines


def test_lines_wrap_between_characters_but_not_inside_words_or_before_a_comma() -> None:
    kind = Type(28, 400, "black")
    lines = wrap("羊毛内里，防滑大底，Vibram 大底", kind, 28 * 9, 3)
    assert "".join(lines).replace(" ", "") == "羊毛内里，防滑大底，Vibram大底"
    assert not any(line[0] in "，。" for line in lines) and any("Vibram" in line for line in lines)
    assert wrap("字" * 60, kind, 280, 2)[1].endswith("…")
    assert cut("好", kind, 1) == "…"


def test_the_poster_is_complete_without_price_note_and_brand() -> None:
    bare = opened(draw_art(Art("headline", headline="上新")))
    assert bare.getpixel((500, 1580))[0] > 240 and bare.getpixel((10, 10))[2] < 100
