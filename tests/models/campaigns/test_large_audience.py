"""When a number has to be typed, and which number is the right one."""

import pytest

from models import preferences
from models.campaigns import Campaign, large_audience
from models.errors import Refused
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import planned


@pytest.mark.parametrize(("line", "asked"), [(3, 4), (4, 0), (100_000, 0)])
def test_only_above_the_brand_s_line_and_by_the_number_of_the_preview_F13(stage, line, asked):
    number = planned(stage.db, schedule=False)
    with stage.db.write() as session:
        preferences.change(session, "周岚", NOW, confirm_above=str(line))
    with stage.db.read() as session:
        plan = session.get_one(Campaign, number)
        assert large_audience.number_to_type(session, plan, NOW, ZONE, number=number) == asked


def test_a_notice_reaches_no_customer_and_asks_for_nothing(stage):
    number = planned(stage.db, schedule=False, channel="notice")
    with stage.db.write() as session:
        preferences.change(session, "周岚", NOW, confirm_above="1")
        plan = session.get_one(Campaign, number)
        assert large_audience.number_to_type(session, plan, NOW, ZONE) == 0


@pytest.mark.parametrize("typed", ["2000000", "2,000,000", " 1985000 "])
def test_the_number_or_one_that_friends_who_come_and_go_explain_is_right_F13(typed):
    large_audience.refuse_untyped(2_000_000, typed)


@pytest.mark.parametrize("typed", ["", "2000", "20000000", "两百万", "-2000000"])
def test_anything_else_is_refused_and_says_how_many_F13(typed):
    with pytest.raises(Refused, match="2,000,000 位客户") as refused:
        large_audience.refuse_untyped(2_000_000, typed)
    assert "customers" in refused.value.faults
