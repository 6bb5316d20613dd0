"""Limits count as the platform counts, and say what to do."""

import pytest

from wecom.limits import CHANNELS, measure, violations


def words(channel, fields):
    return [one.words for one in violations(channel, fields)]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [("abc", "bytes", 3), ("汉字", "bytes", 6), ("😀", "bytes", 4), ("😀汉a", "characters", 3), (None, "bytes", 0),
     ("", "characters", 0), (["a", "b"], "count", 2), ((), "count", 0), (b"12345", "size", 5), (7, "size", 7),
     ("\ud83d", "bytes", 1)],
)  # fmt: skip
def test_a_value_is_as_long_as_the_platform_finds_it(value, unit, expected):
    assert measure(value, unit) == expected


def test_a_long_text_is_told_in_bytes_and_in_characters_to_delete():
    text = "汉" * 1373 + "a"
    assert words("mass", {"text": text}) == ["正文 4,120 字节，平台上限 4,000 字节，请删去 41 个汉字左右"]
    assert words("mass", {"text": "汉" * 1400}) == [
        "正文 4,200 字节，平台上限 4,000 字节，请删去 67 个汉字左右"
    ]
    assert words("robot_markdown", {"text": "a" * 4100}) == [
        "正文 4,100 字节，平台上限 4,096 字节，请删去 4 个字符左右"
    ]


@pytest.mark.parametrize("channel", ["welcome", "mass", "notice_text", "robot_text", "robot_markdown"])
def test_a_text_at_the_limit_passes_and_one_byte_more_does_not(channel):
    most = next(limit.most for limit in CHANNELS[channel].limits if limit.field == "text")
    assert violations(channel, {"text": "a" * most}) == []
    (found,) = violations(channel, {"text": "a" * (most + 1)})
    assert (found.field, found.limit, found.unit, found.actual) == ("text", most, "bytes", most + 1)
    chinese = "汉" * (most // 3)
    assert violations(channel, {"text": chinese}) == []
    assert violations(channel, {"text": chinese + "汉"})


def test_what_is_promised_is_enough():
    """Deleting what the words ask for makes the text fit."""
    for text in ("汉" * 1500, "a" * 4500, "汉a" * 1100, "😀" * 1100):
        (found,) = violations("mass", {"text": text})
        number = int("".join(c for c in found.words.split("请删去")[1] if c.isdigit()))
        assert violations("mass", {"text": text[:-number]}) == []
        assert violations("mass", {"text": text[: len(text) - number + 1]})


@pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": None, "attachments": []}])
def test_text_and_attachments_must_not_both_be_empty(fields):
    assert words("welcome", fields) == ["正文和附件不能都空着"]
    assert violations("welcome", {"attachments": [{"msgtype": "image", "image": {"media_id": "m"}}]}) == []


def test_attachments_are_counted():
    assert words("mass", {"attachments": [{"msgtype": "file"}] * 10}) == [
        "附件 10 个，平台上限 9 个，请删去 1 个"
    ]


def card(**changes):
    return {
        "title": "今日转发",
        "task_id": "t8812-0101@1",
        "buttons": [{"text": "去转发", "key": "go"}],
        **changes,
    }


def test_a_good_card_passes():
    assert violations("card", card(rows=[{"keyname": "门店", "value": "杭州银泰"}])) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"title": "题" * 37}, "title"), ({"title": ""}, "title"), ({"desc": "述" * 45}, "desc"),
     ({"buttons": []}, "buttons"),
     ({"buttons": [{"text": "x"}] * 7}, "buttons"), ({"buttons": [{"text": "好"}, {"text": "钮" * 11}]}, "buttons.1.text"),
     ({"buttons": [{"text": ""}]}, "buttons.0.text"), ({"buttons": [{"text": "x", "key": "k" * 1025}]}, "buttons.0.key"),
     ({"rows": [{"keyname": "太长的行标题", "value": "x"}]}, "rows.0.keyname"), ({"task_id": "任务"}, "task_id"),
     ({"task_id": "a b"}, "task_id"), ({"task_id": "a" * 129}, "task_id")],
)  # fmt: skip
def test_a_cards_fields_have_their_own_limits(change, field):
    assert [one.field for one in violations("card", card(**change))] == [field]


def test_a_card_counts_characters_where_texts_count_bytes():
    assert words("card", card(title="题" * 39)) == ["卡片标题 39 个字，平台上限 36 个字，请删去 3 个字"]


def test_a_task_id_is_told_which_characters_it_may_use():
    assert words("card", card(task_id="任务1")) == ["任务编号只能用数字、字母和 _ - @"]


def test_pictures_have_a_size():
    assert violations("picture", {"picture": b"x" * 1000}) == []
    assert words("picture", {"picture": 12_900_000}) == ["图片 12.3 MB，平台上限 10 MB，请换小一些的"]
    assert words("picture", {"picture": b"12345"}) == ["图片只有 5 字节，平台要求至少 6 字节"]
    assert words("picture", {}) == ["图片不能空着"]


def test_a_contact_way_counts_characters_and_people():
    assert violations("contact_way", {"state": "汉" * 30, "remark": "字" * 30, "user": ["u"] * 100}) == []
    found = violations("contact_way", {"state": "s" * 31, "remark": "r" * 31, "user": ["u"] * 101})
    assert [(one.field, one.limit) for one in found] == [("remark", 30), ("state", 30), ("user", 100)]


def test_a_field_or_channel_without_limits_is_a_bug():
    with pytest.raises(KeyError, match="content"):
        violations("mass", {"content": "typo"})
    with pytest.raises(KeyError):
        violations("pigeon", {})
