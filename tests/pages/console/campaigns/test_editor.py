"""新建活动: what is typed is checked at save time, in words; nothing outside the viewer's reach gets in; works without script."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlmodel import select

from models.campaigns import Campaign
from models.campaigns.pictures import Picture
from models.friends import Friend
from tests.pages.conftest import Console

PLAN = {
    "name": "初雪雪地靴",
    "channel": "mass",
    "content": "text",
    "text": "新到的雪地靴，来{门店名}找我。",
    "design": "artwork",
    "launch_at": "2026-11-20T10:00",
    "ends_at": "2026-11-20T18:00",
}


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
    ({"ends_at": "2026-11-20T09:00"}, "截止时间要晚于开始时间"),
    ({"ends_at": "2027-11-20T09:00"}, "活动最长 30 天"),
    ({"channel": "pigeon"}, "请选择怎么送到客户手里"),
    ({"content": "video"}, "请选择文字、图片或海报"),
    ({"content": "picture"}, "请选择一张图片"),
    ({"content": "poster", "design": "nothing"}, "没有叫「nothing」的海报版式"),
    ({"content": "poster", "design": "artwork"}, "请选一张海报图"),
    (
        {"content": "poster", "design": "headline", "headline": "九个字的标题太长了"},
        "标题有 9 个字，最多 8 个",
    ),
    ({"content": "poster", "design": "headline", "headline": "初雪", "subline": "𓀀"}, "画出来会是方框"),
    (
        {"content": "poster", "design": "headline", "headline": "初雪", "note": "雪" * 201},
        "有 201 个字，海报上放不下",
    ),
    (
        {"content": "poster", "design": "headline", "headline": "初雪", "price": "9" * 201},
        "有 201 个字，海报上放不下",
    ),
    (
        {"content": "poster", "design": "headline", "headline": "初雪", "sentence": "雪" * 201},
        "有 201 个字，海报上放不下",
    ),
    (
        {"content": "poster", "channel": "group_mass", "design": "headline", "headline": "初雪"},
        "客户群里一次群发只有一张图",
    ),
]
"""(what is typed, what is said of it)"""


def jpeg(width: int = 1080, height: int = 1600) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#4C4BC0").save(out, "JPEG")
    return out.getvalue()


def send(console: Console, client: FlaskClient, path: str = "/console/campaigns/new", **changes: object):
    return console.post(client, path, {**PLAN, "do": "save", **changes})


def campaigns(console: Console) -> list[Campaign]:
    with console.db.read() as session:
        return [
            one
            for one in session.exec(select(Campaign))
            if "northeast" not in one.name and "east" not in one.name
        ]


def test_a_draft_is_kept_as_it_was_written_in_the_shop_s_time(console: Console) -> None:
    answer = send(console, console.signed_in("zhou"), branch=[str(console.ids["northeast"])])
    made = campaigns(console)[0]
    assert answer.location.startswith(f"/console/campaigns/{made.id}")
    assert (made.name, made.status, made.scope) == (
        "初雪雪地靴",
        "draft",
        {"branches": [console.ids["northeast"]]},
    )
    assert made.launch_at.isoformat() == "2026-11-20T02:00:00+00:00"
    assert made.created_by == console.ids["zhou"]


def test_scheduling_takes_one_click(console: Console) -> None:
    answer = send(console, console.signed_in("zhou"), do="schedule")
    assert answer.status_code == 303
    assert campaigns(console)[0].status == "scheduled"


def test_the_same_form_twice_makes_one_campaign(console: Console) -> None:
    client = console.signed_in("zhou")
    page = client.get("/console/campaigns/new").get_data(as_text=True)
    once = re.search(r'name="once" value="(\w+)"', page)[1]
    answers = [send(console, client, once=once, do="schedule").location for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(campaigns(console)) == 1


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
        console, console.signed_in("zhou"), name="", text="先写好的正文", branch=[str(console.ids["east"])]
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


def test_a_branch_plans_for_its_own_guides_only(console: Console) -> None:
    client = console.signed_in("chen")
    send(console, client)
    assert campaigns(console)[0].scope == {"branches": [console.ids["northeast"]]}
    for kind, name in (("branch", "east"), ("store", "nanjing"), ("guide", "sun")):
        answer = send(console, client, **{kind: [str(console.ids[name])]})
        assert answer.status_code == 422, kind
        assert "不在你的范围里" in answer.get_data(as_text=True)
    assert len(campaigns(console)) == 1


def test_a_branch_may_change_what_its_own_people_made(console: Console) -> None:
    client = console.signed_in("chen")
    send(console, client)
    number = campaigns(console)[0].id
    answer = send(console, client, f"/console/campaigns/{number}/edit", name="改过的名字")
    assert answer.status_code == 303
    assert campaigns(console)[0].name == "改过的名字"
    assert send(console, console.signed_in("liu"), f"/console/campaigns/{number}/edit").status_code == 404
    assert send(console, console.signed_in("ma"), f"/console/campaigns/{number}/edit").status_code == 403


def test_editing_shows_what_was_planned_and_a_started_one_is_refused(console: Console) -> None:
    client = console.signed_in("zhou")
    send(console, client, store=[str(console.ids["zhongjie"])], guide=[str(console.ids["sun"])])
    number = campaigns(console)[0].id
    page = client.get(f"/console/campaigns/{number}/edit").get_data(as_text=True)
    for words in ("初雪雪地靴", "2026-11-20T10:00", "沈阳中街店", "孙佳怡"):
        assert words in page
    refused = send(console, client, f"/console/campaigns/{console.ids['campaign_east']}/edit")
    assert refused.status_code == 409
    assert "内容改不了了" in refused.get_data(as_text=True)


def test_the_live_preview_speaks_in_a_named_guide_s_voice(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = console.post(
        client,
        "/console/campaigns/preview",
        {**PLAN, "branch": str(console.ids["northeast"])},
        headers={"HX-Request": "true"},
    )
    page = answer.get_data(as_text=True)
    for words in (
        "以王芳为例 · 沈阳中街店",
        "来沈阳中街店找我。",
        "由 1 位导购发出",
        "加过的好友",
        "字节",
        'hx-swap-oob="innerHTML"',
        "排期，发给 2 位导购",
    ):
        assert words in page, words


def test_the_count_is_a_subtraction_that_ends_at_who_is_reached(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Friend, console.ids["friend_east"]).status = "lost"
    page = console.post(console.signed_in("zhou"), "/console/campaigns/preview", PLAN).get_data(as_text=True)
    assert re.search(r"加过的好友</dt>\s*<dd>\s*<b>2</b>", page)
    assert re.search(r"已不是好友</dt>\s*<dd>\s*−1\s*<", page)
    assert '<p class="figure">1<small>位客户' in page


def test_another_person_without_script_is_a_button_of_the_form(console: Console) -> None:
    client = console.signed_in("zhou")
    page = send(console, client, do="sample", next_sample=str(console.ids["zhao"]), name="没写完").get_data(
        as_text=True
    )
    assert "以赵倩为例" in page
    assert "没写完" in page
    assert campaigns(console) == []


def test_stores_and_guides_are_found_by_name_within_reach(console: Console) -> None:
    assert "沈阳中街店" in console.signed_in("zhou").get("/console/campaigns/people?find=中街").get_data(
        as_text=True
    )
    client = console.signed_in("chen")
    assert "南京" not in client.get("/console/campaigns/people?find=店").get_data(as_text=True)
    assert "孙佳怡" not in client.get("/console/campaigns/people?find=孙").get_data(as_text=True)
    assert client.get("/console/campaigns/people?find=%25").get_data(as_text=True).strip() == ""
    assert "沈阳中街店" in send(console, client, do="find", find="中街").get_data(as_text=True)


def upload(console: Console, content: bytes, name: str = "a.jpg"):
    client = console.signed_in("zhou")
    return client.post(
        "/console/pictures", data={"csrf": console.token(client), "upload": (BytesIO(content), name)}
    )


def test_a_picture_is_cleaned_before_it_is_kept_K02_K03(console: Console) -> None:
    out = BytesIO()
    Image.new("RGB", (1080, 1600), "red").save(out, "PNG", pnginfo=None)
    answer = upload(console, out.getvalue(), "../../x<script>.png")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "1080 × 1600" in page
    assert "<script>" not in page
    with console.db.read() as session:
        kept = session.exec(select(Picture)).one()
    assert kept.content.startswith(b"\xff\xd8")
    shown = console.signed_in("ma").get(f"/console/pictures/{kept.id}.jpg")
    assert shown.mimetype == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"GIF89a" + b"\0" * 100, b"\xff\xd8\xff broken", b"<html>"]
)
def test_what_is_no_picture_is_refused_in_words_K02(console: Console, content: bytes) -> None:
    answer = upload(console, content)
    assert answer.status_code == 422
    assert 'class="fault"' in answer.get_data(as_text=True)


def test_without_script_the_picture_travels_with_the_form(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = client.post(
        "/console/campaigns/new",
        data={
            **PLAN,
            "csrf": console.token(client),
            "do": "save",
            "content": "poster",
            "upload": (BytesIO(jpeg()), "boots.jpg"),
        },
    )
    assert answer.status_code == 303
    assert campaigns(console)[0].picture_id


def test_the_poster_of_the_preview_carries_the_guide_s_own_code(console: Console) -> None:
    import posters

    client = console.signed_in("zhou")
    address = f"/console/campaigns/poster.jpg?guide={console.ids['wang']}&design=headline&headline=初雪"
    answer = client.get(address)
    assert answer.mimetype == "image/jpeg"
    assert posters.read_code(answer.data) == "https://work.weixin.qq.com/u/northeast"
    assert client.get(address.replace("headline=", "headline=" + "长" * 30)).status_code in (200, 422)
    assert console.signed_in("liu").get(address).status_code == 404


def test_a_guide_without_a_code_is_shown_the_artwork_alone(console: Console) -> None:
    answer = console.signed_in("zhou").get(
        f"/console/campaigns/poster.jpg?guide={console.ids['zhao']}&design=headline&headline=初雪"
    )
    assert Image.open(BytesIO(answer.data)).size == (750, 1111)


def test_names_in_the_form_are_inert_I03(console: Console) -> None:
    page = send(
        console,
        console.signed_in("zhou"),
        name='"><script>alert(1)</script>',
        text="</textarea><script>alert(2)</script>",
        ends_at="",
    ).get_data(as_text=True)
    assert "<script>alert" not in page
