"""The calendar: what lies on which days, in rows that do not overlap."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import true

from models.campaigns import Campaign, calendar
from models.campaigns.announcements import Announcement
from models.db import Database

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
NOBODY: dict[str, dict[int, int]] = {"stores": {}, "guides": {}}


def local(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZONE).astimezone(UTC)


def planned(name: str, begins: datetime, ends: datetime, **more: object) -> Campaign:
    return Campaign(
        name=name,
        status=str(more.pop("status", "scheduled")),
        launch_at=begins,
        ends_at=ends,
        created_at=begins,
        **more,
    )


def shown(database: Database, branch_of: dict[str, dict[int, int]] = NOBODY) -> list[calendar.Block]:
    with database.read() as session:
        return calendar.blocks(session, MONDAY, ZONE, true(), true(), branch_of)


def test_a_branch_that_begins_the_next_day_has_it_on_that_day_and_the_whole_tells_which_do(
    sqlite_database: Database,
) -> None:
    with sqlite_database.write() as session:
        session.add(
            planned("错开", local(18, 20), local(20), rules={"branch_delays": {"2": 60, "7": 14 * 60}})
        )
    (whole,) = shown(sqlite_database)
    assert (whole.first, whole.days, whole.later) == (2, 2, ((2, local(18, 21)), (7, local(19, 10))))
    with sqlite_database.read() as session:
        (hers,) = calendar.blocks(session, MONDAY, ZONE, true(), true(), NOBODY, branch=7)
    assert (hers.first, hers.days, hers.starts_at, hers.later) == (3, 1, local(19, 10), ())


def test_the_week_begins_on_the_shop_s_monday() -> None:
    assert calendar.monday(datetime(2026, 11, 22, 15, 59, tzinfo=UTC), ZONE) == MONDAY
    assert calendar.monday(datetime(2026, 11, 22, 16, 1, tzinfo=UTC), ZONE) == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("begins", "ends", "place"),
    [
        (local(19, 10), local(19, 18), (3, 1)),
        (local(18, 9), local(19, 20), (2, 2)),
        (local(10), local(30), (0, 7)),
        (local(14), local(17), (0, 1)),
        (local(22, 9), local(25), (6, 1)),
        (local(19, 9), local(20), (3, 1)),
    ],
)
def test_a_campaign_lies_on_the_days_it_touches(
    sqlite_database: Database, begins: datetime, ends: datetime, place: tuple[int, int]
) -> None:
    with sqlite_database.write() as session:
        session.add(planned("活动", begins, ends))
    (block,) = shown(sqlite_database)
    assert (block.first, block.days) == place


def test_what_lies_outside_or_was_stopped_is_not_shown(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add_all(
            [
                planned("上周", local(9), local(16)),
                planned("下周", local(23), local(24)),
                planned("停了", local(18), local(19), status="cancelled"),
            ]
        )
    assert shown(sqlite_database) == []


def test_one_that_ended_early_ends_in_the_calendar_too(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(planned("早完", local(17, 9), local(21), status="finished", finished_at=local(18, 12)))
    (block,) = shown(sqlite_database)
    assert (block.first, block.days) == (1, 2)


def test_announcements_lie_on_their_day(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(Announcement(title="播报", text="x", launch_at=local(19, 15), created_at=local(1)))
    (block,) = shown(sqlite_database)
    assert (block.noun, block.first, block.days, block.channel) == ("announcement", 3, 1, "robot")


def test_the_scope_is_said_in_branches(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(
            planned("活动", local(18), local(19), scope={"branches": [1], "stores": [7, 99], "guides": [5]})
        )
    (block,) = shown(sqlite_database, {"stores": {7: 2}, "guides": {5: 3}})
    assert block.scope == (1, 2, 3)


def test_blocks_that_overlap_get_rows_of_their_own() -> None:
    def block(number: int, first: int, days: int) -> calendar.Block:
        return calendar.Block(
            "campaign", number, "x", "mass", "running", first, days, local(16), (), local(17)
        )

    lane = [block(1, 0, 3), block(2, 2, 2), block(3, 3, 1), block(4, 4, 1)]
    assert [[one.id for one in row] for row in calendar.rows(lane)] == [[1, 3, 4], [2]]


def test_a_month_is_the_weeks_that_hold_one_of_its_days_E05() -> None:
    assert [f"{one:%m-%d}" for one in calendar.weeks_of_month(date(2026, 11, 19))] == [
        "10-26", "11-02", "11-09", "11-16", "11-23", "11-30",
    ]  # fmt: skip
    assert calendar.weeks_of_month(date(2024, 2, 1))[-1] == date(2024, 2, 26), "29 February"
    assert calendar.weeks_of_month(date(2026, 12, 1))[-1] == date(2026, 12, 28), "New Year"


def test_what_lasts_over_a_weekend_lies_in_both_weeks_and_says_so(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(planned("跨周", local(20, 10), local(24, 18)))
        session.add(planned("早就开始", local(10), local(17)))
    with sqlite_database.read() as session:
        found = calendar.blocks(session, MONDAY, ZONE, true(), true(), NOBODY, days=14)
    weeks = [
        {one.name: (one.first, one.days, one.from_before, one.goes_on) for one in calendar.in_week(found, n)}
        for n in (0, 1)
    ]
    assert weeks == [
        {"跨周": (4, 3, False, True), "早就开始": (0, 1, True, False)},
        {"跨周": (0, 2, True, False)},
    ]
