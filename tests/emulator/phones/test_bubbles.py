"""What a chat shows of what arrived."""

from playwright.sync_api import expect

from tests.cast import LIN, SHOP_CHAT, XU
from tests.emulator.conftest import Receiver
from tests.emulator.phones.conftest import Watched
from tests.emulator.phones.messages import code_of, code_picture, make_task, send_card


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


def test_a_customer_sees_text_and_picture_that_she_received(phone: Watched):
    msgid = make_task(phone.world, XU, picture=code_picture("https://example.invalid/x"))
    page = phone.open(f"/phones/customer/{XU}?with=wangfang")
    expect(page.get_by_text("今晚有雪")).to_have_count(0)
    phone.world.confirm("wangfang", msgid)
    expect(page.get_by_text("今晚有雪")).to_be_visible()
    picture = page.get_by_alt_text("收到的图片")
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.picture img').naturalWidth > 100")


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


def test_a_picture_and_a_file_are_sent_to_the_robot_by_hand_and_stand_in_the_chat(
    phone: Watched, receiver: Receiver
):
    receiver.reply = lambda taken: (
        200,
        '{"msgtype": "stream", "stream": {"id": "s1", "finish": true, "content": "我只看得懂文字"}}',
    )
    page = phone.open("/phones/guide/wangfang")
    page.get_by_label("对机器人小霁说").click()
    page.get_by_role("button", name="发一张图片").click()
    page.wait_for_function("() => document.querySelector('.me .picture img')?.naturalWidth > 100")
    expect(page.get_by_text("我只看得懂文字")).to_be_visible()
    page.get_by_label("对机器人小霁说").click()
    phone.world.post("/phone/guide/wangfang/robot", {"text": "帮助"})
    expect(page.get_by_text("帮助", exact=True)).to_have_count(2)  # the news leaves the menu open
    page.get_by_role("button", name="发一个文件").click()
    expect(page.get_by_text("[文件] 排班表.csv")).to_be_visible()
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    page.get_by_role("button", name="@小霁 和一张图片").click()
    expect(page.locator(".me .picture img")).to_be_visible()
    assert [one.event["msgtype"] for one in receiver.wait(4)] == ["image", "text", "file", "mixed"]
    assert phone.complaints == []
