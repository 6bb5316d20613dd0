"""A poster looks as the design says, carries her own code, and never hides a fault of its text."""

from dataclasses import replace

import numpy
import pytest

from posters.code import read_code
from posters.drawing import _upper, draw
from posters.fields import Art, GlyphMissing, Person, PosterFields
from posters.fonts import missing_glyphs
from posters.pictures import shrink
from posters.strip import STRIP
from posters.templates import complaints
from tests.posters.arts import ARTS, NAMES
from tests.posters.samples import BOOTS, BOOTS_ART, CODE, SNOW, WANG, WANGS_POSTER, opened
from tests.second_reader import second_reader


@pytest.mark.parametrize("art", ARTS.values(), ids=ARTS)
def test_a_second_library_reads_her_code_from_the_poster_and_from_the_phone_size(art: Art) -> None:
    poster = draw(PosterFields(WANG, art))
    phone = shrink(poster)
    assert opened(poster).size == (1080, 1920) and opened(phone).size == (750, 1333)
    assert len(poster) <= 450_000 and len(phone) <= 120_000
    assert second_reader(poster) == second_reader(phone) == CODE
    assert read_code(poster) == read_code(phone) == CODE


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
