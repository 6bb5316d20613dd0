"""A Moments campaign, from HQ's click to the customer's 朋友圈: one job at the platform, each guide publishes by hand."""

import pytest

from tests.cast import LIN, WANG, XU
from tests.stories.house import House
from tests.stories.plans import schedule_text, task_of

TEXT = "小雪到了，脚暖一整天都暖。"


@pytest.fixture(scope="module")
def campaign_id(sqlite_house: House) -> int:
    sqlite_house.run_job("friends")
    return schedule_text(sqlite_house, "小雪朋友圈", channel="moment", text=TEXT)


def posts_of(house: House, userid: str) -> list[dict[str, object]]:
    """What waits in her 朋友圈 to be published, once the platform's job has made it."""
    house.run_job("moments", seconds=4)
    return house.world.get(f"/phone/guide/{userid}")["moments"]


def test_hq_plans_one_guide_publishes_and_her_friends_alone_see_it(sqlite_house: House, campaign_id: int):
    house = sqlite_house
    post = house.until(lambda: posts_of(house, WANG))[0]
    assert not house.world.ledger("moment"), "nothing that we do publishes"
    assert len({task["moment_id"] for task in house.world.state()["moment_tasks"]}) == 1, (
        "one job for all guides"
    )
    phone = house.guide_phone(WANG)
    house.until(
        lambda: posts_of(house, WANG) and "小雪朋友圈" in phone.get(f"{house.url}/g/", timeout=20).text
    )

    house.world.post(f"/phone/guide/{WANG}/publish", {"moment_id": post["moment_id"]})
    assert {row["who"] for row in house.world.ledger("moment")} == {XU, LIN}
    assert TEXT in phone.get(f"{house.world.url}/phones/customer/{XU}/moments", timeout=20).text

    house.until(
        lambda: (
            house.run_job("moments", minutes=31) is not None
            and task_of(house, WANG, campaign_id).confirmed_at
        )
    )
    house.until_page(f"/console/campaigns/{campaign_id}/tasks", "王芳")
    assert task_of(house, "zhaoqian", campaign_id).confirmed_at is None
