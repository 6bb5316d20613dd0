"""/entry-codes: the codes that customers scan, one per guide or store; where friends come from."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, col, select

from models.db import count_by
from models.friends import Friend
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, ask_for_guide, ask_for_store
from models.org import Store, renames
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import Body, GuideRef, Id, Line, Listing, Names, One, OneOf, Output, PageOut, PlaceRef

TAG = "渠道码"


class CodeIn(Body):
    """为一位导购或一家门店要一个码：两个里填一个。"""

    userid: Line | None = Field(None, max_length=64, description="导购的企业微信账号")
    store: Line | None = Field(None, max_length=64, description="门店的编号")


class CodeOut(Output):
    """渠道码。"""

    id: int
    kind: OneOf[EntryCodeKind]
    name: str
    guide: GuideRef | None
    store: PlaceRef | None
    userids: list[str] = Field(description="扫了以后可能加到的人，由平台挑")
    status: OneOf[EntryCodeStatus]
    reason: str = Field(description="没建成的原因")
    payload: str = Field(description="二维码里的内容；还没建好时为空")
    picture_url: str
    friends: int = Field(description="从这个码来过多少位好友")
    created_at: datetime
    ready_at: datetime | None


class CodeList(Listing):
    """渠道码列表的筛选。"""

    kind: OneOf[EntryCodeKind] | None = None
    guide_id: Id | None = None
    store_id: Id | None = None
    status: OneOf[EntryCodeStatus] | None = None
    sort: Literal["id", "-id", "created_at", "-created_at"] = NEWEST


@endpoint.reads("/entry-codes", PageOut[CodeOut], TAG)
def entry_codes(call: ApiCall, query: CodeList) -> PageOut[CodeOut]:
    """渠道码"""
    wanted = like(select(EntryCode), EntryCode, query, "kind", "guide_id", "store_id", "status")
    rows, after = piece(call.session, wanted, EntryCode, query, query.sort)
    return PageOut[CodeOut](items=shown(call.session, rows), next_cursor=after)


@endpoint.reads("/entry-codes/<int:number>", CodeOut, TAG)
def entry_code(call: ApiCall, path: One) -> CodeOut:
    """一个渠道码"""
    return shown(call.session, [call.found(call.session.get(EntryCode, path.number))])[0]


@endpoint.changes("/entry-codes", CodeOut, TAG, status=201)
def make_code(call: ApiCall, body: CodeIn) -> CodeOut:
    """为导购或门店建一个码；已经有的，就是原来那个"""
    if bool(body.userid) == bool(body.store):
        refuse_fields({"userid": "userid 和 store 要填一个，也只填一个"})
    code = _for_guide(call, body.userid) if body.userid else _for_store(call, body.store or "")
    return shown(call.session, [code])[0]


def _for_guide(call: ApiCall, userid: str) -> EntryCode:
    guide = renames.guide_called(call.session, userid, call.now)
    if guide is None:
        refuse_fields({"userid": Sentence("没有账号是「{userid}」的导购", userid=userid)})
    return ask_for_guide(call.session, guide, call.actor, call.now)


def _for_store(call: ApiCall, code: str) -> EntryCode:
    store = call.session.exec(select(Store).where(Store.code == code).with_for_update()).one_or_none()
    if store is None:
        refuse_fields({"store": Sentence("没有编号是「{code}」的门店", code=code)})
    return ask_for_store(call.session, store, call.actor, call.now)


def shown(session: Session, rows: Any) -> list[CodeOut]:
    ids = [row.id for row in rows]
    counted = count_by(session, Friend.code_id, col(Friend.code_id).in_(ids))
    names = Names(session, guides=[row.guide_id for row in rows], stores=[row.store_id for row in rows])
    kept = set(CodeOut.model_fields) - {"guide", "store", "friends"}
    return [
        CodeOut(
            **row.model_dump(include=kept),
            guide=names.guide(row.guide_id),
            store=names.store(row.store_id),
            friends=counted.get(row.id, 0),
        )
        for row in rows
    ]
