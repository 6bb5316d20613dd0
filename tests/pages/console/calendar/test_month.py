"""The month: what everybody sees of it, the filters, and what is said below."""

import pytest

from models.campaigns import CampaignStatus
from tests.pages.conftest import Console, page
from tests.pages.console.calendar.shown import PATH, bar, plan


def test_the_month_shows_each_plan_by_channel_icon_state_and_word(console: Console) -> None:
    plan(console, "客户群的", channel="group_mass")
    plan(console, "还在写", status=CampaignStatus.DRAFT)
    text = page(console, PATH)
    scheduled, draft = bar(text, "客户群的"), bar(text, "还在写")
    assert "#users-group" in scheduled and "客户群、已排定、11 月 20 日 14:32 起" in scheduled
    assert "scheduled" in scheduled and "draft" in draft and "#state-draft" in draft
    assert "2026 年 11 月" in text and "今天" in text
    assert "2026 年 12 月" in page(console, f"{PATH}?month=2026-12")


@pytest.mark.parametrize("query", ["month=x", "month=1999-01", "month=2100-01"])
def test_a_month_that_is_none_is_not_found(console: Console, query: str) -> None:
    assert console.signed_in("zhou").get(f"{PATH}?{query}").status_code == 404


def test_filters_hide_what_was_not_asked_for_and_count_what_there_is(console: Console) -> None:
    plan(console, "客户群的", channel="group_mass")
    plan(console, "还在写", status=CampaignStatus.DRAFT)
    text = page(console, f"{PATH}?state=draft")
    assert 'class="plan' in text and "还在写" in text
    with pytest.raises(AssertionError):
        bar(text, "客户群的")
    with pytest.raises(AssertionError):
        bar(page(console, f"{PATH}?without=group_mass"), "客户群的")


def test_weeks_that_ended_long_ago_are_one_line_until_unfolded(console: Console) -> None:
    plan(console, "早就结束的", -16, status=CampaignStatus.FINISHED)
    console.clock.advance(days=9)
    text = page(console, PATH)
    assert "1 件都已结束" in text and text.count("展开") == 2, "the week of 10-26 had none"
    assert "早就结束的" not in text
    unfolded = page(console, f"{PATH}?open=2026-11-02")
    assert "finished" in bar(unfolded, "早就结束的") and unfolded.count("展开") == 1
