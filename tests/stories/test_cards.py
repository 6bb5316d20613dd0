"""A campaign from HQ's plan to the customers' phones; the judge is the built-in WeCom's own book."""

import pytest

from models.campaigns import funnel
from tests.cast import CHEN, GAO, LIN, WANG, XU, ZHAO, ZHOU


@pytest.fixture
def stage(campaign_stage_on_both):
    return campaign_stage_on_both


def test_the_whole_loop_from_schedule_to_funnel(stage):
    number = stage.launch()
    assert {row["who"] for row in stage.arrived("card")} == {WANG, ZHAO, ZHOU}
    assert stage.arrived("mass") == [], "nothing that we send makes customers receive anything"

    task = stage.task(stage.people.wang)
    assert task.text == "沈阳中街店的王芳：沈阳今晚有雪，雪地靴到店了。"
    card = stage.cards_of(WANG)[-1]
    assert card["main_title"]["title"] == "初雪雪地靴"
    page = f"http://127.0.0.1:8000/g/campaigns/{number}"
    assert card["card_action"] == {"type": 1, "url": page}
    assert card["horizontal_content_list"] == [
        {"type": 1, "keyname": "等你发", "value": "在群发助手点一次发送 · 11-19 18:08 前", "url": page}
    ]
    assert [button["text"] for button in card["button_list"]] == ["打开任务", "我已发"]

    stage.world.click(WANG, card["task_id"], f"said:{task.campaign_id}", wait=True)
    stage.work()
    assert stage.cards_of(WANG)[-1]["horizontal_content_list"][0]["keyname"] == "说已发"
    assert stage.arrived("mass") == [], "her word is not a delivery"
    stage.collect()
    assert stage.task(stage.people.wang).confirmed_at is None, "her word is not a confirmation"

    assert stage.world.confirm(WANG, task.msgid)["sent"] == 2
    assert {row["who"] for row in stage.arrived("mass")} == {XU, LIN}
    stage.collect()
    task = stage.task(stage.people.wang)
    assert (
        task.confirmed_at and task.settled_at and (task.reached, task.not_friend, task.limited) == (2, 0, 0)
    )

    with stage.db.read() as session:
        seen = funnel.funnel(session, number)
    assert (seen.targeted, seen.carded, seen.opened, seen.said, seen.confirmed) == (4, 3, 1, 1, 1)
    assert (seen.customers, seen.reached) == (4, 2)
    assert seen.lost[0].details == ("1 人：她名下没有可以群发的好友",)
    assert [(reason.name, reason.customers) for reason in seen.reasons] == [("unconfirmed", 2)]
    assert stage.arrived("card", GAO) == []


def test_two_campaigns_of_the_same_minute_leave_on_one_card_without_an_update(stage):
    first, second = stage.plan(), stage.plan(name="周末会员日", card_title="周末会员日")
    stage.tick(seconds=0)
    stage.cards_out()
    assert stage.arrived("card_updated", WANG) == []
    card = stage.cards_of(WANG)[-1]
    assert len(card["horizontal_content_list"]) == 2 and len(card["button_list"]) == 3
    assert stage.task(stage.people.wang, first).card_id == stage.task(stage.people.wang, second).card_id


def test_the_afternoon_brings_a_new_card(stage):
    stage.launch()
    stage.advance(hours=5)
    stage.launch(name="晚场", card_title="晚场")
    assert [row["what"]["card"]["main_title"]["title"] for row in stage.arrived("card", WANG)] == [
        "初雪雪地靴",
        "晚场",
    ]


def test_more_tasks_than_a_card_has_rows_shrink_to_one_line(stage):
    for word in "一二三四五六七":
        stage.plan(name=f"活动{word}", card_title=f"活动{word}")
    stage.tick(seconds=0)
    stage.cards_out()
    card = stage.cards_of(ZHOU)[-1]
    assert len(card["horizontal_content_list"]) == len(card["button_list"]) == 4
    assert card["horizontal_content_list"][-1]["value"] == "还有 4 件，在「今日」里看"
    assert stage.arrived("card", CHEN) == []
