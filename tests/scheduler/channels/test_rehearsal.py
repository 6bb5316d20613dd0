"""What stands in a 【测试】 on a phone: each attachment as an app message of its own, and never twice, however calls end."""

import json

import pytest

from models.campaigns import Campaign, rehearsals
from models.campaigns.attachments import Attachment
from models.campaigns.rehearsals import MARK, Rehearsal
from tests import cast
from tests.cast import GAO, WANG
from tests.posters.samples import BOOTS

LINK = Attachment(form="link", url="https://shop.example/boots", title="雪地靴" * 14, note="今晚有雪")


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


@pytest.fixture
def me(stage):
    with stage.db.write() as session:
        return cast.account(session, "何青", userid=GAO, now=stage.now).id


def rehearse(stage, plan, **to):
    with stage.db.write() as session:
        campaign = session.get_one(Campaign, plan)
        (made,) = rehearsals.send(session, campaign, who="何青", now=stage.now, **to)
        number = made.id
    for _ in stage.rows("rehearsal"):
        stage.work()
        stage.advance(seconds=rehearsals.APART.seconds)
    return number


def messages(stage, who):
    return [one["what"] for one in stage.arrived("notice,card", who)]


def test_each_attachment_is_an_app_message_and_what_the_app_cannot_carry_is_said_in_words(stage, me):
    with stage.db.write() as session:
        picture = cast.picture(session, BOOTS, now=stage.now).id
    program = Attachment(form="program", appid="wx1", page="/boots", title="选靴子", picture_id=picture)
    poster = Attachment(form="poster", design="headline", words={"headline": "初雪\n雪地靴"})
    shown = [poster, Attachment(form="picture", picture_id=picture), LINK, program]
    rehearse(stage, stage.plan(schedule=False, attachments=shown), accounts=[me])
    sent = messages(stage, GAO)
    assert [one["msgtype"] for one in sent] == ["text", "text", "image", "textcard", "text"]
    card = sent[3]["textcard"]
    assert card["title"].startswith(f"{MARK}雪地靴") and len(card["title"].encode()) <= 128
    assert card["url"] == LINK.url and "「选靴子」" in sent[4]["text"]["content"]
    assert all(one["text"]["content"].startswith(MARK) for one in sent if one["msgtype"] == "text")
    (poster,) = stage.rows("rehearsal", status="not_sent")
    assert "没有能用的入口码可印，海报没有发。其余的发了" in poster.reason


def test_a_lost_answer_repeats_the_same_bytes_and_she_gets_it_once_B09(stage):
    plan = stage.plan(schedule=False)
    stage.world.chaos({"api": "message/send", "reset": "after", "times": 1})
    rehearse(stage, plan, guides=[stage.people.wang.id])
    stage.advance(seconds=10)
    stage.work()
    assert len(stage.calls("message/send")) == 2 and len(stage.arrived("card", WANG)) == 1
    assert {row.status for row in stage.rows("rehearsal")} == {"sent"}


def test_what_is_withdrawn_while_the_platform_answers_is_taken_back_when_it_has(stage):
    number = rehearse_unsent(stage)
    stage.world.chaos({"api": "message/send", "reset": "after", "times": 1})
    stage.work()
    with stage.db.write() as session:
        rehearsals.withdraw(session, session.get_one(Rehearsal, number), "何青", stage.now)
    stage.advance(seconds=10)
    stage.work()
    stage.work()
    (recalled,) = stage.calls("message/recall")
    (row,) = stage.rows("rehearsal")
    assert row.answer and json.loads(recalled["what"]["request"])["msgid"] == row.answer["msgid"]


def rehearse_unsent(stage):
    plan = stage.plan(schedule=False)
    with stage.db.write() as session:
        campaign = session.get_one(Campaign, plan)
        wang = [stage.people.wang.id]
        (made,) = rehearsals.send(session, campaign, who="何青", now=stage.now, guides=wang)
        return made.id


def test_the_card_opens_its_page_alone_and_nothing_comes_back_to_us(stage):
    rehearse(stage, stage.plan(schedule=False, card_title="初" * 36), guides=[stage.people.wang.id])
    (card,) = [one["card"] for one in messages(stage, WANG)]
    assert card["main_title"]["title"].startswith(f"{MARK}初") and card["main_title"]["desc"].endswith("前")
    assert {one["type"] for one in card["button_list"]} == {1} and "key" not in card["button_list"][0]
