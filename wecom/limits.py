"""What each channel takes, as data: pages count with it, channels check with it, tests read it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["bytes", "characters", "count", "size", "seconds"]
MB = 1024 * 1024
FRESH_SECONDS = 300
"""A callback whose time is further from ours than this is refused, unless HQ chose otherwise: it may be a replay."""
UNIT_WORDS: dict[Unit, str] = {
    "bytes": "字节", "characters": "个字", "count": "个", "size": "字节", "seconds": "秒"
}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """One field. `buttons[].text` is the field `text` of every row of `buttons`."""

    field: str
    label: str
    unit: Unit
    most: int
    least: int = 0
    required: bool = False
    pattern: str = ""
    pattern_words: str = ""


@dataclass(frozen=True)
class ChannelLimits:
    """A way out: its fields, and the fields of which at least one must be filled."""

    label: str
    limits: tuple[Limit, ...]
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """One field that the platform would refuse, in words that say what to do."""

    field: str
    limit: int
    unit: Unit
    actual: int
    words: str


def _text(most: int, unit: Unit = "bytes", required: bool = False, label: str = "正文") -> Limit:
    return Limit("text", label, unit, most, required=required)


_ATTACHMENTS = Limit("attachments", "附件", "count", 9)
_LINK = (
    Limit("title", "链接标题", "bytes", 128, required=True),
    Limit("desc", "链接说明", "bytes", 512),
    Limit("url", "链接地址", "bytes", 2048, required=True),
    Limit("picurl", "链接封面地址", "bytes", 2048),
)
_MINIPROGRAM = (
    Limit("title", "小程序标题", "bytes", 64, required=True),
    Limit("pic_media_id", "小程序封面", "bytes", 512, required=True),
    Limit("appid", "小程序编号", "bytes", 64, required=True),
    Limit("page", "小程序页面", "bytes", 2048, required=True),
)
_CARD = (
    Limit("title", "卡片标题", "characters", 36, required=True),
    Limit("desc", "卡片副标题", "characters", 44),
    Limit("sub_title", "卡片正文", "characters", 160),
    Limit("source", "卡片来源", "characters", 20),
    Limit("quote_title", "引用标题", "characters", 36),
    Limit("quote_text", "引用文字", "characters", 160),
    Limit("rows", "卡片行", "count", 6),
    Limit("rows[].keyname", "行标题", "characters", 5, required=True),
    Limit("rows[].value", "行内容", "characters", 30),
    Limit("buttons", "按钮", "count", 6, least=1, required=True),
    Limit("buttons[].text", "按钮文字", "characters", 10, required=True),
    Limit("buttons[].key", "按钮编号", "bytes", 1024),
    Limit("buttons[].url", "按钮地址", "bytes", 2048),
    Limit(
        "task_id", "任务编号", "bytes", 128, required=True,
        pattern=r"[0-9A-Za-z_\-@]+", pattern_words="只能用数字、字母和 _ - @",
    ),
    Limit("touser", "接收人", "count", 1000),
)  # fmt: skip

CHANNELS: dict[str, ChannelLimits] = {
    "welcome": ChannelLimits("欢迎语", (_text(4000), _ATTACHMENTS), ("text", "attachments")),
    "mass": ChannelLimits(
        "群发",
        (
            _text(4000),
            _ATTACHMENTS,
            Limit("external_userid", "客户", "count", 10_000),
        ),
        ("text", "attachments"),
    ),
    "group_mass": ChannelLimits(
        "客户群群发",
        (
            _text(4000),
            _ATTACHMENTS,
            Limit("chat_id_list", "客户群", "count", 2000),
            Limit("sender", "群主", "bytes", 64, required=True),
        ),
        ("text", "attachments"),
    ),
    "moment": ChannelLimits(
        "朋友圈",
        (
            _text(2000, "characters"),
            _ATTACHMENTS,
            Limit("user_list", "导购", "count", 100_000),
        ),
        ("text", "attachments"),
    ),
    "moment_link": ChannelLimits(
        "朋友圈链接",
        (
            Limit("title", "链接标题", "bytes", 64),
            Limit("url", "链接地址", "bytes", 2048, required=True),
            Limit("media_id", "链接封面", "bytes", 512, required=True),
        ),
    ),
    "notice_text": ChannelLimits(
        "应用消息", (_text(2048, required=True), Limit("touser", "接收人", "count", 1000))
    ),
    "notice_markdown": ChannelLimits("应用消息", (_text(2048, required=True),)),
    "notice_textcard": ChannelLimits(
        "应用文字卡片",
        (
            Limit("title", "标题", "bytes", 128, required=True),
            Limit("description", "说明", "bytes", 512, required=True),
            Limit("url", "地址", "bytes", 2048, required=True),
            Limit("btntxt", "按钮文字", "characters", 4),
        ),
    ),
    "card": ChannelLimits("卡片", _CARD),
    "card_button": ChannelLimits(
        "卡片按钮", (Limit("replace_name", "按钮文字", "characters", 10, required=True),)
    ),
    "robot_text": ChannelLimits("机器人文字", (_text(2048, required=True),)),
    "robot_markdown": ChannelLimits("机器人公告", (_text(4096, required=True),)),
    "robot_image": ChannelLimits(
        "机器人图片", (Limit("picture", "图片", "size", 2 * MB, least=1, required=True),)
    ),
    "robot_stream": ChannelLimits("机器人回答", (_text(20_480),)),
    "contact_way": ChannelLimits(
        "渠道码",
        (
            Limit("remark", "备注", "characters", 30),
            Limit("state", "渠道参数", "characters", 30),
            Limit("user", "员工", "count", 100, least=1, required=True),
        ),
    ),
    "join_way": ChannelLimits(
        "群活码",
        (
            Limit("remark", "备注", "characters", 30),
            Limit("state", "渠道参数", "characters", 30),
            Limit("room_base_name", "群名前缀", "characters", 40),
            Limit("chat_id_list", "群", "count", 5, least=1, required=True),
        ),
    ),
    "link": ChannelLimits("链接", _LINK),
    "miniprogram": ChannelLimits("小程序", _MINIPROGRAM),
    "tag": ChannelLimits(
        "标签", (Limit("name", "标签名", "characters", 30), Limit("group_name", "标签组名", "characters", 30))
    ),
    "remark": ChannelLimits(
        "客户备注",
        (Limit("remark", "备注", "characters", 20), Limit("description", "描述", "characters", 150)),
    ),
    "transfer": ChannelLimits(
        "客户交接",
        (
            Limit("external_userid", "客户", "count", 100, least=1, required=True),
            Limit("transfer_success_msg", "交接提示", "characters", 200),
        ),
    ),
    "picture": ChannelLimits(
        "图片上传", (Limit("picture", "图片", "size", 10 * MB, least=6, required=True),)
    ),
    "video": ChannelLimits("视频上传", (Limit("video", "视频", "size", 10 * MB, least=6, required=True),)),
    "voice": ChannelLimits("语音上传", (Limit("voice", "语音", "size", 2 * MB, least=6, required=True),)),
    "file": ChannelLimits("文件上传", (Limit("file", "文件", "size", 20 * MB, least=6, required=True),)),
}


def measure(value: object, unit: Unit) -> int:
    """How long the platform finds a value: UTF-8 bytes, characters, rows, or bytes of a file."""
    if value is None:
        return 0
    if isinstance(value, str):
        # half an emoji cannot be sent at all; it is counted as the mark that replaces it
        return len(value) if unit == "characters" else len(value.encode("utf-8", "replace"))
    if isinstance(value, int):
        return value  # a size or a count that was measured already
    return len(value) if hasattr(value, "__len__") else len(str(value))


def limit_of(channel: str, field: str) -> Limit:
    return next(limit for limit in CHANNELS[channel].limits if limit.field == field)


def violations(channel: str, fields: Mapping[str, object]) -> list[Violation]:
    """Everything that the platform would refuse. A field that the channel does not know is a KeyError."""
    rules = CHANNELS[channel]
    known = {limit.field.split("[]")[0] for limit in rules.limits}
    if strange := set(fields) - known:
        raise KeyError(f"{channel} has no limits for {', '.join(sorted(strange))}")
    found = [one for limit in rules.limits for place, value in _places(limit, fields)
             for one in _judge(limit, place, value)]  # fmt: skip
    if rules.any_of and not any(fields.get(name) for name in rules.any_of):
        labels = [limit.label for limit in rules.limits if limit.field in rules.any_of]
        found.append(Violation(rules.any_of[0], 1, "count", 0, f"{'和'.join(labels)}不能都空着"))
    return found + list(_inside_attachments(channel, fields.get("attachments")))


def _places(limit: Limit, fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Where a limit applies: one field, or that field in every row of a list."""
    name, _, inner = limit.field.partition("[].")
    if not inner:
        yield name, fields.get(name)
        return
    rows = fields.get(name)
    for index, row in enumerate(rows if isinstance(rows, list | tuple) else []):
        if isinstance(row, Mapping):
            yield f"{name}.{index}.{inner}", row.get(inner)


