"""A shop elsewhere: every time and every day that people see is that of ONETAP_TIMEZONE."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models.groups.robots import SignIn
from ops import wiring
from tests.cast import SHOP_CHAT, ZONE
from tests.stories.house import House
from tests.stories.plans import campaign, ready_task, schedule_text
from tests.stories.robots import answers

EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


def another_day(now: datetime) -> str:
    """Where it is another day than in Shanghai: the west is 19 hours behind it, the east 6 ahead."""
    return EAST if now.astimezone(ZONE).hour >= 18 else WEST


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "onetap.sqlite3").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{folder / 'onetap.sqlite3'}"
    with House(url, folder / "data", timezone=another_day(wiring.clock())) as running:
        running.open_shop()
        running.run_job("friends")
        yield running


@pytest.fixture
def here(house: House) -> ZoneInfo:
    return house.settings.zone


@pytest.fixture(scope="module")
def campaign_id(house: House) -> int:
    number = schedule_text(house, "雪地靴")
    ready_task(house, "wangfang", number)
    return number


def test_the_card_and_her_today_page_say_the_end_by_the_shop_s_clock(
    house: House, here: ZoneInfo, campaign_id: int
):
    ends_at = campaign(house, campaign_id).ends_at.astimezone(here)
    task = ready_task(house, "wangfang", campaign_id)
    card = house.until(lambda: [row for row in house.world.ledger("card") if row["who"] == "wangfang"])
    assert f"{ends_at:%m-%d %H:%M} 前" in str(card[0]["what"])
    page = house.guide_phone("wangfang").get(f"{house.url}/g/", timeout=20).text
    assert f"{ends_at:%H:%M} 前" in page and task.code in page


def test_a_sign_in_counts_for_the_shop_s_day(house: House, here: ZoneInfo):
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 签到")
    said = house.until(lambda: answers(house, "王芳，签到好了"))[0]
    row = house.row(lambda session: session.exec(select(SignIn)).one())
    assert row.day == row.at.astimezone(here).date()
    assert f"{row.at.astimezone(here):%H:%M}" in said


def test_the_console_s_calendar_is_the_shop_s(house: House, here: ZoneInfo, campaign_id: int):
    page, today = house.office().page("/console/"), wiring.clock().astimezone(here)
    assert f"{today.month} 月 {today.day} 日" in page
    assert re.search(rf'class="now"><b>{today.day}</b>', page)
    begins = campaign(house, campaign_id).launch_at.astimezone(here)
    assert f'class="block from-{begins.weekday()} ' in page
