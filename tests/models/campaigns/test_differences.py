"""Two versions side by side: which fields changed, and where in a text."""

import pytest

from models.campaigns.differences import Side, changed, pieces, untouched


def shown(old, new):
    """The text with [-what went-] and {+what came+}."""
    marks = {Side.BOTH: "{}", Side.OLD: "[-{}-]", Side.NEW: "{{+{}+}}"}
    return "".join(marks[one.side].format(one.text) for one in pieces(old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "周末 ¥259，想试可以来",
            "35 – 42 码都有，想试可以来",
            "[-周末 ¥259-]{+35 – 42 码都有+}，想试可以来",
        ),
        ("来店里找我", "来{门店名}找我", "来[-店里-]{+{门店名}+}找我"),
        ("今晚有雪", "今晚有雪", "今晚有雪"),
        ("", "今晚有雪", "{+今晚有雪+}"),
        ("price 259.00 now", "price 199.00 now", "price [-259.00-]{+199.00+} now"),
    ],
)
def test_a_text_shows_what_went_and_what_came_word_by_word(old, new, words):
    assert shown(old, new) == words


@pytest.mark.parametrize(
    ("old", "new"), [("今晚有雪，来店里", "明晚有雨，来{门店名}"), ("abcab", "cabcb"), ("一二三", "三二一")]
)
def test_nothing_of_either_text_is_lost(old, new):
    found = pieces(old, new)
    assert "".join(one.text for one in found if one.side != Side.NEW) == old
    assert "".join(one.text for one in found if one.side != Side.OLD) == new


def test_changed_fields_come_in_the_order_of_the_form_and_the_rest_is_named():
    old = {"name": "初雪", "text": "有雪", "scope": {}, "card_note": None, "launch_at": "9:30"}
    new = {
        "name": "初雪",
        "text": "有雨",
        "scope": {},
        "card_note": "",
        "launch_at": "10:00",
        "mood": "calm",
    }
    assert changed(old, new) == ["text", "launch_at", "mood"]
    assert untouched(old, new) == ["name"], "what is empty in both is not worth a word"
