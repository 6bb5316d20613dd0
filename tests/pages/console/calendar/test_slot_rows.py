"""Slots in the calendar: those that HQ opened to a branch lie in its month as in its week, and wait on its 今日 while empty."""

from datetime import timedelta

from models.campaigns import CampaignStatus
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import DAY, PATH, WEEK, open_slot, plan


def test_a_slot_lies_in_the_month_and_the_week_of_the_branch_and_waits_while_it_is_empty(
    console: Console,
) -> None:
    slot = open_slot(console)
    other = open_slot(console, branches=[console.ids["east"]])
    link = f'href="/console/calendar/slots/{slot}"'
    for view in (PATH, WEEK):
        text = page(console, view, "chen")
        assert link in text and f"slots/{other}" not in text and "还空着" in text
    today = page(console, "/console/", "chen")
    assert link in today and "的位置还空着" in today and "放一件" in today
    assert link not in page(console, "/console/") and link not in page(console, PATH, "ma")
    here = {"branches": [console.ids["northeast"]]}
    mine = plan(console, "雨靴", 2, created_by=console.ids["chen"], scope=here, status=CampaignStatus.DRAFT)
    console.post(console.signed_in("chen"), f"/console/calendar/slots/{slot}/fill", {"campaign": mine})
    assert "放了，还没批「雨靴」" in page(console, PATH, "chen")
    assert link not in page(console, "/console/", "chen")


def test_a_slot_whose_time_for_submitting_is_past_waits_no_more(console: Console) -> None:
    slot = open_slot(console, submit_by=NOON + timedelta(hours=1))
    link = f'href="/console/calendar/slots/{slot}"'
    assert link in page(console, "/console/", "chen")
    console.clock.advance(hours=2)
    assert link not in page(console, "/console/", "chen")
    assert "没用上，已过" in page(console, PATH, "chen")


def test_a_slot_over_two_weeks_lies_in_both(console: Console) -> None:
    open_slot(console, begins_at=NOON + 2 * DAY, ends_at=NOON + 6 * DAY)
    assert page(console, PATH, "chen").count("plan opened") == 2
