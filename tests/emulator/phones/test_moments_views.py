"""The pages of Moments: what waits for a guide, what stands on a customer's phone, and the compose view over a page."""

import json

import pytest
import requests
from playwright.sync_api import expect

from tests.cast import WANG, XU
from tests.emulator.api.test_moments import made, picture, senders
from tests.emulator.phones.conftest import Watched
from tests.emulator.test_jssdk import signature
from tests.wecom_world import World

SHARING = """<!doctype html><meta charset=utf-8><title>task</title><script src="%s/jssdk.js"></script>
<button>share</button><output></output><script>
ww.register({corpId: "x", agentId: 1000002, jsApiList: ["shareToExternalMoments"],
  getAgentConfigSignature: function (url) { return fetch("/sign").then(function (r) { return r.json(); }); }});
document.querySelector("button").onclick = function () {
  ww.shareToExternalMoments({text: {content: "小雪到了"}}).then(tell, tell);
};
function tell(result) { document.querySelector("output").append(result.errMsg + ";"); }
</script>"""


def text_of(world: World, path: str) -> str:
    return requests.get(world.url + path, timeout=20).text


def test_she_sees_what_waits_and_a_customer_only_what_was_published(world: World):
    assert "没有等你发表的" in text_of(world, f"/phones/guide/{WANG}/moments")
    moment_id = made(world, attachments=[picture(world)] * 3, **senders(WANG))["moment_id"]
    page = text_of(world, f"/phones/guide/{WANG}/moments")
    assert "小雪到了" in page and 'class="grid of-3"' in page and "发表" in page
    assert "还没有朋友圈内容" in text_of(world, f"/phones/customer/{XU}/moments")
    world.post(f"/phone/guide/{WANG}/publish", {"moment_id": moment_id})
    world.post(f"/phone/customer/{XU}/react", {"moment_id": moment_id, "userid": WANG, "words": "有 37 码吗"})
    assert "已发表" in (again := text_of(world, f"/phones/guide/{WANG}/moments")) and "有 37 码吗" in again
    assert "小雪到了" in (shown := text_of(world, f"/phones/customer/{XU}/moments")) and "王芳" in shown


def test_a_finished_share_has_no_compose_view(world: World):
    assert requests.get(f"{world.url}/phones/guide/{WANG}/share/none", timeout=20).status_code == 404


@pytest.mark.browser
def test_a_share_lies_over_the_page_and_tells_it_how_it_ended(phone: Watched, receiver):
    address = f"{receiver.base}/g/t/1"
    signed = {"timestamp": 1767225600, "nonceStr": "n1", "signature": signature(phone.world, address)}
    receiver.pages |= {
        "/sign": json.dumps(signed),
        "/favicon.ico": " ",
        "/g/t/1": SHARING % phone.world.url,
    }
    page = phone.open(f"/phones/guide/{WANG}/open?url={address}")
    said = page.locator("output")
    for button, ending in (("取消", "cancel"), ("发表", "ok")):
        page.click("text=share")
        page.frame_locator("iframe").get_by_role("button", name=button).click()
        expect(said).to_contain_text(f"shareToExternalMoments:{ending};")
        expect(page.locator("iframe")).to_have_count(0)
    phone.world.post(f"/phone/guide/{WANG}/client", {"client": "computer"})
    page.click("text=share")
    expect(said).to_contain_text("shareToExternalMoments:fail not supported;")
    assert len(phone.world.ledger("moment")) == 2
    assert phone.complaints == []
