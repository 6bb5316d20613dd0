"""Comparing with the platform: who works here, who is whose friend, which customer groups there are.

Events get lost; a nightly comparison finds what they did not tell. A list that could not be read to its end
never makes anything disappear.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from models import brake, brand, codes, friends, groups, inbox
from models.brake import Held
from models.db import PIECE
from models.directory import Member, apply_directory
from models.groups import ACTIVE as IN_USE
from models.groups import CUSTOMER, Group
from models.org import ACTIVE, Guide
from scheduler import listing
from scheduler.listing import Incomplete
from scheduler.plan import said
from scheduler.runtime import Runtime
from wecom.client import WorkClient
from wecom.errors import Action, PlatformError

Json = dict[str, Any]
OWNERS_AT_ONCE = 100
DETAILS_AT_ONCE = 40
GROUPS_AT_ONCE = 40
STORES_AT_ONCE = 25
NO_FRIENDS = 84061
GONE = {49008, 86003, 90501}
DISABLED, LEFT = 2, 5
LOOK_UPS = 500
"""New members looked up in one run; a first start without any name learns them in a few runs."""
RUSH = 4
STOPPING = (Action.STOP, Action.WINDOW, Action.SLOWER, Action.RETRY)
"""What ends a run early: the next one goes on where this one could not."""

log = logging.getLogger("onetap.sync")


# ---- guides


def directory(runtime: Runtime, now: datetime) -> str:
    """Make our guides agree with the directory, then let the stores' codes point at who works there."""
    parents: dict[int, int] = {}
    members: list[Member] = []
    complete, percent = True, _brake(runtime)
    yes = runtime.db.run(partial(brake.begin, plan="directory", whose=("",))).get("")
    try:
        parents |= _departments(runtime.contacts or runtime.client)
        members += _with_the_directory_secret(runtime) if runtime.contacts else []
        for department in () if runtime.contacts else parents:
            members += _with_the_app(runtime.client, department)
    except (Incomplete, PlatformError) as cut:
        log.warning("the directory was not read to its end: %s", cut.words)
        complete = False

    def apply(session: Session) -> str:
        change = apply_directory(
            session, members, complete, now, parents=parents, confirmed=yes, brake_percent=percent)
        if complete:
            brake.keep(session, "directory", "", change.held, change.missing, now)
        agreed = f"（{yes.by}确认过）" if yes and yes.number == change.left else ""
        return f"{change.words}{agreed}"

    words = runtime.db.run(apply)
    moved = _refresh_codes(runtime, now)
    return f"{words}，更新门店码 {moved} 个" if moved else words


def _refresh_codes(runtime: Runtime, now: datetime) -> int:
    """Let the stores' codes point at who works there, a few stores at a time; how many had to change."""
    with runtime.db.read() as session:
        stores = codes.stores_with_one(session)

    def refresh(session: Session, some: Sequence[int]) -> int:
        return sum(codes.refresh_users(session, store_id, now) is not None for store_id in some)

    pieces = [stores[start : start + STORES_AT_ONCE] for start in range(0, len(stores), STORES_AT_ONCE)]
    return sum(runtime.db.run(partial(refresh, some=piece)) for piece in pieces)


def _departments(client: WorkClient) -> dict[int, int]:
    """Every visible department, with its parent."""
    told = client.call("department/simplelist")
    return {int(one["id"]): int(one.get("parentid") or 0) for one in told.get("department_id") or []}


def _with_the_app(client: WorkClient, department: int) -> list[Member]:
    """The app's own secret: the members of one department of its visible range, with their names."""
    told = client.call("user/list", {"department_id": department})
    return [_member(one) for one in told.get("userlist") or []]


def _with_the_directory_secret(runtime: Runtime) -> list[Member]:
    """The directory-sync secret tells userids and departments of everybody; the app is asked for new names."""
    assert runtime.contacts is not None
    places: dict[str, list[int]] = {}
    for one in listing.rows(runtime.contacts, "user/list_id", {"limit": 10_000}, "dept_user"):
        places.setdefault(str(one["userid"]), []).append(int(one["department"]))
    with runtime.db.read() as session:
        named = set(session.exec(select(Guide.userid_key).where(Guide.name != Guide.userid)))
    new = [userid for userid in places if userid.lower() not in named][:LOOK_UPS]
    looked_up = {userid: _look_up(runtime.client, userid) for userid in new}
    return [
        replace(looked_up.get(userid) or Member(userid), userid=userid, departments=tuple(departments))
        for userid, departments in places.items()
    ]


def _look_up(client: WorkClient, userid: str) -> Member | None:
    """Somebody new: her name, if the app may see her."""
    try:
        return _member(client.call("user/get", {"userid": userid}))
    except PlatformError as error:
        if error.action in STOPPING:
            raise
        return None


def _member(told: Json) -> Member:
    leads = told.get("is_leader_in_dept")
    return Member(
        userid=str(told["userid"]),
        name=str(told.get("name") or ""),
        departments=tuple(int(one) for one in told.get("department") or []),
        is_manager=any(leads) if leads is not None else None,
        avatar_url=str(told.get("avatar") or ""),
        active=told.get("status") not in (DISABLED, LEFT),
    )


# ---- friends


