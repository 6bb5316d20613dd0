"""A tap on a phone is an act: the platform carries it out, tells our callback, or says why not."""

from playwright.sync_api import expect

from tests.cast import LIN, XU
from tests.emulator.conftest import Receiver
from tests.emulator.phones.conftest import Watched
from tests.emulator.phones.messages import make_task, send_card


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


def test_customers_receive_only_after_the_one_tap_in_the_mass_assistant(phone: Watched):
    make_task(phone.world, XU, LIN)
    page = phone.open("/phones/guide/wangfang/mass-assistant")
    assert phone.world.ledger("mass") == []
    page.get_by_role("button", name="发送给 2 位客户").click()
    expect(page.get_by_text("已发送")).to_be_visible()
    expect(page.get_by_role("button", name="发送给")).to_have_count(0)
    assert {row["who"] for row in phone.world.ledger("mass")} == {XU, LIN}


def test_a_refused_tap_says_why(phone: Watched):
    msgid = make_task(phone.world, XU)
    page = phone.open("/phones/guide/wangfang/mass-assistant")
    # it looks no more
    page.evaluate("document.hidden || Object.defineProperty(document, 'hidden', {value: true})")
    phone.world.confirm("wangfang", msgid)
    page.locator("button.send").click()
    expect(page.locator("#toast")).to_have_text("这个任务已经发送过了")


def test_deleting_the_guide_is_told_to_us(phone: Watched, receiver: Receiver):
    page = phone.open(f"/phones/customer/{XU}?with=wangfang")
    page.get_by_label("更多").click()
    page.get_by_role("button", name="删除好友王芳").click()
    event = receiver.wait(name="change_external_contact.del_follow_user")[0].event
    assert (event["UserID"], event["ExternalUserID"]) == ("wangfang", XU)
    expect(page.get_by_text("你已把王芳从好友里删除")).to_be_visible()


def test_a_customer_of_a_leaver_reads_that_she_left_and_not_that_anybody_deleted_her(phone: Watched):
    phone.world.leave("wangfang")
    page = phone.open(f"/phones/customer/{XU}?with=wangfang")
    expect(page.get_by_text("王芳已离开公司，公司会安排同事接着为你服务")).to_be_visible()
    expect(page.get_by_text("从好友里删除")).to_have_count(0)
