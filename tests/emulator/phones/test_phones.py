"""The phones in a real browser: every tap goes to the built-in WeCom, and what they show is what its book says."""

import io

import pytest
import requests
import segno
from playwright.sync_api import expect

from tests.cast import CHEN, LIN, SHOP_CHAT, XU
from tests.emulator.conftest import Receiver
from tests.emulator.phones.conftest import Watched
from tests.wecom_world import World

PAGES = (
    "/phones/",
    "/phones/guide/wangfang",
    "/phones/guide/wangfang/helper",
    "/phones/guide/wangfang/friends",
    f"/phones/customer/{XU}",
    f"/phones/customer/{XU}/moments",
    f"/phones/group/{SHOP_CHAT}?as=wangfang",
)
CARD = {
    "card_type": "button_interaction",
    "task_id": "card-1",
    "main_title": {"title": "初雪雪地靴", "desc": "18:00 前发送"},
    "horizontal_content_list": [{"keyname": "未打开", "value": "87 位客户"}],
    "jump_list": [{"type": 1, "title": "打开任务", "url": "http://127.0.0.1:8000/g/tasks/abc?x=1"}],
    "button_list": [
        {"text": "看到了", "style": 1, "key": "open:abc"},
        {"text": "我已发", "style": 2, "key": "said:abc"},
    ],
}


def code_picture(payload: str) -> bytes:
    made = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(made, kind="png", scale=8, border=4)
    return made.getvalue()


def upload(world: World, picture: bytes) -> str:
    query = {"access_token": world.token(), "type": "image"}
    files = {"media": ("poster.png", picture, "image/png")}
    return requests.post(world.api_url + "media/upload", params=query, files=files, timeout=20).json()[
        "media_id"
    ]


def send_card(world: World) -> dict:
    body = {"touser": "wangfang", "msgtype": "template_card", "agentid": 1000002, "template_card": CARD}
    answer = world.call("message/send", body)
    assert answer["errcode"] == 0, answer
    return answer


def make_task(world: World, *customers: str, picture: bytes = b"") -> str:
    media = [{"msgtype": "image", "image": {"media_id": upload(world, picture)}}] if picture else []
    body = {
        "sender": "wangfang",
        "external_userid": list(customers),
        "text": {"content": "今晚有雪"},
        "attachments": media,
    }
    answer = world.call(
        "externalcontact/add_msg_template",
        body if media else {k: v for k, v in body.items() if k != "attachments"},
    )
    assert answer["errcode"] == 0, answer
    return answer["msgid"]


def code_of(world: World, *users: str) -> str:
    kind = {"type": 1 if len(users) == 1 else 2, "scene": 2, "user": list(users), "state": "poster-1"}
    config_id = world.call("externalcontact/add_contact_way", kind)["config_id"]
    return next(row["payload"] for row in world.state()["contact_ways"] if row["config_id"] == config_id)


# ---- every page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_strict_and_allows_only_the_apps_frame(world: World, receiver: Receiver, path: str):
    answer = requests.get(world.url + path, timeout=20)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200 and 'lang="zh-CN"' in answer.text
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"frame-ancestors 'self' {receiver.base}" in policy
    assert "style=" not in answer.text and "onclick" not in answer.text and "<script>" not in answer.text


def test_the_browser_complains_about_nothing_on_any_page(phone: Watched):
    send_card(phone.world)
    make_task(phone.world, XU, picture=code_picture("https://example.invalid/x"))
    for path in PAGES:
        page = phone.open(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert phone.complaints == []


def test_news_come_by_themselves_and_without_news_nothing_is_sent_again(world: World):
    address = f"{world.url}/phones/guide/wangfang?part"
    first = requests.get(address, timeout=20)
    assert "<html" not in first.text and first.headers["ETag"]
    same = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=20)
    assert same.status_code == 304 and not same.content
    send_card(world)
    assert (
        requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=20).status_code == 200
    )


def test_without_script_a_page_shows_the_state_and_a_way_to_refresh(world: World):
    send_card(world)
    text = requests.get(f"{world.url}/phones/guide/wangfang", timeout=20).text
    assert "初雪雪地靴" in text and "<noscript>" in text and "刷新" in text


def test_a_name_finds_people_and_a_strange_one_nobody(world: World):
    assert "陈可欣" in requests.get(f"{world.url}/phones/?q=可欣", timeout=20).text
    assert "没有叫这个名字的导购" in requests.get(f"{world.url}/phones/?q=张三丰", timeout=20).text
    gone = requests.get(f"{world.url}/phones/guide/nobody", timeout=20)
    assert gone.status_code == 404 and "没有这位成员" in gone.text


