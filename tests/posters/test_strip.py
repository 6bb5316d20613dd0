"""The strip at a poster's foot: name, portrait, code."""

from dataclasses import replace

import numpy
import pytest
from PIL import Image

from posters.fields import Person
from posters.fonts import BOLD
from posters.strip import CARD, paint_strip, sentence_fault
from posters.text import Type, fit, width
from tests.posters.arts import NAMES
from tests.posters.samples import CODE, WANG, saved

GLYPH = Type(54, BOLD, "black")


@pytest.mark.parametrize("name", [*NAMES, "Alexandrina Montgomery-Whitfield", "娜" * 40])
def test_a_name_of_any_length_stays_clear_of_the_code_K04(name: str) -> None:
    """The name shrinks, then is cut; the store and the sentence as well."""
    long = Person(name, "霁野 · 哈尔滨南岗区中央大街步行街旗舰店二层", CODE, "长按识别，" * 12)
    strip = numpy.asarray(paint_strip(long))
    assert (strip[2:, CARD[0] - 20 : CARD[0]] == 255).all()
    assert (strip[60:130, 246:700] < 100).any()


def test_a_sentence_that_would_be_cut_on_every_poster_is_a_fault_of_the_form_K04() -> None:
    assert sentence_fault(WANG.sentence) is None and sentence_fault("") is None
    assert "最多约 25 个字" in str(sentence_fault("长按识别，" * 6))
    assert "没有「ក」" in str(sentence_fault("加我ក"))


def test_twelve_characters_fit_at_forty_and_more_are_cut() -> None:
    shown, kind = fit("古丽巴哈尔买买提江娜娜", GLYPH, 40, 505)
    assert shown == "古丽巴哈尔买买提江娜娜" and 40 <= kind.size < 54
    assert fit("王芳", GLYPH, 40, 505) == ("王芳", GLYPH)
    shown, kind = fit("古丽巴哈尔买买提江娜娜哈尔滨", GLYPH, 40, 505)
    assert shown.endswith("…") and kind.size == 40 and width(shown, kind) <= 505


def test_her_portrait_takes_the_place_of_the_initial() -> None:
    red = saved(Image.new("RGBA", (96, 200), "red"), "PNG")
    strip = paint_strip(replace(WANG, avatar=red))
    assert strip.getpixel((84 + 66, 62 + 66)) == (255, 0, 0)
    assert strip.getpixel((85, 63)) == (255, 255, 255)
