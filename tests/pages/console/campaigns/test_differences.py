"""A version against the one before, in words: each kind of field says old and new as people say it."""

import pytest

from models.campaigns.approval import content_of
from pages.console.campaigns.differences import differences, same
from tests import cast
from tests.pages.conftest import Console
from tests.pages.plan_form import campaigns, send

RULES = "不试，到时间全部开始；晚 {n} 分钟以内照发，再晚等人决定；没送出的到 20% 自动暂停"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("channel", "notice", ("怎么发", "群发助手", "只提醒导购")),
        ("scope", {"stores": [1, 2]}, ("发给谁", "全部导购", "2 家门店")),
        ("attachments", cast.pictured(999), ("附件 1", "—", "图片「999」")),
        ("attachments", cast.poster(headline="初雪"), ("附件 1", "—", "海报「初雪」")),
        ("ends_at", "2026-11-20T11:00:00Z", ("截止时间", "明天 18:00", "明天 19:00")),
        ("purpose", "care", ("目的", "促销", "关怀")),
        ("conditions", {"at_least_days": 7}, ("人群条件", "—", "好友至少 7 天")),
        ("mood", "calm", ("mood", "—", "calm")),
        ("rules", {"grace_minutes": 5}, ("怎么开始和停下", RULES.format(n=30), RULES.format(n=5))),
    ],
)
def test_a_field_says_what_it_was_and_what_it_is(console: Console, name, value, words) -> None:
    send(console, console.signed_in("zhou"), do="save", to="all")
    old = content_of(campaigns(console)[-1])
    with console.app.test_request_context("/console/"), console.db.read() as session:
        found = differences(session, old, {**old, name: value})
        assert [(one.label, one.old, one.new) for one in found] == [words]
        assert "活动名" in same(old, {**old, name: value})


def test_inside_an_attachment_that_stayed_each_word_is_told_apart(console: Console) -> None:
    link = {"form": "link", "url": "https://shop.example/size", "title": "尺码怎么选", "note": ""}
    old = {"attachments": [*cast.poster(headline="初雪", price="¥259"), link]}
    new = {"attachments": [*cast.poster("artwork", headline="大雪"), link | {"title": "怎么选尺码"}]}
    with console.app.test_request_context("/console/"), console.db.read() as session:
        found = [(one.label, one.old, one.new) for one in differences(session, old, new)]
    assert found == [
        ("海报 1 · 版式", "新品", "总部画好的图"),
        ("海报 1 · 标题", "初雪", "大雪"),
        ("海报 1 · 价格", "¥259", "—"),
        ("链接 2 · 标题", "尺码怎么选", "怎么选尺码"),
    ]