def test_another_site_cannot_press_the_camera(world: World):
    answer = requests.post(
        f"{world.url}/phones/customer/{XU}/picture",
        json={"media_id": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=20,
    )
    assert answer.status_code == 403


# ---- the guide's phone


def test_a_cards_button_reaches_our_callback(phone: Watched, receiver: Receiver):
    send_card(phone.world)
    page = phone.open("/phones/guide/wangfang")
    page.get_by_role("button", name="我已发").click()
    taken = receiver.wait(name="template_card_event")[0]
    assert (taken.event["TaskId"], taken.event["EventKey"], taken.event["FromUserName"]) == (
        "card-1",
        "said:abc",
        "wangfang",
    )


def test_a_card_that_was_answered_is_shown_grey_with_its_word(phone: Watched):
    code = send_card(phone.world)["response_code"]
    page = phone.open("/phones/guide/wangfang")
    update = {
        "atall": 1,
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已打开 14:31"},
    }
    assert phone.world.call("message/update_template_card", update)["errcode"] == 0
    expect(page.get_by_text("已打开 14:31")).to_be_visible()
    expect(page.get_by_role("button", name="我已发")).to_have_count(0)


def test_a_link_opens_our_page_in_the_same_frame_as_this_member(world: World):
    send_card(world)
    text = requests.get(f"{world.url}/phones/guide/wangfang", timeout=20).text
    path = "/phones/guide/wangfang/open?url=http%3A%2F%2F127.0.0.1%3A8000%2Fg%2Ftasks%2Fabc%3Fx%3D1"
    assert f'href="{path}"' in text
    answer = requests.get(world.url + path, allow_redirects=False, timeout=20)
    assert answer.headers["Location"] == "http://127.0.0.1:8000/g/tasks/abc?x=1"
    assert "onetap_wecom_member=wangfang" in answer.headers["Set-Cookie"]


def test_customers_receive_only_after_the_one_tap_in_the_helper(phone: Watched):
    make_task(phone.world, XU, LIN)
    page = phone.open("/phones/guide/wangfang/helper")
    assert phone.world.ledger("mass") == []
    page.get_by_role("button", name="发送给 2 位客户").click()
    expect(page.get_by_text("已发送")).to_be_visible()
    expect(page.get_by_role("button", name="发送给")).to_have_count(0)
    assert {row["who"] for row in phone.world.ledger("mass")} == {XU, LIN}


def test_a_task_that_was_cancelled_has_no_button(phone: Watched):
    msgid = make_task(phone.world, XU)
    page = phone.open("/phones/guide/wangfang/helper")
    phone.world.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})
    expect(page.get_by_text("企业已取消，没有发送")).to_be_visible()
    expect(page.locator("button.send")).to_have_count(0)


def test_a_refused_tap_says_why(phone: Watched):
    msgid = make_task(phone.world, XU)
    page = phone.open("/phones/guide/wangfang/helper")
    page.evaluate(
        "document.hidden || Object.defineProperty(document, 'hidden', {value: true})"
    )  # it looks no more
    phone.world.confirm("wangfang", msgid)
    page.locator("button.send").click()
    expect(page.locator("#toast")).to_have_text("这个任务已经发送过了")


# ---- the customer's phone


def test_a_customer_sees_text_and_picture_that_she_received(phone: Watched):
    msgid = make_task(phone.world, XU, picture=code_picture("https://example.invalid/x"))
    page = phone.open(f"/phones/customer/{XU}?with=wangfang")
    expect(page.get_by_text("今晚有雪")).to_have_count(0)
    phone.world.confirm("wangfang", msgid)
    expect(page.get_by_text("今晚有雪")).to_be_visible()
    picture = page.get_by_alt_text("收到的图片")
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.picture img').naturalWidth > 100")


def test_a_scan_of_a_poster_that_others_received_makes_a_friend(phone: Watched, receiver: Receiver):
    payload = code_of(phone.world, "wangfang")
    phone.world.confirm("wangfang", make_task(phone.world, LIN, picture=code_picture(payload)))
    page = phone.open(f"/phones/customer/{CHEN}")
    page.get_by_role("link", name="扫一扫").click()
    page.get_by_role("button", name="朋友给她看，王芳的").click()
    expect(page.get_by_role("heading", name="王芳 @霁野")).to_be_visible()
    expect(page.get_by_text("你已添加了王芳")).to_be_visible()
    event = receiver.wait(name="change_external_contact.add_external_contact")[0].event
    assert (event["UserID"], event["ExternalUserID"], event["State"]) == ("wangfang", CHEN, "poster-1")


