"""A start that was missed: run late, wait for the morning, or ask."""

from datetime import timedelta

import pytest

from models.campaigns import Campaign, CampaignStatus, launch, run_rules
from models.campaigns.run_rules import RunRules
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import planned, read

MINUTE = timedelta(minutes=1)
EVENING = NOW.replace(hour=13, minute=50)
"""21:50 in Shanghai"""


@pytest.mark.parametrize(
    ("grace", "late", "status"),
    [(0, 1, "paused"), (10, 9, "running"), (10, 11, "paused"), (60, 59, "running")],
)
def test_each_campaign_says_how_late_it_may_still_start_by_itself_E01(
    sqlite_database, sqlite_people, grace, late, status
):
    number = planned(sqlite_database)
    with sqlite_database.write() as session:
        session.get_one(Campaign, number).rules = run_rules.plain(RunRules(grace_minutes=grace))
    launch.launch_due(sqlite_database, NOW + late * MINUTE, ZONE)
    kept = read(sqlite_database, number)
    assert kept.status == status and ("等总部决定" in kept.status_words) == (status == "paused")


def test_a_late_start_that_falls_into_the_night_waits_until_morning_E07(sqlite_database, sqlite_people):
    number = planned(sqlite_database, at=EVENING, ends_at=EVENING + timedelta(hours=20))
    launch.launch_due(sqlite_database, EVENING + 15 * MINUTE, ZONE)
    kept = read(sqlite_database, number)
    assert kept.status == CampaignStatus.SCHEDULED
    assert kept.status_words == "计划 11-19 21:50 开始，系统恢复时已到免打扰时间，改到 11-20 08:00 开始"
    assert launch.launch_due(sqlite_database, EVENING + timedelta(hours=10), ZONE) == []
    assert launch.launch_due(sqlite_database, EVENING + timedelta(hours=10, minutes=10), ZONE) == [number]


def test_where_it_would_be_over_by_morning_hq_decides_E07(sqlite_database, sqlite_people):
    number = planned(sqlite_database, at=EVENING, ends_at=EVENING + timedelta(hours=2))
    launch.launch_due(sqlite_database, EVENING + 15 * MINUTE, ZONE)
    kept = read(sqlite_database, number)
    assert kept.status == CampaignStatus.PAUSED and "等总部决定" in kept.status_words


def test_a_start_that_was_planned_for_the_night_is_meant_so_and_a_minute_is_not_late_E07(
    sqlite_database, sqlite_people
):
    night, ten = EVENING + timedelta(hours=1), EVENING + 9 * MINUTE
    for at, late in ((night, 20), (ten, 2)):
        number = planned(sqlite_database, at=at)
        assert launch.launch_due(sqlite_database, at + late * MINUTE, ZONE) == [number]
