"""What an announcement needs before it is planned; what does not fit is refused in words and nothing is kept."""

import pytest
from sqlmodel import select

from models.campaigns.announcements import Announcement
from models.errors import Refused
from tests.models.campaigns.announced import plan


def test_a_robot_for_a_customer_group_is_refused_with_the_reason_and_nothing_is_kept(stage, groups):
    with pytest.raises(
        Refused, match="「会员群」是客户群，平台不让群机器人进客户群。可以改由群主在群发助手里点一次发送"
    ):
        plan(stage, *groups, by_robot=[groups[1].id])
    with stage.db.read() as session:
        assert session.exec(select(Announcement)).all() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "标题要 1 到 40 个字"),
        ({"text": ""}, "正文不能空着"),
    ],
)
def test_an_announcement_without_words_is_refused(stage, groups, fields, words):
    with pytest.raises(Refused, match=words):
        plan(stage, *groups, **fields)


def test_an_announcement_without_groups_is_refused(stage, groups):
    with pytest.raises(Refused, match="一个群也没有"):
        plan(stage)