def test_a_pasted_payload_is_scanned_and_a_wrong_one_is_refused(phone: Watched):
    payload = code_of(phone.world, "zhoumei")
    page = phone.open(f"/phones/customer/{LIN}#scan")
    page.get_by_label("或者贴上码里的内容").fill("https://example.invalid/none")
    page.get_by_role("button", name="扫", exact=True).click()
    expect(page.locator("#toast")).to_have_text("这个码不存在或已失效")
    page.get_by_label("或者贴上码里的内容").fill(payload)
    page.get_by_role("button", name="扫", exact=True).click()
    expect(page.get_by_role("heading", name="周梅 @霁野")).to_be_visible()


def test_a_picture_without_a_code_is_not_guessed(world: World):
    blank = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (200, 200), "white").save(blank, "PNG")
    media_id = upload(world, blank.getvalue())
    answer = requests.post(
        f"{world.url}/phones/customer/{XU}/picture", json={"media_id": media_id}, timeout=20
    )
    assert answer.status_code == 409 and answer.json()["error"] == "这张图里没有读出二维码"
    assert (
        requests.post(
            f"{world.url}/phones/customer/{XU}/picture", json={"media_id": "none"}, timeout=20
        ).status_code
        == 404
    )


def test_a_welcome_stands_in_the_chat_with_its_seconds(phone: Watched):
    payload = code_of(phone.world, "zhoumei")
    page = phone.open(f"/phones/customer/{LIN}?with=zhoumei")
    code = phone.world.scan(LIN, payload)["welcome_code"]
    phone.world.call(
        "externalcontact/send_welcome_msg", {"welcome_code": code, "text": {"content": "您好，我是周梅"}}
    )
    page = phone.open(f"/phones/customer/{LIN}?with=zhoumei")
    expect(page.get_by_text("您好，我是周梅")).to_be_visible()
    expect(page.get_by_text("秒后收到")).to_be_visible()


def test_deleting_the_guide_is_told_to_us(phone: Watched, receiver: Receiver):
    page = phone.open(f"/phones/customer/{XU}?with=wangfang")
    page.get_by_label("更多").click()
    page.get_by_role("button", name="删除好友王芳").click()
    event = receiver.wait(name="change_external_contact.del_follow_user")[0].event
    assert (event["UserID"], event["ExternalUserID"]) == ("wangfang", XU)
    expect(page.get_by_text("你已把王芳从好友里删除")).to_be_visible()


def test_moments_are_honestly_empty(world: World):
    assert "还没有朋友圈内容" in requests.get(f"{world.url}/phones/customer/{XU}/moments", timeout=20).text


# ---- the group


def test_what_is_said_stands_in_the_group_and_only_a_mention_calls_the_robot(
    phone: Watched, receiver: Receiver
):
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    page.get_by_label("说点什么").fill("大家早")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".me .text")).to_have_text("大家早")
    page.get_by_role("button", name="@小霁 今日任务").click()
    asked = receiver.wait(name="text")
    assert [one.event["text"]["content"] for one in asked] == ["@小霁 今日任务"]
    assert asked[0].event["from"]["userid"] == "wangfang"


def test_the_robots_answer_is_shown_as_a_card(phone: Watched, receiver: Receiver):
    import json

    card = {
        "card_type": "text_notice",
        "main_title": {"title": "王芳，还有 1 件事"},
        "card_action": {"type": 1, "url": "http://127.0.0.1:8000/g/"},
        "jump_list": [{"type": 1, "title": "打开今日", "url": "http://127.0.0.1:8000/g/"}],
    }
    receiver.reply = lambda taken: (200, json.dumps({"msgtype": "template_card", "template_card": card}))
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    page.get_by_role("button", name="@小霁 今日任务").click()
    expect(page.get_by_role("heading", name="王芳，还有 1 件事")).to_be_visible()
    expect(page.get_by_role("link", name="打开今日")).to_have_attribute(
        "href", "/phones/guide/wangfang/open?url=http%3A%2F%2F127.0.0.1%3A8000%2Fg%2F"
    )


def test_an_announcement_names_its_robot(phone: Watched):
    phone.world.webhook({"msgtype": "markdown", "markdown": {"content": "**雪地靴** 今天开卖<script>"}})
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    expect(page.locator(".them .text")).to_have_text("雪地靴 今天开卖<script>")
    expect(page.locator(".who")).to_contain_text("总部播报 机器人")
    assert phone.complaints == []


def test_the_reader_keeps_her_place_when_news_come(phone: Watched):
    for number in range(30):
        phone.world.say(SHOP_CHAT, "gaomin", f"第 {number} 句")
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    page.wait_for_function(
        "() => { const it = document.getElementById('live'); return it.scrollTop > 200 }"
    )  # it begins at the end
    page.evaluate("document.getElementById('live').scrollTop = 40")
    phone.world.say(SHOP_CHAT, "gaomin", "新的一句")
    expect(page.get_by_text("新的一句")).to_have_count(1)
    assert page.evaluate("document.getElementById('live').scrollTop") == 40
