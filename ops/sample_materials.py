"""The library of the invented retailer: pieces of every kind, with the pictures that were drawn for this project."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

import posters
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.pictures import Picture, keep_picture
from models.kinds import MaterialKind
from models.materials import MaterialStatus, Stock, library
from models.materials.library import MaterialFields
from models.org import Branch
from posters.samples import picture, samples

DAY = timedelta(days=1)
NORTHEAST = ("沈阳", "长春", "大连", "哈尔滨")
GUIDE_TO_SNOW = "小雪暖脚指南"
"""What the demo posts in Moments"""


def put(session: Session, who: str, now: datetime) -> None:
    """Seven pieces: approved, waiting for somebody, and a draft."""
    cold = [row_id or 0 for row_id in session.exec(select(Branch.id).where(col(Branch.name).in_(NORTHEAST)))]
    for fields, status in (
        (_boots(session, now, cold), MaterialStatus.APPROVED),
        (_socks(session, now), MaterialStatus.APPROVED),
        (_rain(session, now), MaterialStatus.SUBMITTED),
        (_snow(session, now), MaterialStatus.APPROVED),
        (_size(), MaterialStatus.APPROVED),
        (_down(now), MaterialStatus.APPROVED),
        (_cold_words(), MaterialStatus.DRAFT),
    ):
        made = library.create(session, fields, who=who, account_id=None, branch_id=None, now=now)
        if status == MaterialStatus.APPROVED:
            library.submit(session, made, who=who, account_id=None, now=now)
        made.status = status


def _boots(session: Session, now: datetime, branches: list[int]) -> MaterialFields:
    return MaterialFields(
        name="远山雪地靴",
        kind=MaterialKind.DEAL,
        text="新到的远山雪地靴，¥699，36 – 44 码都有，想试可以来店里找我。",
        attachments=[_poster(session, "headline", "boots.jpg", now)],
        regions=branches,
        valid_from=now - 3 * DAY,
        valid_until=now + 21 * DAY,
        stock=Stock.IN,
        stock_left=420,
        stock_floor=40,
    )


def _socks(session: Session, now: datetime) -> MaterialFields:
    return MaterialFields(
        name="会员日 · 保暖袜券",
        kind=MaterialKind.DEAL,
        text="会员日满 ¥499 送一双羊毛保暖袜，到店领。",
        attachments=[_poster(session, "member_day", "socks.jpg", now)],
        valid_until=now + 11 * DAY,
        stock=Stock.IN,
        stock_left=146,
        stock_floor=50,
    )


def _rain(session: Session, now: datetime) -> MaterialFields:
    return MaterialFields(
        name="雨天防水靴",
        text="明天有雨，防水靴一脚蹬，踩水也不怕。",
        attachments=[_poster(session, "weather", "rain-boots.jpg", now)],
        valid_until=now + 40 * DAY,
        stock=Stock.IN,
    )


def _snow(session: Session, now: datetime) -> MaterialFields:
    shown = _kept(session, "boots.jpg", now)
    return MaterialFields(
        name=GUIDE_TO_SNOW,
        text="小雪了，脚暖身上就暖：鞋里留一指宽，袜子选羊毛的，湿了当天烘干。",
        attachments=[Attachment(form=AttachmentForm.PICTURE, picture_id=shown.id)],
    )


def _size() -> MaterialFields:
    link = Attachment(
        form=AttachmentForm.LINK,
        title="尺码怎么选",
        note="量一下脚长，30 秒知道穿几码",
        url="https://jiye.example/size",
    )
    return MaterialFields(name="尺码怎么选", text="不知道穿几码？量一下脚长就行。", attachments=[link])


def _down(now: datetime) -> MaterialFields:
    link = Attachment(
        form=AttachmentForm.LINK,
        title="鹅绒和羽绒，差在哪",
        note="绒朵、蓬松度、怎么洗",
        url="https://jiye.example/down",
    )
    return MaterialFields(
        name="鹅绒和羽绒，差在哪",
        kind=MaterialKind.BRAND,
        attachments=[link],
        valid_until=now + 90 * DAY,
    )


def _cold_words() -> MaterialFields:
    return MaterialFields(name="降温提醒", text="{门店名}这边明天降温，出门多穿一件。")


def _poster(session: Session, design: str, name: str, now: datetime) -> Attachment:
    """The sample of a design, as HQ would have filled it in."""
    art = samples()[design]
    words = {
        word: text
        for word in ("headline", "subline", "price", "note", "occasion")
        if (text := getattr(art, word))
    }
    kept = _kept(session, name, now)
    return Attachment(form=AttachmentForm.POSTER, design=design, words=words, picture_id=kept.id)


def _kept(session: Session, name: str, now: datetime) -> Picture:
    clean = posters.clean_picture(picture(name))
    return keep_picture(
        session,
        sha256=sha256(clean.jpeg).hexdigest(),
        name=name,
        width=clean.width,
        height=clean.height,
        content=clean.jpeg,
        now=now,
    )
