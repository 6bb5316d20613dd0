"""Rows of the ledger as what a phone shows: bubbles with text, pictures and cards, and the times between them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from ..clock import CHINA
from ..languages import _
from . import wording
from .wording import Opener

THEM, ME, MIDDLE = "them", "me", "middle"
PAUSE = timedelta(minutes=5)
"""After so long a silence the time is shown again."""
OTHER = {
    "voice": "语音",
    "video": "视频",
    "file": "文件",
    "miniprogram": "小程序",
    "miniprogram_notice": "小程序通知",
}


@dataclass
class Part:
    """One message inside a bubble: text, picture, card or page (a link with title and picture)."""

    kind: str
    words: Markup | str = ""
    picture: str = ""
    href: str = ""
    title: str = ""
    card: dict[str, Any] = field(default_factory=dict)


@dataclass
class Bubble:
    """What somebody said, or a grey line in the middle."""

    side: str
    parts: list[Part]
    at: datetime
    name: str = ""
    face: str = ""
    """One letter, or `robot`"""
    role: str = ""
    under: str = ""
    """A grey line below"""


@dataclass(frozen=True)
class Speaker:
    name: str
    face: str
    role: str = ""


def when(at: datetime, now: datetime) -> str:
    """14:31, or with the day when it is another one."""
    local, today = at.astimezone(CHINA), now.astimezone(CHINA).date()
    days = (today - local.date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    if days == 1:
        return _("昨天 {t}", t=clock)
    return _("{m} 月 {d} 日 {t}", m=local.month, d=local.day, t=clock)


def clock(at: float | None, now: datetime) -> str:
    """The same of the platform's seconds; nothing for what has not happened."""
    return when(datetime.fromtimestamp(at, UTC), now) if at else ""


def with_times(bubbles: Iterable[Bubble], now: datetime) -> list[Bubble]:
    """The same, with a time wherever there was a pause."""
    shown: list[Bubble] = []
    last: datetime | None = None
    for bubble in sorted(bubbles, key=lambda one: one.at):
        if last is None or bubble.at - last >= PAUSE:
            shown.append(Bubble(MIDDLE, [Part("text", when(bubble.at, now))], bubble.at))
        last = bubble.at
        shown.append(bubble)
    return shown


