"""What came in is readable, and its secrets are not."""

import pytest

from pages.web import redaction


def test_json_of_the_robot_is_indented_and_its_address_hidden() -> None:
    shown = redaction.readable(
        '{"msgid": "1", "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=SECRET-SECRET-SECRET",'
        ' "text": {"content": "@小霁 今日任务"}}'
    )
    assert "SECRET-SECRET" not in shown
    assert '"content": "@小霁 今日任务"' in shown


def test_keys_inside_addresses_are_hidden_and_long_lists_shortened() -> None:
    shown = redaction.pretty(
        {
            "url": "https://x/send?key=abcdefgh-1234-5678-90ab",
            "external_userid": [f"wm{n}" for n in range(500)],
        }
    )
    assert "1234-5678" not in shown
    assert "共 500 个" in shown
    assert "wm499" not in shown


@pytest.mark.parametrize("body", ["", "{not json", "plain words", "<xml>", "[1, 2]"])
def test_a_body_of_any_shape_is_shown(body: str) -> None:
    assert redaction.readable(body) is not None
    assert redaction.gist(body) is not None


@pytest.mark.parametrize(
    "body",
    [
        "<xml><Event><![CDATA[text]]></Event><Content><![CDATA[我家住]]>\n</Content></xml>",
        "<xml><Event>text</Event><content>我家住</content></xml>",
        "<xml><Event>text</Event><Content><![CDATA[<b>我家住</b> </Content>]]></Content></xml>",
        "<xml><Event>text</Event><Label k='1'>我家住</Label><Title/></xml>",
        "<xml><Event>text</Event><Content>我家住",
        "<xml><Event>text</Event><Content>a<Content>我家住</Content>b</Content></xml>",
        '{"event": "text", "text": {"content": "我家住"}, "quote": {"text": {"content": "我家住"}}}',
        '{"event": "text", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "我家住"}}]}}',
        '[{"event": "text", "text": "我家住"}]',
        '{"event": "text", "text": {"content": "我家住"',
        "我家住",
    ],
)
def test_what_somebody_wrote_is_masked_whatever_its_shape(body: str) -> None:
    shown = redaction.masked(body)
    assert "我家住" not in shown and redaction.MASK in shown
    assert "我家住" not in redaction.gist(shown)


@pytest.mark.parametrize(
    "body",
    [
        "<xml><Event><![CDATA[subscribe]]></Event><Title/></xml>",
        '{"text": {"content": "签到"}, "from": {"userid": "wangfang"}}',
        "<xml><Content><![CDATA[签到]]></Content></xml>",
        '{"msgid":   "1"}',
        "",
    ],
)
def test_what_nobody_wrote_and_the_words_of_commands_stay(body: str) -> None:
    assert redaction.masked(body, {"签到"}) == body