def friend_lists(runtime: Runtime, now: datetime) -> str:
    """Compare every present guide's friends with the platform's list of them."""
    percent, guides = _brake(runtime), _present(runtime)
    yeses = runtime.db.run(partial(brake.begin, plan="friends", whose={str(guide.id) for guide in guides}))
    added = lost = read = 0
    held: list[str] = []
    for guide in guides:
        try:
            listed = _friends_of(runtime.client, guide.userid)
        except PlatformError as error:
            if error.action in (Action.STOP, Action.WINDOW):
                break
            continue
        read += 1
        yes = yeses.get(str(guide.id))
        change = runtime.db.run(
            partial(_apply_friends, guide=guide, listed=listed, now=now, percent=percent, yes=yes))
        added, lost = added + change.added, lost + change.lost
        held += [f"{guide.name}：{change.held}"] if change.held else []
        held += [f"{guide.name}少了 {change.lost} 位（{yes.by}确认过）"] if yes and yes.number == change.lost else []
    words = f"核对 {read} 位导购的好友，补上 {added} 位，不再是好友 {lost} 位"
    unread = [f"{len(guides) - read} 位没有读到，好友不变"] if read < len(guides) else []
    return "。".join([words, *unread, *held[:3]])


def _apply_friends(
    session: Session, guide: Guide, listed: list[str], now: datetime, percent: int, yes: Held | None
) -> friends.ListChange:
    owner = session.get_one(Guide, guide.id)
    change = friends.apply_list(session, owner, listed, True, now, confirmed=yes, brake_percent=percent)
    brake.keep(session, "friends", str(guide.id), change.held, change.missing, now)
    return change


def _friends_of(client: WorkClient, userid: str) -> list[str]:
    try:
        return list(client.call("externalcontact/list", {"userid": userid}).get("external_userid") or [])
    except PlatformError as error:
        if error.errcode == NO_FRIENDS:
            return []
        raise


def friend_details(runtime: Runtime, now: datetime) -> str:
    """Read names and pictures of new friends, a few at a time; the platform slows us down, then the next run goes on."""
    with runtime.db.read() as session:
        waiting = friends.to_describe(session, DETAILS_AT_ONCE)
    read = 0
    for external_userid in waiting:
        if _rush(runtime):
            return f"读到 {read} 位好友的资料，其余 {len(waiting) - read} 位等新来的先处理完"
        try:
            answer = runtime.client.call("externalcontact/get", {"external_userid": external_userid})
        except PlatformError as error:
            if error.action in STOPPING:
                break
            answer = {}  # not a friend any more, or out of sight: asked once, and not again
        _describe(runtime, external_userid, answer.get("external_contact") or {}, now)
        read += 1
    return f"读到 {read} 位好友的资料" if read else ""


def _rush(runtime: Runtime) -> bool:
    """So many events wait that reading names would cost somebody her welcome."""
    with runtime.db.read() as session:
        return inbox.waiting(session, RUSH) >= RUSH


def _describe(runtime: Runtime, external_userid: str, told: Json, now: datetime) -> None:
    runtime.db.run(
        lambda session: friends.described(
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
    found: set[str] = set()
    cuts: list[str] = []
    for start in range(0, len(owners), OWNERS_AT_ONCE):
        asked = {"owner_filter": {"userid_list": owners[start : start + OWNERS_AT_ONCE]}, "limit": 1000}
        try:
            for one in listing.rows(runtime.client, "externalcontact/groupchat/list", asked, "group_chat_list"):
                found.add(str(one["chat_id"]))
        except (Incomplete, PlatformError) as cut:
            cuts.append(cut.words)
    with runtime.db.read() as session:
        known = set(session.exec(select(Group.chat_id).where(Group.kind == CUSTOMER, Group.status == IN_USE)))
    everything = sorted(found | known)
    for start in range(0, len(everything), PIECE):
        piece = everything[start : start + PIECE]
        runtime.db.run(partial(_mark, chat_ids=piece, now=now))
    words = f"客户群 {len(everything)} 个，新发现 {len(found - known)} 个"
    return f"{words}。名单没有读全：{cuts[0]}" if cuts else words


def _mark(session: Session, chat_ids: Sequence[str], now: datetime) -> None:
    for chat_id in chat_ids:
        groups.changed(session, chat_id, now)


def group_details(runtime: Runtime, now: datetime) -> str:
    """Read the customer groups that changed, a few at a time."""
    with runtime.db.read() as session:
        waiting = groups.to_read(session, GROUPS_AT_ONCE)
    read = hidden = 0
    for group in waiting:
        try:
            told = runtime.client.call(
                "externalcontact/groupchat/get", {"chat_id": group.chat_id, "need_name": 0}
            )
        except PlatformError as error:
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
    runtime.db.run(
        lambda session: groups.described(
            session,
            chat_id,
            now,
            name=str(told.get("name") or ""),
            owner=str(told.get("owner") or ""),
            members=len(told.get("member_list") or []),
            version=str(told.get("member_version") or ""),
        )
    )


def _present(runtime: Runtime) -> Sequence[Guide]:
    with runtime.db.read() as session:
        return list(session.exec(select(Guide).where(Guide.status == ACTIVE).order_by(col(Guide.id))))


def _brake(runtime: Runtime) -> int:
    with runtime.db.read() as session:
        return brand.read(session).brake_percent