def moment(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


# ---- parts


def parts(what: dict[str, Any], opened: Opener, names: tuple[str, ...] = ()) -> list[Part]:
    """What one row of the ledger holds, whichever call brought it."""
    kind = what.get("msgtype", "")
    if kind == "template_card" or "card" in what:
        return [card(what.get("card") or what["template_card"], opened, what.get("greyed"))]
    if kind in ("markdown", "markdown_v2", "stream"):
        return [Part("text", wording.markdown(what[kind]["content"], opened))]
    if kind == "textcard":
        one = what[kind]
        return [
            Part(
                "page",
                wording.plain(one.get("description", ""), opened),
                "",
                opened(one["url"]),
                one["title"],
            )
        ]
    if kind in ("news", "mpnews"):
        return [
            Part(
                "page",
                one.get("description", ""),
                one.get("picurl", ""),
                opened(one.get("url", "")),
                one["title"],
            )
            for one in what[kind]["articles"]
        ]
    if kind == "image":
        return [_picture(what[kind], opened)]
    if kind in OTHER:
        return [Part("text", f"[{_(OTHER[kind])}]")]
    text = what.get("text")
    words = text.get("content", "") if isinstance(text, dict) else str(text or "")
    said = [Part("text", wording.plain(words, opened, names=names))] if words else []
    return said + [attachment(one, opened) for one in what.get("attachments") or []]


def attachment(one: dict[str, Any], opened: Opener) -> Part:
    kind = one["msgtype"]
    part = one[kind]
    if kind == "image":
        return _picture(part, opened)
    if kind == "link":
        return Part("page", part.get("desc", ""), part.get("picurl", ""), opened(part["url"]), part["title"])
    return Part("text", f"[{_(OTHER.get(kind, kind))}] {part.get('title', '')}".strip())


def _picture(part: dict[str, Any], opened: Opener) -> Part:
    if media_id := part.get("media_id"):
        return Part("picture", picture=f"/pic/{media_id}")
    if address := part.get("pic_url"):
        return Part("picture", picture=str(address))
    return Part("text", _("[图片，{n} KB]", n=part.get("bytes", 0) // 1024))


def card(body: dict[str, Any], opened: Opener, greyed: str | None = None) -> Part:
    """A template card with the addresses that this phone opens; `greyed`: the word that its buttons turned into."""
    shown = {
        "task_id": body.get("task_id", ""),
        "title": (body.get("main_title") or {}).get("title", ""),
        "note": (body.get("main_title") or {}).get("desc", ""),
        "figure": body.get("emphasis_content") or {},
        "more": body.get("sub_title_text", ""),
        "picture": (body.get("card_image") or {}).get("url", ""),
        "rows": [
            *_rows(body),
            *[
                {"name": one["title"], "words": one.get("desc", ""), "href": ""}
                for one in body.get("vertical_content_list") or []
            ],
        ],
        "jumps": [
            {"words": one["title"], "href": _target(one, opened)} for one in body.get("jump_list") or []
        ],
        "href": _target(body.get("card_action") or {}, opened),
        "buttons": [
            {
                "words": one["text"],
                "key": one.get("key", ""),
                "style": one.get("style", 1),
                "href": _target(one, opened),
            }
            for one in body.get("button_list") or []
        ],
        "greyed": greyed or "",
        "source": (body.get("source") or {}).get("desc", ""),
    }
    return Part("card", card=shown)


def _rows(body: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": one["keyname"], "words": one.get("value", ""), "href": one.get("url", "")}
        for one in body.get("horizontal_content_list") or []
    ]


def _target(one: dict[str, Any], opened: Opener) -> str:
    return opened(one["url"]) if one.get("url") else ""


# ---- whole conversations


def app_chat(lines: list[dict[str, Any]], opened: Opener) -> list[Bubble]:
    """A guide's chat with the app and with the robot alone."""
    made = []
    for line in lines:
        if line["kind"] == "remind":
            words = _("群发助手提醒你：还有一条没有发送")
            made.append(Bubble(MIDDLE, [Part("text", words)], moment(line)))
            continue
        what, side = line["what"], ME if line["kind"] == "said" else THEM
        made.append(Bubble(side, parts(what, opened), moment(line)))
    return made


TRANSFERS = {
    "asked": "公司会安排{new}接着为你服务，24 小时后自动换好",
    "refused": "你选择不换，{new}没有加你",
    "done": "已换成{new}为你服务",
}
"""What the platform tells a customer who changes hands"""


def customer_chat(
    lines: list[dict[str, Any]], userid: str, who: Callable[[str], Speaker], opened: Opener
) -> list[Bubble]:
    """What one guide's account brought her, and what the platform told her of a change of guides."""
    made, guide = [], who(userid)
    for line in lines:
        what = line["what"]
        if line["kind"] == "transfer":
            if userid.lower() in (what["handover"].lower(), what["takeover"].lower()):
                made += _change_of_guides(line, userid, who, opened)
            continue
        if str(what.get("userid", "")).lower() != userid.lower():
            continue
        under = _("加好友 {n} 秒后收到", n=f"{what['seconds']:.2g}") if line["kind"] == "welcome" else ""
        made.append(Bubble(THEM, parts(what, opened), moment(line), face=guide.face, under=under))
    return made


def _change_of_guides(
    line: dict[str, Any], userid: str, who: Callable[[str], Speaker], opened: Opener
) -> list[Bubble]:
    """The notice stands in both chats; the successor's own words only in hers, once she is there."""
    what, at = line["what"], moment(line)
    new = who(what["takeover"])
    words = _(TRANSFERS[what["state"]], new=new.name)
    made = [Bubble(MIDDLE, [Part("text", words)], at)]
    if what["state"] == "done" and what["text"] and userid.lower() == what["takeover"].lower():
        made.append(Bubble(THEM, [Part("text", wording.plain(what["text"], opened))], at, face=new.face))
    return made


def group_chat(
    lines: list[dict[str, Any]], me: str, who: Callable[[str], Speaker], robot: str, opened: Opener
) -> list[Bubble]:
    """Robots by webhook, the smart robot's answers, mass messages of the owner, and what members say."""
    made: list[Bubble] = []
    streams: dict[str, Bubble] = {}
    for line in lines:
        what, kind = line["what"], line["kind"]
        if kind == "robot":
            made.append(
                Bubble(
                    THEM, parts(what, opened), moment(line), what.get("robot") or robot, "robot", _("机器人")
                )
            )
        elif kind == "robot_reply":
            bubble = Bubble(THEM, parts(what, opened), moment(line), robot, "robot", _("机器人"))
            stream = (what.get("stream") or {}).get("id")
            if stream and stream in streams:  # it goes on writing into the same bubble
                streams[stream].parts = bubble.parts
                continue
            if stream:
                streams[stream] = bubble
            made.append(bubble)
        else:
            userid = str(what.get("userid", ""))
            speaker = who(userid)
            side = ME if userid.lower() == me.lower() else THEM
            made.append(
                Bubble(
                    side,
                    parts(what, opened, (robot,)),
                    moment(line),
                    speaker.name,
                    speaker.face,
                    speaker.role,
                )
            )
    return made
