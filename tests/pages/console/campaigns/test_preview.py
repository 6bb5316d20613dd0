"""What a campaign looks like before it is sent: in a named guide's voice, with her own code."""

import re
from io import BytesIO

from PIL import Image

from models.friends import Friend
from models.org import Guide
from tests.pages.conftest import Console
from tests.pages.plan_form import PLAN, campaigns, send


def test_the_live_preview_speaks_in_a_named_guide_s_voice(console: Console) -> None:
    client = console.signed_in("zhou")
    answer = console.post(
        client,
        "/console/campaigns/preview",
        {**PLAN, "to": "some", "branch": str(console.ids["northeast"])},
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
        "明天 10:00 发给 1 位导购",
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
    page = send(
        console, client, do="next_sample", next_sample=str(console.ids["zhoumei"]), name="没写完"
    ).get_data(as_text=True)
    assert "以周梅为例" in page
    assert "没写完" in page
    assert campaigns(console) == []


def test_the_longest_name_of_all_in_scope_is_one_press_away(console: Console) -> None:
    """However many guides come before her: what fits her name fits every poster."""
    with console.db.write() as session:
        session.get_one(Guide, console.ids["zhoumei"]).name = "古丽巴哈尔·买买提江娜娜"
        session.get_one(Guide, console.ids["wangfang"]).name = "WangFang"
    client = console.signed_in("zhou")
    page = console.post(client, "/console/campaigns/preview", PLAN).get_data(as_text=True)
    longest = re.search(r'name="longest_sample"\s+value="(\d+)"', page)
    assert longest and longest[1] == str(console.ids["zhoumei"])
    asked = {"do": "longest_sample", "longest_sample": longest[1]}
    assert "以古丽巴哈尔·买买提江娜娜为例" in send(console, client, **asked).get_data(as_text=True)


def test_the_poster_of_the_preview_carries_the_guide_s_own_code(console: Console) -> None:
    import posters

    client = console.signed_in("zhou")
    address = f"/console/campaigns/poster.jpg?guide={console.ids['wangfang']}&design=headline&headline=初雪"
    answer = client.get(address)
    assert answer.mimetype == "image/jpeg"
    assert posters.read_code(answer.data) == "https://work.weixin.qq.com/u/northeast"
    assert client.get(address.replace("headline=", "headline=" + "长" * 30)).status_code in (200, 422)
    assert console.signed_in("liu").get(address).status_code == 404


def test_a_guide_without_a_code_is_shown_the_artwork_alone(console: Console) -> None:
    answer = console.signed_in("zhou").get(
        f"/console/campaigns/poster.jpg?guide={console.ids['zhoumei']}&design=headline&headline=初雪"
    )
    assert Image.open(BytesIO(answer.data)).size == (750, 1111)