def _judge(limit: Limit, place: str, value: object) -> Iterator[Violation]:
    actual = measure(value, limit.unit)
    if actual == 0:
        if limit.required:
            yield Violation(place, max(limit.least, 1), limit.unit, 0, f"{limit.label}不能空着")
    elif actual > limit.most:
        yield Violation(place, limit.most, limit.unit, actual, _too_much(limit, value, actual))
    elif actual < limit.least:
        words = f"{limit.label}只有 {_amount(limit, actual)}，平台要求至少 {_amount(limit, limit.least)}"
        yield Violation(place, limit.least, limit.unit, actual, words)
    elif limit.pattern and not re.fullmatch(limit.pattern, str(value)):
        yield Violation(place, limit.most, limit.unit, actual, f"{limit.label}{limit.pattern_words}")


def _inside_attachments(channel: str, attachments: object) -> Iterator[Violation]:
    """Links and mini-programs have limits of their own, also inside an attachment."""
    for index, one in enumerate(attachments if isinstance(attachments, list | tuple) else []):
        of_type = one.get("msgtype") if isinstance(one, Mapping) else None
        inner = "moment_link" if (channel, of_type) == ("moment", "link") else of_type
        if inner not in ("link", "miniprogram", "moment_link"):
            continue
        for found in violations(inner, one.get(of_type) or {}):
            place = f"attachments.{index}.{of_type}.{found.field}"
            words = f"第 {index + 1} 个附件的{found.words}"
            yield Violation(place, found.limit, found.unit, found.actual, words)


def _amount(limit: Limit, value: int) -> str:
    if limit.unit == "size":
        return f"{value / MB:.1f} MB".replace(".0 MB", " MB") if value >= MB else f"{value:,} 字节"
    return f"{value:,} {UNIT_WORDS[limit.unit]}"


def _too_much(limit: Limit, value: object, actual: int) -> str:
    said = f"{limit.label} {_amount(limit, actual)}，平台上限 {_amount(limit, limit.most)}"
    if limit.unit == "size":
        return f"{said}，请换小一些的"
    if limit.unit == "bytes" and isinstance(value, str):
        return f"{said}，请删去 {_cut(value, actual - limit.most)}左右"
    return f"{said}，请删去 {_amount(limit, actual - limit.most)}"


def _cut(text: str, excess: int) -> str:
    """How much to delete from the end, in the writer's own characters."""
    taken = characters = 0
    for character in reversed(text):
        if taken >= excess:
            break
        taken += measure(character, "bytes")
        characters += 1
    return f"{characters:,} 个" + ("汉字" if taken >= characters * 2.5 else "字符")
