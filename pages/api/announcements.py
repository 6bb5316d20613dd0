"""/announcements: one text at one time, into internal groups by robot and into customer groups by their owners."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, select

from models.campaigns import announcements
from models.campaigns.announcement_rules import LONGEST_TITLE
from models.campaigns.announcements import Announcement, AnnouncementStatus, Way
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.schemas import Body, Id, Line, Listing, Moment, One, OneOf, Output, PageOut, Text

TAG = "公告"


class AnnouncementIn(Body):
    """一条公告：内部群由机器人发，客户群由群主在群发助手里点一次。"""

    title: Line = Field(min_length=1, max_length=LONGEST_TITLE, description="只有内部看得到")
    text: Text = Field(
        min_length=1, max_length=4000, description="有内部群时最多 2,048 字节，只有客户群时最多 4,000 字节"
    )
    groups: list[Id] = Field(min_length=1, max_length=2000)
    by_robot: list[Id] = Field(
        [], max_length=2000, description="一定要机器人发的群；客户群会被拒绝并说明原因"
    )
    launch_at: Moment = Field(description="什么时候发；已经过去就马上发")


class AnnouncementOut(Output):
    """公告。"""

    id: int
    title: str
    text: str
    groups: list[int]
    status: OneOf[AnnouncementStatus]
    status_words: str
    launch_at: datetime
    launched_at: datetime | None
    created_at: datetime


class GroupStateOut(Output):
    """一个群到了哪一步。"""

    group_id: int
    name: str
    way: OneOf[Way]
    state: str
    words: str
    delivery_id: int | None


class AnnouncementDetail(AnnouncementOut):
    """公告，带每个群的下落。"""

    states: list[GroupStateOut]


class AnnouncementList(Listing):
    """公告列表的筛选。"""

    status: OneOf[AnnouncementStatus] | None = None
    sort: Literal["id", "-id", "launch_at", "-launch_at"] = NEWEST


@endpoint.reads("/announcements", PageOut[AnnouncementOut], TAG)
def all_announcements(call: ApiCall, query: AnnouncementList) -> PageOut[AnnouncementOut]:
    """公告"""
    rows, after = piece(
        call.session,
        like(select(Announcement), Announcement, query, "status"),
        Announcement,
        query,
        query.sort,
    )
    return PageOut[AnnouncementOut](items=[AnnouncementOut(**_plain(row)) for row in rows], next_cursor=after)


@endpoint.reads("/announcements/<int:number>", AnnouncementDetail, TAG)
def announcement(call: ApiCall, path: One) -> AnnouncementDetail:
    """一条公告，带每个群的下落"""
    return _detail(call.session, call.found(call.session.get(Announcement, path.number)))


@endpoint.changes("/announcements", AnnouncementDetail, TAG, status=201)
def announce(call: ApiCall, body: AnnouncementIn) -> AnnouncementDetail:
    """排一条公告，到时间发"""
    made = announcements.plan(
        call.session,
        title=body.title,
        text=body.text,
        groups=body.groups,
        launch_at=body.launch_at,
        now=call.now,
        who=call.actor,
        by_robot=body.by_robot,
    )
    return _detail(call.session, made)


@endpoint.changes("/announcements/<int:number>/cancel", AnnouncementDetail, TAG)
def cancel_announcement(call: ApiCall, path: One) -> AnnouncementDetail:
    """停止一条公告；已经交给平台的收不回来"""
    row: Announcement = call.found(call.session.get(Announcement, path.number))
    announcements.cancel(call.session, row, call.actor, call.now)
    return _detail(call.session, row)


def _plain(row: Announcement) -> dict[str, Any]:
    return row.model_dump(include=set(AnnouncementOut.model_fields))


def _detail(session: Session, row: Announcement) -> AnnouncementDetail:
    states = [
        GroupStateOut.model_validate(
            {
                "group_id": one.group.id,
                "name": one.group.name,
                "way": one.way,
                "state": one.state,
                "words": one.words,
                "delivery_id": one.outbox_id,
            }
        )
        for one in announcements.states(session, row)
    ]
    return AnnouncementDetail(**_plain(row), states=states)
