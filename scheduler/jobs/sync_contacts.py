"""Comparing with the platform: who is whose friend, which customer groups there are.

Events get lost; a nightly comparison finds what they did not tell. A list that could not be read to its end
never makes anything disappear.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from models import groups, preferences
from models.db import pieces
from models.friends import friendship
from models.groups import Group, GroupKind, GroupStatus
from models.ledger import inbox
from models.org import Guide, GuideStatus
from models.sentences import Sentence, together
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom import pagination
from wecom.errors import Action, PlatformError
from wecom.pagination import Incomplete

Json = dict[str, Any]
OWNERS_AT_ONCE = 100
DETAILS_AT_ONCE = 40
GROUPS_AT_ONCE = 40
NO_FRIENDS = 84061
GONE = {49008, 86003, 90501}
BUSY = 3
"""So many whom the platform cannot tell just now end a run; one alone must not stand before the others."""
RUSH = 4
STOPPING = (Action.STOP, Action.WINDOW, Action.SLOWER, Action.RETRY)
"""What ends a run early: the next one goes on where this one could not."""

log = logging.getLogger("onetap.sync")


# ---- friends


def friend_details(runtime: Runtime, now: datetime) -> str:
    """Read names and pictures of new friends, a few at a time; the platform slows us down, then the next run goes on."""
    with runtime.db.read() as session:
        waiting = friendship.to_describe(session, DETAILS_AT_ONCE)
    read = busy = 0
    for external_userid in waiting:
        if _rush(runtime):
            return Sentence(
                "读到 {read} 位好友的资料，其余 {waiting} 位等新来的先处理完",
                read=read,
                waiting=len(waiting) - read,
            )
        try:
            answer = runtime.client.call("externalcontact/get", {"external_userid": external_userid})
        except PlatformError as error:
            if error.action is Action.RETRY and (busy := busy + 1) < BUSY:
                continue
            if error.action in STOPPING:
                break
            answer = {}  # not a friend any more, or out of sight: asked once, and not again
        _describe(runtime, external_userid, answer.get("external_contact") or {}, now)
        read += 1
    return Sentence("读到 {read} 位好友的资料", read=read) if read else ""


def _rush(runtime: Runtime) -> bool:
    """So many events wait that reading names would cost somebody her welcome."""
    with runtime.db.read() as session:
        return inbox.waiting(session, RUSH) >= RUSH


def _describe(runtime: Runtime, external_userid: str, told: Json, now: datetime) -> None:
    runtime.db.run(
        lambda session: friendship.described(
            session,
            external_userid,
            now,
            name=str(told.get("name") or ""),
            avatar_url=str(told.get("avatar") or ""),
            kind=int(told.get("type") or 1),
            unionid=str(told.get("unionid") or ""),
        )
    )


# ---- customer groups


def group_lists(runtime: Runtime, now: datetime) -> str:
    """Find customer groups by their owners, a hundred at a time, and have every known one read again.

    A group that was not listed is only read again: it is gone when the platform says so of the group itself.
    """
    owners = [guide.userid for guide in _present(runtime)]
    waiting = list(pieces(owners, OWNERS_AT_ONCE))
    found: set[str] = set()
    cuts: list[str] = []
    while waiting:
        piece = waiting.pop(0)
        asked = {"owner_filter": {"userid_list": piece}, "limit": 1000}
        try:
            for one in pagination.rows(
                runtime.client, "externalcontact/groupchat/list", asked, "group_chat_list"
            ):
                found.add(str(one["chat_id"]))
        except (Incomplete, PlatformError) as cut:
            refused = isinstance(cut, PlatformError) and cut.action is Action.REFUSED
            if refused and len(piece) > 1:  # one owner out of our sight must not hide the others' groups
                waiting += [piece[: len(piece) // 2], piece[len(piece) // 2 :]]
            else:
                cuts.append(together([piece[0], cut.words], "：") if refused else cut.words)
    with runtime.db.read() as session:
        known = set(
            session.exec(
                select(Group.chat_id).where(
                    Group.kind == GroupKind.CUSTOMER, Group.status == GroupStatus.ACTIVE
                )
            )
        )
    everything = sorted(found | known)
    for piece in pieces(everything):
        runtime.db.run(partial(_mark, chat_ids=piece, now=now))
    words = Sentence(
        "客户群 {everything} 个，新发现 {found} 个", everything=len(everything), found=len(found - known)
    )
    return Sentence("{words}。名单没有读全：{cuts}", words=words, cuts=cuts[0]) if cuts else words


def _mark(session: Session, chat_ids: Sequence[str], now: datetime) -> None:
    for chat_id in chat_ids:
        groups.changed(session, chat_id, now)


def group_details(runtime: Runtime, now: datetime) -> str:
    """Read the customer groups that changed, a few at a time."""
    with runtime.db.read() as session:
        waiting = groups.to_read(session, GROUPS_AT_ONCE)
    read = hidden = busy = 0
    for group in waiting:
        try:
            told = runtime.client.call(
                "externalcontact/groupchat/get", {"chat_id": group.chat_id, "need_name": 1}
            )
        except PlatformError as error:
            if error.action is Action.RETRY and (busy := busy + 1) < BUSY:
                continue
            if error.action in STOPPING:
                break
            if error.errcode not in GONE:
                log.warning("customer group %s could not be read: %s", group.id, error)
                runtime.db.run(partial(groups.unreadable, chat_id=group.chat_id, now=now))
                hidden += 1
                continue
            runtime.db.run(partial(groups.dismissed, chat_id=group.chat_id, now=now))
        else:
            _learn_group(runtime, group.chat_id, told.get("group_chat") or {}, now)
        read += 1
    return said(("读到客户群", read), ("平台不让读、夜里再试的群", hidden))


def _learn_group(runtime: Runtime, chat_id: str, told: Json, now: datetime) -> None:
    members = [one for one in told.get("member_list") or [] if isinstance(one, dict)]
    runtime.db.run(
        lambda session: groups.described(
            session,
            chat_id,
            now,
            name=str(told.get("name") or ""),
            owner=str(told.get("owner") or ""),
            members=len(members),
            people={str(one.get("userid") or ""): str(one.get("name") or "") for one in members},
        )
    )


def _present(runtime: Runtime) -> Sequence[Guide]:
    with runtime.db.read() as session:
        return list(
            session.exec(select(Guide).where(Guide.status == GuideStatus.ACTIVE).order_by(col(Guide.id)))
        )


def removal_guard_percent(runtime: Runtime) -> int:
    with runtime.db.read() as session:
        return preferences.read(session).removal_guard_percent
