"""The main job, from HQ's click to the customer's phone: what each side really saw, with the emulator's book as judge."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from models.campaigns import Task
from models.funnel import funnel
from models.org import find_guide
from models.outbox import NOT_SENT, UNKNOWN, Outbox
from ops import wiring
from tests.second_reader import second_reader
from tests.stories.house import House, csrf_of
from tests.wecom_world import LIN, XU

BOOTS = Path("posters/samples/art-boots.jpg")
TEXT = "沈阳今晚有雪，想试雪地靴可以来{门店名}找{导购名}。"


def schedule_poster(house: House, **changes: str) -> int:
    """HQ fills in the form and lets it start now; the campaign's id."""
    office, now = house.office(), wiring.clock().astimezone(house.settings.zone)
    fields = {
        "name": "初雪雪地靴 · 东北首发", "channel": "mass", "content": "poster", "design": "artwork", "text": TEXT,
        "card_title": "初雪雪地靴", "card_note": "18:00 前，在群发助手里点一次发送", "do": "schedule", "once": "once-1",
        "launch_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}", "ends_at": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
    } | changes
    answer = office.send_form("/console/campaigns/new", fields, upload=("boots.jpg", BOOTS.read_bytes(), "image/jpeg"))
    assert "/console/campaigns/" in answer.url and answer.ok, answer.text[:2000]
    return int(answer.url.split("/console/campaigns/")[1].split("?")[0])


def task_of(house: House, userid: str) -> Task:
    def look(session):
        guide = find_guide(session, userid)
        return session.exec(select(Task).where(Task.guide_id == guide.id)).one_or_none()

    return house.until(lambda: house.row(look))


def ready_task(house: House, userid: str) -> Task:
    return house.until(lambda: (task := task_of(house, userid)).msgid and task, 30)


def test_hq_plans_every_guide_confirms_once_and_customers_receive_it(house: House):
    house.run_job("friends")
    campaign_id = schedule_poster(house)
    task = ready_task(house, "wangfang")
    card = house.until(lambda: [row for row in house.world.ledger("card") if row["who"] == "wangfang"], 30)[0]
    assert "初雪雪地靴" in str(card["what"])
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

    with house.parts.db.write() as session:  # the first look is a minute after the task was made
        for one in session.exec(select(Task)):
            one.poll_at = wiring.clock()
    house.until(lambda: house.run_job("results") is not None and task_of(house, "wangfang").confirmed_at, 30)
    house.until(lambda: house.run_job("results") is not None and task_of(house, "wangfang").reached == 2, 30)
    with house.read() as session:
        counted = funnel(session, campaign_id)
    assert (counted.targeted, counted.said, counted.confirmed, counted.reached) == (4, 1, 1, 2)
    assert "平台已确认" in house.office().page(f"/console/campaigns/{campaign_id}")


def test_a_tap_on_the_card_is_noted_once_and_the_card_says_so(house: House):
    """F01: a second tap changes nothing."""
    house.run_job("friends")
    schedule_poster(house, content="text")
    task = ready_task(house, "wangfang")
    card = house.until(lambda: [row for row in house.world.ledger("card") if row["who"] == "wangfang"], 30)[0]
    for _ in range(2):
        house.world.click("wangfang", card["what"]["task_id"], f"said:{task.code}")
    house.until(lambda: task_of(house, "wangfang").said_at)
    updated = house.until(lambda: [row for row in house.world.ledger("card_updated") if row["who"] == "wangfang"])
    assert "说已发" in str(updated[-1]["what"])
    assert task_of(house, "wangfang").confirmed_at is None


def test_another_guides_task_is_not_hers_to_open(house: House):
    """J01"""
    house.run_job("friends")
    schedule_poster(house, content="text")
    task = ready_task(house, "wangfang")
    stranger = house.guide_phone("zhaoqian")
    answer = stranger.get(f"{house.url}/g/tasks/{task.code}", timeout=20)
    assert answer.status_code == 404 and "不是你的" in answer.text
    assert task_of(house, "wangfang").opened_at is None


def test_every_call_ends_in_a_word(house: House):
    """The oracle: each intent is sent, or not sent with a reason; nothing stays in between."""
    house.run_job("friends")
    schedule_poster(house)
    for userid in ("wangfang", "zhaoqian", "zhoumei"):
        ready_task(house, userid)
    house.until(lambda: len(house.world.ledger("card")) == 3, 30)
    with house.read() as session:
        rows = session.exec(select(Outbox).where(col(Outbox.status).in_([NOT_SENT, UNKNOWN]))).all()
        nobody = session.exec(select(Task).where(Task.skipped != "")).all()
    assert not rows
    assert len(nobody) == 1 and "好友" in nobody[0].skipped, "高敏 has no friends, and the page says so"
