"""A version against the one before, in words: each kind of field says old and new as people say it."""

import pytest

from models.campaigns.approval import content_of
from models.campaigns.fields import of_campaign
from pages.console.campaigns.differences import differences, same
from tests.pages.conftest import Console
from tests.pages.plan_form import campaigns, send


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("channel", "notice", ("怎么发", "群发助手", "只提醒导购")),
        ("content", "picture", ("内容", "只有文字", "一张图片，大家一样")),
        ("scope", {"stores": [1, 2]}, ("发给谁", "全部导购", "2 家门店")),
        ("poster", {"headline": "初雪"}, ("海报标题", "—", "初雪")),
        ("ends_at", "2026-11-20T11:00:00Z", ("截止时间", "明天 18:00", "明天 19:00")),
        ("design", "headline", ("海报样式", "—", "新品")),
        ("picture_id", 999, ("图片", "—", "999")),
        ("purpose", "care", ("purpose", "—", "care")),
    ],
)
def test_a_field_says_what_it_was_and_what_it_is(console: Console, name, value, words) -> None:
    send(console, console.signed_in("zhou"), do="save", to="all")
    old = content_of(of_campaign(campaigns(console)[-1]))
    with console.app.test_request_context("/console/"), console.db.read() as session:
        found = differences(session, old, {**old, name: value})
        assert [(one.label, one.old, one.new) for one in found] == [words]
        assert "活动名" in same(old, {**old, name: value})
