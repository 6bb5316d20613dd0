"""What a phone can scan."""

import io

import requests
from playwright.sync_api import expect

from tests.cast import CHEN, LIN, XU
from tests.emulator.conftest import Receiver
from tests.emulator.phones.conftest import Watched
from tests.emulator.phones.messages import code_of, code_picture, make_task, upload
from tests.wecom_world import World


def test_another_site_cannot_press_the_camera(world: World):
    answer = requests.post(
        f"{world.url}/phones/customer/{XU}/picture",
        json={"media_id": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=20,
    )
    assert answer.status_code == 403


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
