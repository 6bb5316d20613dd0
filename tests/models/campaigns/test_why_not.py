"""Why did she not get it: one line for every customer, before the start and afterwards."""

import pytest

from models.campaigns import Campaign, Task, lifecycle, recipient_ledger, results, why_not
from models.campaigns.looks import PRODUCTION
from models.campaigns.results import Reading
from models.friends import FriendStatus
from tests import cast
from tests.cast import CHEN, LIN, NOW, SU, XU, ZONE


@pytest.fixture
def told(stage):
    def words(number, name):
        with stage.db.write() as session:
            (customer,) = cast.customers(session, name)
            return why_not.answer(session, session.get_one(Campaign, number), customer, stage.now, ZONE)

    return words


def test_before_the_start_and_afterwards_each_customer_has_her_line(stage, told):
    with stage.db.write() as session:
        cast.befriend(session, stage.people.wang, "wmLost", at=NOW, status=FriendStatus.LOST)
    planned = stage.plan(launch_at=stage.now.replace(hour=5))
    assert told(planned, XU) == "会由王芳发给她"
    assert told(planned, "wmLost") == "不会发给她：已不是好友"
    assert told(planned, "wmStranger") == why_not.UNKNOWN_TO_THEM
    number = stage.launch()
    assert told(number, "wmLost") == "没有发给她：已不是好友"
    assert told(number, XU) == "由王芳发，她还没有在群发助手里确认"
    with stage.db.write() as session:
        task = stage.task(stage.people.wang, number)
        results.learn(session, task.id, Reading(stage.now, {XU: 1, LIN: 3}), stage.now, PRODUCTION)
        zhao = stage.task(stage.people.zhao, number)
        results.learn(session, zhao.id, Reading(stage.now, {}), stage.now, PRODUCTION)
    assert told(number, XU) == "收到了，由王芳发的"
    assert told(number, LIN) == "由王芳发，没有收到：本月群发已收满"
    assert told(number, SU) == "赵倩已确认发出，平台还没给她的结果"
    with stage.db.write() as session:
        session.get_one(Task, stage.task(stage.people.zhou, number).id).skipped = "她已离职"
    assert told(number, CHEN) == "由周梅发，没有收到：她已离职"
    with stage.db.write() as session:
        session.get_one(Task, stage.task(stage.people.zhou, number).id).skipped = ""
    stage.do(lifecycle.cancel, number)
    assert told(number, CHEN) == "没有收到：到截止时周梅没有在群发助手里确认"
    assert told(number, "wmStranger") == why_not.UNKNOWN_TO_THEM


def test_of_a_share_from_her_page_there_is_only_her_word(stage, told):
    number = stage.launch(channel="share")
    assert told(number, XU) == "由王芳自己分享，她没有说分享了"
    with stage.db.write() as session:
        session.get_one(Task, stage.task(stage.people.wang, number).id).reported_at = stage.now
    assert told(number, XU) == "王芳说分享了，平台不告诉分享给了谁"
    with stage.db.read() as session:
        campaign = session.get_one(Campaign, number)
        found = recipient_ledger.lines(session, campaign, [], None, limit=9, offset=0)
    assert {one.words for one in found} == {recipient_ledger.HER_WORD_ALONE}
