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
