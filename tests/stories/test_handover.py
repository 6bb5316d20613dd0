"""A guide leaves: her manager confirms in three taps, and a day later her customers see who serves them now."""

import requests
from sqlmodel import col, select

from models.friends import FriendStatus
from models.friends.handover import Handover, numbers_of
from models.org import find_guide
from tests import cast
from tests.cast import GAO
from tests.stories.house import House, csrf_of

LEAVER, DAY = "hanxue", 24 * 3600
HERS = ("wmHANXUEONE", "wmHANXUETWO", "wmHANXUETHREE")


def of_leaver(house: House) -> Handover | None:
    def look(session) -> Handover | None:
        guide = find_guide(session, LEAVER)
        return session.exec(select(Handover).where(Handover.guide_id == guide.id)).first() if guide else None

    return house.row(look)


def six(house: House, handover: Handover):
    return house.row(lambda session: numbers_of(session, col(Handover.id) == handover.id)[handover.id])


def asked(house: House, customer: str) -> list[dict]:
    return [row["what"] for row in house.world.ledger("transfer", who=customer)]


def test_a_guide_leaves_her_manager_confirms_and_a_day_later_her_customers_see_the_successor_F05_G10(
    sqlite_house: House,
):
    house = sqlite_house
    house.world.hire(LEAVER, "韩雪", cast.ZHONGJIE.department)
    for name, customer in zip(("祝青", "甘霖", "温可"), HERS, strict=True):
        house.befriend(customer, LEAVER, name)
    house.world.customer_group("wrHANXUE", "雪地靴试穿群", LEAVER)
    house.world.leave(LEAVER)
    handover = house.until(lambda: (found := of_leaver(house)) and found.planned_at and found)
    assert six(house, handover).manager == 3

    phone = house.guide_phone(GAO)
    address = f"{house.url}/g/handovers/{handover.id}"
    text = phone.get(address, timeout=20).text
    assert "3 位好友，2 位接手" in text and "交接 3 位好友" in text
    question = phone.get(f"{address}?ask=1", timeout=20).text
    assert "把 3 位好友交给 2 位？" in question and "先不交" in question
    phone.post(f"{address}/confirm", data={"csrf": csrf_of(question)}, timeout=20)
    house.until(lambda: all(asked(house, one) for one in HERS))
    assert six(house, handover).waiting == 3
    owner = asked(house, HERS[0])[0]["takeover"]
    house.world.refuse(HERS[1], LEAVER)
    house.until(lambda: six(house, handover).refused == 1)

    house.world.advance(DAY + 60)
    house.run_job("handover_results", hours=24.5)
    numbers = six(house, handover)
    assert (numbers.done, numbers.refused, numbers.all) == (2, 1, 3)
    assert house.friend(HERS[0], owner).status == FriendStatus.FRIEND
    assert house.friend(HERS[1], LEAVER).status == FriendStatus.FRIEND, "who refused stays under the leaver"
    seen = requests.get(f"{house.world.url}/phones/customer/{HERS[0]}", params={"with": owner}, timeout=20)
    assert "为你服务" in seen.text

    page = house.until_page(f"/console/handovers?id={handover.id}", "办完了")
    assert "高敏" in page and "甘霖" in page and "换一位再问" in page
