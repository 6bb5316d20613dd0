"""Names are put where {their name} stands; whatever else is in braces is told before anybody reads it."""

import pytest

from models import placeholders

NAMES = ("门店名", "导购名")


def test_only_named_places_are_filled_and_once():
    filled = placeholders.fill("{导购名}{昵称}{{导购名}}{导购名!r}", {"导购名": "{门店名}", "门店名": "店"})
    assert filled == "{门店名}{昵称}{{门店名}}{导购名!r}"
    assert placeholders.fill("{x}", {}) == "{x}"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("您好{客户名}", "{客户名}"),
        ("来{ 门店名 }", "{ 门店名 }"),
        ("来{门店名}找{导购}", "{导购}"),
        ("{{7*7}}", "{{7*7}}"),
        ("{}", "{}"),
        ("{导购名!r}", "{导购名!r}"),
        ("来｛门店名｝", "｛门店名｝"),
        ("来{门店名｝", "{"),
        ("第一件}半价", "}"),
        ("{", "{"),
        ("{第一行\n第二行}", "{第一行\n第二行}"),
    ],
)
def test_what_is_not_filled_in_is_named_F17(text, mark):
    assert f"「{mark}」" in placeholders.complaint(text, NAMES)


@pytest.mark.parametrize("text", ["", "来{门店名}找{导购名}", "%s 🎁 [1] (2) <3>", "｛限时｝三天"])
def test_names_that_are_filled_in_and_other_signs_are_fine(text):
    assert placeholders.complaint(text, NAMES) is None


def test_where_nothing_is_filled_in_our_own_names_are_told_too():
    assert "「{门店名}」" in placeholders.complaint("来{门店名}")
