"""What each channel takes, as data: pages count with it, channels check with it, tests read it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["bytes", "characters", "count", "size"]
MB = 1024 * 1024
FRESH_SECONDS = 300
"""A callback whose time is further from ours than this is refused, unless HQ chose otherwise: it may be a replay."""
ID_LETTERS = 64
"""Of a userid, an external userid, a chat id; whatever is longer is none (contract 11)."""
TRANSFER_HOURS = 24
"""So long a customer may refuse to change hands; then it happens by itself (contract 5.5)."""
GROUPS_PER_DAY = 300
"""Customer groups of one owner that may get another on one day (contract 5.5)."""
UNIT_WORDS: dict[Unit, str] = {
    "bytes": "字节", "characters": "个字", "count": "个", "size": "字节"
}  # fmt: skip

EMPTY = "{label}不能空着"
BOTH_EMPTY = "{first}和{second}不能都空着"
TOO_LITTLE = "{label}只有 {actual}，平台要求至少 {least}"
TOO_MUCH: dict[Unit, str] = {
    "bytes": "{label} {actual} 字节，平台上限 {most} 字节，请删去 {over} 字节",
    "characters": "{label} {actual} 个字，平台上限 {most} 个字，请删去 {over} 个字",
    "count": "{label} {actual} 个，平台上限 {most} 个，请删去 {over} 个",
    "size": "{label} {actual}，平台上限 {most}，请换小一些的",
}
CHINESE_TOO_LONG = "{label} {actual} 字节，平台上限 {most} 字节，请删去 {over} 个汉字左右"
LATIN_TOO_LONG = "{label} {actual} 字节，平台上限 {most} 字节，请删去 {over} 个字符左右"


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

    limits: tuple[Limit, ...]
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """One field that the platform would refuse; `text` says what to do, and `values` fill it in."""

    field: str
    limit: int
    unit: Unit
    actual: int
    text: str
    values: Mapping[str, str]

    @property
    def words(self) -> str:
        return self.text.format(**self.values)


def _text(most: int, unit: Unit = "bytes", required: bool = False, label: str = "正文") -> Limit:
    return Limit("text", label, unit, most, required=required)


_ATTACHMENTS = Limit("attachments", "附件", "count", 9)
_CARD = (
    Limit("title", "卡片标题", "characters", 36, required=True),
    Limit("desc", "卡片副标题", "characters", 44),
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
)  # fmt: skip

CHANNELS: dict[str, ChannelLimits] = {
    "welcome": ChannelLimits((_text(4000), _ATTACHMENTS), ("text", "attachments")),
    "mass": ChannelLimits(
        (
            _text(4000),
            _ATTACHMENTS,
            Limit("external_userid", "客户", "count", 10_000),
        ),
        ("text", "attachments"),
    ),
    "group_mass": ChannelLimits(
        (
            _text(4000),
            _ATTACHMENTS,
            Limit("chat_id_list", "客户群", "count", 2000),
            Limit("sender", "群主", "bytes", 64, required=True),
        ),
        ("text", "attachments"),
    ),
    # whether the platform counts a moment's text in characters or in bytes is not sure (contract 15): both hold
    "moment": ChannelLimits(
        (
            _text(2000, "characters"),
            _text(4000),
            _ATTACHMENTS,
            Limit("user_list", "导购", "count", 100_000, least=1),
        ),
        ("text", "attachments"),
    ),
    "moment_link": ChannelLimits((Limit("title", "链接标题", "bytes", 64),)),
    "share": ChannelLimits((_text(4000, "characters"), _ATTACHMENTS), ("text", "attachments")),
    "share_moment": ChannelLimits((_text(2000, "characters"), _ATTACHMENTS), ("text", "attachments")),
    "notice_text": ChannelLimits((_text(2048, required=True),)),
    "card": ChannelLimits(_CARD),
    "robot_text": ChannelLimits((_text(2048, required=True),)),
    "robot_markdown": ChannelLimits((_text(4096, required=True),)),
    "contact_way": ChannelLimits(
        (
            Limit("remark", "备注", "characters", 30),
            Limit("state", "渠道参数", "characters", 30),
            Limit("user", "员工", "count", 100, least=1, required=True),
        ),
    ),
    "transfer": ChannelLimits(
        (
            Limit("external_userid", "客户", "count", 100, least=1, required=True),
            Limit("transfer_success_msg", "给客户的话", "characters", 200),
        ),
    ),
    "group_owner": ChannelLimits((Limit("chat_id_list", "客户群", "count", 100, least=1, required=True),)),
    "picture": ChannelLimits((Limit("picture", "图片", "size", 10 * MB, least=6, required=True),)),
    "video": ChannelLimits((Limit("video", "视频", "size", 10 * MB, least=6, required=True),)),
    "file": ChannelLimits((Limit("file", "文件", "size", 20 * MB, least=6, required=True),)),
    "link": ChannelLimits(
        (
            Limit("title", "链接标题", "bytes", 128, required=True),
            Limit("note", "链接说明", "bytes", 512),
            Limit("url", "网址", "bytes", 2048, required=True),
        )
    ),
    "program": ChannelLimits(
        (
            Limit("title", "小程序标题", "bytes", 64, required=True),
            Limit("appid", "小程序的 AppID", "bytes", 64, required=True),
            Limit("page", "小程序的页面", "bytes", 1024, required=True),
        )
    ),
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
        first, second = (limit.label for limit in rules.limits if limit.field in rules.any_of)
        values = {"first": first, "second": second}
        found.append(Violation(rules.any_of[0], 1, "count", 0, BOTH_EMPTY, values))
    return found


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
            yield Violation(place, max(limit.least, 1), limit.unit, 0, EMPTY, {"label": limit.label})
    elif actual > limit.most:
        yield Violation(place, limit.most, limit.unit, actual, *_too_much(limit, value, actual))
    elif actual < limit.least:
        values = {"actual": _amount(limit, actual), "least": _amount(limit, limit.least)}
        yield Violation(place, limit.least, limit.unit, actual, TOO_LITTLE, {"label": limit.label, **values})
    elif limit.pattern and not re.fullmatch(limit.pattern, str(value)):
        text = f"{{label}}{limit.pattern_words}"
        yield Violation(place, limit.most, limit.unit, actual, text, {"label": limit.label})


def _too_much(limit: Limit, value: object, actual: int) -> tuple[str, dict[str, str]]:
    """(text, values)"""
    excess = actual - limit.most
    text, over = TOO_MUCH[limit.unit], f"{excess:,}"
    if limit.unit == "bytes" and isinstance(value, str):
        cut = _cut(value, excess)
        chinese = measure(value[-cut:], "bytes") >= cut * 2.5
        text, over = CHINESE_TOO_LONG if chinese else LATIN_TOO_LONG, f"{cut:,}"
    values = {"actual": _amount(limit, actual), "most": _amount(limit, limit.most), "over": over}
    return text, {"label": limit.label, **values}


def _amount(limit: Limit, value: int) -> str:
    """The number; of a file's size with its unit."""
    if limit.unit != "size":
        return f"{value:,}"
    return f"{value / MB:.1f} MB".replace(".0 MB", " MB") if value >= MB else f"{value:,} 字节"


def _cut(text: str, excess: int) -> int:
    """How much to delete from the end, in the writer's own characters."""
    taken = characters = 0
    for character in reversed(text):
        if taken >= excess:
            break
        taken += measure(character, "bytes")
        characters += 1
    return characters
