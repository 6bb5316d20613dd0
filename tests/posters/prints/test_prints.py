"""What stands on a badge and on a counter card, and what happens to what is too long."""

from dataclasses import replace

import pytest

from posters.fields import PosterRefused
from posters.prints import BADGE_CODE, COUNTER_CODE, PrintCode, PrintLine, badge, counter_card, measured
from posters.text import ELLIPSIS
from tests.posters.prints.cards import BADGE, COUNTER, TILL, WANG


def lines(card) -> list[PrintLine]:
    return [mark for mark in card.marks if isinstance(mark, PrintLine)]


def test_cards_have_the_size_of_their_holder_and_a_code_of_theirs():
    assert (BADGE.width, BADGE.height, COUNTER.width, COUNTER.height) == (86, 54, 92, 130)
    for card, side, payload in ((BADGE, BADGE_CODE, WANG.payload), (COUNTER, COUNTER_CODE, TILL.payload)):
        (code,) = [mark for mark in card.marks if isinstance(mark, PrintCode)]
        assert (code.side, card.payload) == (side, payload)
        assert code.left >= 0 and code.left + side <= card.width and code.top + side <= card.height


@pytest.mark.parametrize(
    "card",
    [
        BADGE,
        COUNTER,
        badge(replace(WANG, name="阿卜杜热合曼·买买提艾力江", role="哈尔滨群力远大购物中心店 · 导购", sentence="很" * 40)),
        counter_card(replace(TILL, headline=("很长很长很长的一句大字", "第二行"), place="很长的店名" * 6)),
    ],
)  # fmt: skip
def test_no_line_leaves_its_card_or_runs_into_the_code(card):
    (code,) = [mark for mark in card.marks if isinstance(mark, PrintCode)]
    for line in lines(card):
        wide = measured(line.text, line.size, line.typeface, line.tracking)
        left = line.left - {"left": 0, "middle": 0.5, "right": 1}[line.anchor] * wide
        assert left >= 0 and left + wide <= card.width, line
        beside = code.top < line.baseline < code.top + code.side
        assert not beside or left + wide <= code.left or left >= code.left + code.side, line


def test_a_long_name_shrinks_and_is_then_cut():
    short, long = (
        lines(badge(replace(WANG, name=name)))[1] for name in ("王芳", "阿卜杜热合曼·买买提艾力江")
    )
    assert short.size > long.size and long.text.endswith(ELLIPSIS)


def test_a_character_that_no_font_has_is_refused_by_its_name():
    with pytest.raises(PosterRefused, match="\U0001f0a1|字体里没有"):
        badge(replace(WANG, name="王\u0b85芳"))
