"""A task for the owner of customer groups."""

from datetime import timedelta

import pytest

from tests import cast
from tests.cast import CUSTOMER_CHAT, ZHOU
from tests.scheduler.channels.test_attachments import picture


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


@pytest.mark.parametrize("text", ["今晚有雪", ""], ids=["with a text", "the picture alone"])
def test_a_group_campaign_asks_the_owner_once_for_all_her_groups(stage, text):
    with stage.db.write() as session:
        cast.customer_group(session, stage.people.zhou, now=stage.now - timedelta(days=9))
    stage.launch(channel="group_mass", attachments=cast.pictured(picture(stage)), text=text)
    task = stage.task(stage.people.zhou)
    assert task.customer_count == 1 and stage.task(stage.people.wang).skipped == "她名下没有客户群"
    assert stage.cards_of(ZHOU)[-1]["horizontal_content_list"][0]["value"].endswith("18:08 前")
    stage.world.confirm(ZHOU, task.msgid)
    assert [row["who"] for row in stage.arrived("group_mass")] == [CUSTOMER_CHAT]
    stage.collect()
    task = stage.task(stage.people.zhou)
    assert task.confirmed_at and task.reached == 1 and task.settled_at
