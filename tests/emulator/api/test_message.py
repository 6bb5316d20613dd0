"""The app's messages: receivers, limits, silent drops, duplicates, what members write back."""

import pytest

SEND = "message/send"


def text(touser="wangfang", content="早上好", **more):
    return {"touser": touser, "msgtype": "text", "agentid": 1000002, "text": {"content": content}} | more


def test_a_message_arrives_and_invalid_users_come_back_lower_cased(world):
    """B11."""
    answer = world.call(SEND, text("WangFang|NoBody|zhaoqian|Gone"))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody|gone")
    assert [row["who"] for row in world.ledger("notice")] == ["wangfang", "zhaoqian"]
    assert "invaliduser" not in world.call(SEND, text("zhaoqian"))


def test_all_invalid_is_81013_and_nobody_named_82001(world):
    assert world.call(SEND, text("nobody|noone"))["errcode"] == 81013
    assert world.call(SEND, text(""))["errcode"] == 82001


def test_everybody_and_departments(world):
    world.call(SEND, text("@all"))
    assert {row["who"] for row in world.ledger("notice")} == {"gaomin", "wangfang", "zhaoqian", "zhoumei"}
    body = text(toparty="22|99")
    del body["touser"]
    assert world.call(SEND, body)["invalidparty"] == "99"
    assert world.ledger("notice")[-1]["who"] == "zhoumei"


def test_too_many_receivers_another_agent_and_a_wrong_type(world):
    assert world.call(SEND, text("|".join(f"u{n}" for n in range(1001))))["errcode"] == 40032
    assert world.call(SEND, text() | {"agentid": 7})["errcode"] == 301002
    assert world.call(SEND, text() | {"agentid": "1000002"})["errcode"] == 40056
    assert world.call(SEND, text() | {"msgtype": "poem"})["errcode"] == 40008
    assert world.call(SEND, text(content=" "))["errcode"] == 44004
    assert world.call(SEND, text() | {"markdown": {"content": "x"}})["errcode"] == 40058


def test_long_text_is_cut_at_2048_bytes_and_long_markdown_refused(world):
    world.call(SEND, text(content="汉" * 1000))
    assert world.ledger("notice")[0]["what"]["text"]["content"] == "汉" * 682
    body = {
        "touser": "wangfang",
        "msgtype": "markdown",
        "agentid": 1000002,
        "markdown": {"content": "汉" * 683},
    }
    assert world.call(SEND, body)["errcode"] == 45002


def test_more_than_30_a_minute_to_one_member_are_silently_dropped(world):
    codes = {
        world.call(SEND, text("wangfang|zhaoqian" if n == 30 else "wangfang", f"第{n}条"))["errcode"]
        for n in range(32)
    }
    assert codes == {0}
    assert len(world.ledger("notice", who="wangfang")) == 30
    assert len(world.ledger("notice", who="zhaoqian")) == 1
    assert [row["what"]["why"] for row in world.ledger("dropped")] == ["rate", "rate"]
    world.advance(60)
    world.call(SEND, text(content="下一分钟"))
    assert len(world.ledger("notice", who="wangfang")) == 31


def test_the_duplicate_check_compares_the_whole_request_within_its_interval(world):
    """B09."""
    body = text(enable_duplicate_check=1, duplicate_check_interval=600)
    first = world.call(SEND, body)
    assert world.call(SEND, body)["msgid"] == first["msgid"]
    assert len(world.ledger("notice")) == 1
    assert world.ledger("dropped")[0]["what"]["why"] == "duplicate"
    world.call(SEND, body | {"text": {"content": "早上好。"}})
    assert len(world.ledger("notice")) == 2
    world.advance(601)
    world.call(SEND, body)
    assert len(world.ledger("notice")) == 3


def test_without_the_check_the_same_message_arrives_twice(world):
    world.call(SEND, text())
    world.call(SEND, text())
    assert len(world.ledger("notice")) == 2


def test_the_interval_is_four_hours_at_most(world):
    assert (
        world.call(SEND, text(enable_duplicate_check=1, duplicate_check_interval=14_401))["errcode"] == 40058
    )


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("textcard", {"title": "t" * 129, "description": "d", "url": "https://a.example"}, 45002),
        ("textcard", {"title": "t", "description": "汉" * 171, "url": "https://a.example"}, 45002),
        ("textcard", {"title": "t", "description": "d", "url": "a.example"}, 45034),
        (
            "textcard",
            {"title": "t", "description": "d", "url": "https://a.example", "btntxt": "五个字太长"},
            40058,
        ),
        ("textcard", {"title": "t", "description": "d", "url": "https://a.example", "btntxt": "去看看吧"}, 0),
        ("textcard", {"description": "d", "url": "https://a.example"}, 41016),
        ("news", {"articles": []}, 45008),
        ("news", {"articles": [{"title": "t", "url": "https://a.example"}] * 9}, 45008),
        ("news", {"articles": [{"title": "t", "url": "https://a.example"}] * 8}, 0),
        ("news", {"articles": [{"title": "t", "description": "d" * 513}]}, 40058),
        ("image", {"media_id": "none"}, 40007),
        ("video", {"media_id": "none", "title": "t" * 129}, 40058),
    ],
)
def test_each_kind_of_message_has_its_own_limits_in_bytes(world, kind, content, errcode):
    assert (
        world.call(SEND, {"touser": "wangfang", "msgtype": kind, "agentid": 1000002, kind: content})[
            "errcode"
        ]
        == errcode
    )


def test_writing_to_the_app(world, receiver):
    receiver.reply = lambda taken: (
        200,
        "<xml><MsgType>text</MsgType><Content><![CDATA[收到]]></Content></xml>",
    )
    msgid = world.tell_app("wangfang", "今日任务 ]]> 呢", wait=True)["msgid"]
    event = receiver.wait(1, name="text")[0].event
    assert (event["FromUserName"], event["Content"], event["MsgId"]) == ("wangfang", "今日任务 ]]> 呢", msgid)
    assert not msgid.isdigit()
    assert world.ledger("notice")[0]["what"]["text"] == {"content": "收到"}


def test_recalling_takes_a_message_off_the_phone_within_24_hours(world):
    msgid = world.call(SEND, text())["msgid"]
    assert world.call("message/recall", {"msgid": msgid})["errcode"] == 0
    assert world.get("/phone/guide/wangfang")["chat"] == []
    old = world.call(SEND, text(content="旧"))["msgid"]
    world.advance(86_401)
    assert world.call("message/recall", {"msgid": old})["errcode"] == 42052
