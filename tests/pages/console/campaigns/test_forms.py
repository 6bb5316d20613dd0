"""What was typed into the form is read, kept or refused at its field."""

import re

import pytest

from tests.pages.conftest import Console
from tests.pages.plan_form import campaigns, pictured, poster, send

WRONG = [
    ({"name": ""}, "请填写活动名称"),
    ({"name": "长" * 41}, "名称 41 个字，最多 40 个"),
    ({"text": ""}, "正文不能空着"),
    ({"text": "雪" * 1334}, "平台上限 4,000 字节"),
    ({"text": "雪" * 1330 + "{门店名}"}, "平台上限 4,000 字节"),
    ({"card_title": "字" * 37}, "卡片标题 37 个字，平台上限 36 个字"),
    ({"card_note": "字" * 45}, "卡片副标题 45 个字，平台上限 44 个字"),
    ({"launch_at": ""}, "请填日期和时间"),
    ({"launch_at": "yesterday"}, "请填日期和时间"),
    ({"launch_at": "9999-12-31T23:59"}, "请填日期和时间"),
    ({"ends_at": "0001-01-01T00:00"}, "请填日期和时间"),
    ({"again": "99999"}, "选的活动不在你的范围里"),
    ({"came_by": "9" * 30}, "选的码不在你的范围里"),
    ({"ends_at": "2026-11-20T09:00"}, "截止时间要晚于开始时间"),
    ({"ends_at": "2027-11-20T09:00"}, "活动最长 30 天"),
    ({"channel": "pigeon"}, "请选择怎么送到客户手里"),
    (pictured(""), "请选择一张图片"),
    (poster("nothing"), "没有叫「nothing」的海报版式"),
    (poster("artwork"), "请选一张海报图"),
    (poster(headline="九个字的标题太长了"), "标题有 9 个字，最多 8 个"),
    (poster(headline="初雪", subline="𓀀"), "画出来会是方框"),
    (poster(headline="初雪", note="雪" * 201), "有 201 个字，海报上放不下"),
    (poster(headline="初雪", price="9" * 201), "有 201 个字，海报上放不下"),
    (poster(headline="初雪", sentence="雪" * 201), "有 201 个字，海报上放不下"),
    (poster(headline="初雪") | {"channel": "group_mass"}, "不能是每位导购自己的海报"),
    (poster(headline="初雪") | poster(headline="初雪", place=1), "只能有一张海报"),
    ({"attachments.0.form": "link", "attachments.0.url": "shop"}, "请填完整的网址"),
]
"""(what is typed, what is said of it)"""


def test_a_draft_is_kept_as_it_was_written_in_the_shop_s_time(console: Console) -> None:
    answer = send(console, console.signed_in("zhou"), to="some", branch=[str(console.ids["northeast"])])
    made = campaigns(console)[0]
    assert answer.location.startswith(f"/console/campaigns/{made.id}")
    assert (made.name, made.status, made.scope) == (
        "初雪雪地靴",
        "draft",
        {"branches": [console.ids["northeast"]]},
    )
    assert made.launch_at.isoformat() == "2026-11-20T02:00:00+00:00"
    assert made.created_by == console.ids["zhou"]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_what_cannot_be_sent_is_said_at_its_field_and_nothing_is_kept(
    console: Console, changes: dict[str, str], words: str
) -> None:
    answer = send(console, console.signed_in("zhou"), **changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert 'class="fault"' in page
    assert campaigns(console) == []


@pytest.mark.parametrize("changes", [changes for changes, _words in WRONG])
def test_every_refusal_of_the_form_is_english_for_an_english_reader(
    console: Console, changes: dict[str, str]
) -> None:
    client = console.signed_in("zhou")
    console.post(client, "/console/language", {"language": "en", "next": "/console/"})
    page = send(console, client, **changes).get_data(as_text=True)
    said = re.findall(r'class="fault"[^>]*>(.+?)</p>|class="notice bad"[^>]*>(.+?)</p>', page, re.S)
    assert said and not re.search(r"[\u4e00-\u9fff]", str(said))


def test_what_was_typed_stays_when_something_is_wrong(console: Console) -> None:
    page = send(
        console,
        console.signed_in("zhou"),
        name="",
        text="先写好的正文",
        to="some",
        branch=[str(console.ids["east"])],
    ).get_data(as_text=True)
    assert "先写好的正文" in page
    assert f'value="{console.ids["east"]}" checked' in page


def test_fields_that_are_not_in_the_form_are_ignored_I02(console: Console) -> None:
    send(
        console,
        console.signed_in("zhou"),
        status="running",
        created_by="999",
        launched_at="2026-01-01",
        reminders="9",
    )
    made = campaigns(console)[0]
    assert (made.status, made.created_by, made.launched_at, made.reminders) == (
        "draft",
        console.ids["zhou"],
        None,
        0,
    )
