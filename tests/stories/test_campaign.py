"""The main job, from HQ's click to the customer's phone: what each side really saw, with the emulator's book as judge."""

import pytest
from sqlmodel import col, select

from models.campaigns import Task
from models.campaigns.funnel import funnel
from models.ledger.outbox import Outbox, OutboxStatus
from tests.cast import LIN, XU
from tests.second_reader import second_reader
from tests.stories.house import House, csrf_of
from tests.stories.plans import read_results, ready_task, schedule_poster, task_of


@pytest.fixture(scope="module")
def campaign_id(house: House) -> int:
    """The campaign of all stories here: a poster for four guides, of whom 高敏 has no friends."""
    house.run_job("friends")
    return schedule_poster(house)


def card_of(house: House, userid: str) -> dict[str, object]:
    return house.until(lambda: [row for row in house.world.ledger("card") if row["who"] == userid])[0]


def test_hq_plans_every_guide_confirms_once_and_customers_receive_it(house: House, campaign_id: int):
    task = ready_task(house, "wangfang")
    assert "初雪雪地靴" in str(card_of(house, "wangfang")["what"])
    assert not house.world.ledger("mass"), "nothing that we do makes the platform send"

    phone = house.guide_phone("wangfang")
    page = phone.get(f"{house.url}/g/tasks/{task.code}", timeout=20)
    assert "沈阳中街店找王芳" in page.text and "去群发助手，点一次发送" in page.text
    poster = phone.get(f"{house.url}/g/tasks/{task.code}/poster.jpg", timeout=40)
    assert second_reader(poster.content) == house.code_of("wangfang").payload
    assert task_of(house, "wangfang").opened_at

    said = phone.post(f"{house.url}/g/tasks/{task.code}/said", data={"csrf": csrf_of(page.text)}, timeout=20)
    assert "等平台确认" in said.text and task_of(house, "wangfang").confirmed_at is None
    house.world.confirm("wangfang", task.msgid)
    received = house.until(lambda: house.world.ledger("mass"))
    assert {row["who"] for row in received} == {XU, LIN}

    read_results(house, "wangfang", campaign_id, "confirmed_at")
    read_results(house, "wangfang", campaign_id, "reached")
    with house.read() as session:
        counted = funnel(session, campaign_id)
    assert task_of(house, "wangfang").reached == 2
    assert (counted.targeted, counted.confirmed, counted.reached) == (4, 1, 2) and counted.said >= 1
    assert "平台已确认" in house.office().page(f"/console/campaigns/{campaign_id}")


def test_a_tap_on_the_card_is_noted_once_and_the_card_says_so_F01(house: House, campaign_id: int):
    """A second tap changes nothing."""
    task, card = ready_task(house, "zhaoqian"), card_of(house, "zhaoqian")
    for _ in range(2):
        house.world.click("zhaoqian", card["what"]["task_id"], f"said:{task.campaign_id}")
    house.until(lambda: task_of(house, "zhaoqian").reported_at)
    updated = house.until(
        lambda: [row for row in house.world.ledger("card_updated") if row["who"] == "zhaoqian"]
    )
    assert "说已发" in str(updated[-1]["what"])
    assert task_of(house, "zhaoqian").confirmed_at is None


def test_another_guides_task_is_not_hers_to_open_J01(house: House, campaign_id: int):
    task = ready_task(house, "zhoumei")
    answer = house.guide_phone("zhaoqian").get(f"{house.url}/g/tasks/{task.code}", timeout=20)
    assert answer.status_code == 404 and "不是你的" in answer.text
    assert task_of(house, "zhoumei").opened_at is None


def test_every_call_ends_in_a_word(house: House, campaign_id: int):
    """The oracle: each intent is sent, or not sent with a reason; nothing stays in between."""
    for userid in ("wangfang", "zhaoqian", "zhoumei"):
        ready_task(house, userid)
        card_of(house, userid)
    with house.read() as session:
        rows = session.exec(
            select(Outbox).where(col(Outbox.status).in_([OutboxStatus.NOT_SENT, OutboxStatus.UNKNOWN]))
        ).all()
        nobody = session.exec(select(Task).where(Task.skipped != "")).all()
    assert all(row.status == OutboxStatus.NOT_SENT and row.reason for row in rows), [
        (row.channel, row.reason) for row in rows
    ]
    assert {row.channel for row in rows} <= {"card_update"}, "what people wait for has arrived"
    assert len(nobody) == 1 and "好友" in nobody[0].skipped, "高敏 has no friends, and the page says so"
