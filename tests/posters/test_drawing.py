"""A poster looks as the design says, carries her own code, and never hides a fault of its text."""

from dataclasses import replace

import numpy
import pytest
from PIL import Image

from posters.code import read_code
from posters.drawing import Size, draw
from posters.fields import Art, GlyphMissing, Person, PosterFields
from posters.fonts import missing_glyphs
from posters.samples import picture, samples
from posters.strip import STRIP
from posters.templates import complaints
from tests.posters.arts import ARTS, NAMES
from tests.posters.samples import BOOTS_ART, CODE, SNOW, WANG, WANGS_POSTER, opened, saved
from tests.second_reader import second_reader

LONG_CODE = "https://work.weixin.qq.com/ca/" + "cawcde5f0a1b2c3d4e5f6" * 4


@pytest.mark.parametrize("art", ARTS.values(), ids=ARTS)
def test_a_second_library_reads_her_code_from_the_poster_and_from_the_phone_size(art: Art) -> None:
    poster, phone = (draw(PosterFields(WANG, art), size) for size in Size)
    assert opened(poster).size == (1080, 1920) and opened(phone).size == (750, 1333)
    assert len(poster) <= 450_000 and len(phone) <= 120_000
    assert second_reader(poster) == second_reader(phone) == CODE
    assert read_code(poster) == read_code(phone) == CODE


@pytest.mark.parametrize(("name", "text"), [*((name, CODE) for name in NAMES), ("王芳", LONG_CODE)])
def test_her_code_outlives_a_messenger_that_shrinks_and_compresses_K05(name: str, text: str) -> None:
    """750 wide at quality 50, and as wide as it was at quality 30; on every art, since the strip is encoded apart."""
    poster = opened(draw(PosterFields(replace(WANG, name=name, code=text), BOOTS_ART)))
    small = poster.resize((750, 1333), Image.Resampling.BILINEAR)
    for sent in (saved(small, "JPEG", quality=50), saved(poster, "JPEG", quality=30)):
        assert read_code(sent) == second_reader(sent) == text


def test_the_largest_strip_leaves_the_phones_poster_within_its_bytes() -> None:
    """A portrait, the longest name, the densest code, below the most detailed art."""
    portrait = saved(opened(picture("art-boots.jpg")).crop((200, 640, 860, 1300)), "JPEG")
    person = replace(
        WANG, name=NAMES[-1], store="霁野 · 哈尔滨中央大街旗舰店", code=LONG_CODE, avatar=portrait
    )
    grain = Image.effect_noise((1080, 1600), 60).convert("RGB")
    busy = Image.blend(opened(picture("art-boots.jpg")), grain, 0.3)
    for art in (Art("artwork", saved(busy, "JPEG")), samples()["headline"]):
        assert len(draw(PosterFields(person, art), Size.PHONE)) <= 120_000


def test_nothing_personal_stands_above_the_strip() -> None:
    others = PosterFields(Person("欧阳娜娜", "霁野 · 大连天津街店", CODE + "x"), BOOTS_ART)
    mine, theirs = (numpy.asarray(opened(draw(fields))) for fields in (WANGS_POSTER, others))
    assert (mine[:1598] == theirs[:1598]).all() and (mine[1600:] != theirs[1600:]).any()
    assert STRIP == (1080, 320)


def test_the_designs_are_told_apart_in_a_chat_144_pixels_wide() -> None:
    """The nearest two differ by more than a tenth of all that colours can differ, on average of their pixels."""
    seen = [
        numpy.asarray(
            opened(draw(PosterFields(WANG, art), Size.PHONE)).resize((144, 256)).convert("RGB"), int
        )
        for name, art in samples().items()
        if name != "artwork"
    ]
    apart = [float(numpy.abs(one - other).mean()) for n, one in enumerate(seen) for other in seen[n + 1 :]]
    assert min(apart) > 25.5, sorted(apart)[:3]


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
