"""新建活动: what is typed is checked at save time, in words; nothing outside the viewer's reach gets in; works without script."""

import re
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from models.campaigns import launch
from models.campaigns.pictures import Picture
from tests.cast import ZONE
from tests.pages.conftest import Console, page
from tests.pages.plan_form import PLAN, campaigns, poster, send
from tests.pages.shop import jpeg


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


@pytest.mark.parametrize("to", ["some", ""])
def test_choosing_nobody_is_not_everybody(console: Console, to: str) -> None:
    answer = send(console, console.signed_in("zhou"), to=to, do="schedule")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "还没选发给谁" in page and "先选发给谁" in page
    assert campaigns(console) == []


def test_a_later_time_that_has_passed_meanwhile_is_not_a_start_at_once(console: Console) -> None:
    client = console.signed_in("zhou")
    past = {"launch_at": "2026-11-19T10:00", "ends_at": "2026-11-20T10:00"}
    answer = send(console, client, do="schedule", **past)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "开始时间已经过去" in page and "现在发给 2 位导购" in page
    assert campaigns(console) == []
    assert send(console, client, do="launch", **past).status_code == 303
    assert campaigns(console)[0].launch_at == console.clock.now


def test_a_draft_says_on_its_page_what_its_button_does(console: Console) -> None:
    client = console.signed_in("zhou")
    send(console, client, launch_at="2026-11-19T15:00")
    path = f"/console/campaigns/{campaigns(console)[0].id}"
    assert "今天 15:00 发给 2 位导购" in client.get(path).get_data(as_text=True)
    console.clock.advance(hours=1)
    assert "现在发给 2 位导购" in client.get(path).get_data(as_text=True)
    answer = console.post(client, f"{path}/schedule", {})
    assert "开始时间已经过去" in answer.get_data(as_text=True)
    assert console.post(client, f"{path}/launch", {}).status_code == 303
    assert campaigns(console)[0].status == "scheduled"


def test_after_a_launch_the_page_says_what_is_known_and_counts_as_the_launch_will(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = send(console, client, do="launch", launch_at="2026-11-19T14:00")
    said = page(console, answer.location)
    found = re.search(r"马上开始，几秒后这里变成进行中。按现在算，由 2 位导购发给 (\d+) 位客户。", said)
    assert found and "已经开始" not in said and "会自动开始" not in said
    assert f'<p class="figure">{found[1]}<small>' in said
    launch.launch_due(console.db, console.clock.now, ZONE)
    assert "已经开始，人群冻结在" in page(console, answer.location)


def test_the_count_and_its_button_follow_whom_it_goes_to(console: Console) -> None:
    client = console.signed_in("zhou")
    assert "先选发给谁</span>" in re.sub(
        r">\s+|\s+<", lambda one: one[0].strip(), page(console, "/console/campaigns/new")
    )
    live = console.post(client, "/console/campaigns/preview", PLAN).get_data(as_text=True)
    words = re.search(r'id="around-words" hx-swap-oob="innerHTML">(.*?)</span>', live, re.S)
    assert words and "看 20 位样例、额度和重叠" in words[1]
    around = console.post(client, "/console/campaigns/around", PLAN).get_data(as_text=True)
    assert '<div id="count" hx-swap-oob="innerHTML">' in around and "由 2 位导购发出" in around


def test_a_branch_s_new_plan_is_for_its_guides_and_hq_s_for_nobody_yet(console: Console) -> None:
    chosen = r'value="{}" checked>'
    for who, to in (("chen", "all"), ("zhou", "some")):
        assert re.search(chosen.format(to), page(console, "/console/campaigns/new", who))


def test_a_branch_plans_for_its_own_guides_only(console: Console) -> None:
    client = console.signed_in("chen")
    send(console, client)
    assert campaigns(console)[0].scope == {"branches": [console.ids["northeast"]]}
    for kind, name in (("branch", "east"), ("store", "xinjiekou"), ("guide", "sunjiayi")):
        answer = send(console, client, **{"to": "some", kind: [str(console.ids[name])]})
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
    send(
        console, client, to="some", store=[str(console.ids["zhongjie"])], guide=[str(console.ids["sunjiayi"])]
    )
    number = campaigns(console)[0].id
    page = client.get(f"/console/campaigns/{number}/edit").get_data(as_text=True)
    for words in ("初雪雪地靴", "2026-11-20T10:00", "沈阳中街店", "孙佳怡"):
        assert words in page
    refused = send(console, client, f"/console/campaigns/{console.ids['campaign_east']}/edit")
    assert refused.status_code == 409
    assert "内容改不了了" in refused.get_data(as_text=True)


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
    shown = console.signed_in("zhou").get(f"/console/pictures/{kept.id}.jpg")
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
            **poster("artwork"),
            "attachments.0.upload": (BytesIO(jpeg()), "boots.jpg"),
        },
    )
    assert answer.status_code == 303
    assert campaigns(console)[0].attachments[0]["picture_id"]


def test_names_in_the_form_are_inert_I03(console: Console) -> None:
    page = send(
        console,
        console.signed_in("zhou"),
        name='"><script>alert(1)</script>',
        text="</textarea><script>alert(2)</script>",
        ends_at="",
    ).get_data(as_text=True)
    assert "<script>alert" not in page


def test_two_texts_are_kept_shown_and_refused_at_their_fields(console: Console) -> None:
    client, twice = console.signed_in("zhou"), {"second_text": "第二种：{导购名}等您", "second_percent": "30"}
    assert send(console, client, **twice).status_code == 303
    made = campaigns(console)[0]
    assert (made.second_text, made.second_percent) == ("第二种：{导购名}等您", 30)
    shown = client.get(f"/console/campaigns/{made.id}").get_data(as_text=True)
    assert "30% 的客户收到第二种" in shown and "第二种：" in shown
    again = client.get(f"/console/campaigns/{made.id}/edit").get_data(as_text=True)
    assert "第二种：{导购名}等您" in again and 'value="30"' in again
    refused = send(console, client, second_text="第二种", second_percent="0")
    assert refused.status_code == 422 and "第二种发给多少要在 1 到 99 之间" in refused.get_data(as_text=True)
    unread = send(console, client, second_text="第二种", second_percent="一半")
    assert unread.status_code == 422 and "要写一个数" in unread.get_data(as_text=True)
    assert send(console, client, second_text="第二种", second_percent="").status_code == 303
    assert campaigns(console)[-1].second_percent == 50
