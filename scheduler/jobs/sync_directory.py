"""Comparing with the platform's directory: who works here, and at whom the stores' codes point."""

import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session, select

from models.accounts import leaving
from models.db import pieces
from models.friends import entry_code_users
from models.org import Guide, entries, removal_guard
from models.org.directory import DepartmentPlaces, Member, apply_directory
from models.sentences import Sentence, together
from scheduler.jobs.code_users import refresh_stores
from scheduler.jobs.sync_contacts import STOPPING, removal_guard_percent
from scheduler.runtime import Runtime
from wecom import pagination
from wecom.client import WorkClient
from wecom.errors import PlatformError
from wecom.pagination import Incomplete

Json = dict[str, Any]
DISABLED, LEFT = 2, 5
LOOK_UPS = 500
"""Members looked up in one run; a first start without any name learns them in a few runs."""

log = logging.getLogger("onetap.directory")


def compare(runtime: Runtime, now: datetime) -> str:
    """Make our guides agree with the directory, then let the stores' codes point at who works there."""
    parents: dict[int, int] = {}
    members: list[Member] = []
    fully = runtime.contacts is None
    complete, percent = True, removal_guard_percent(runtime)
    yes = runtime.db.run(partial(removal_guard.begin, plan="directory", whose=("",))).get("")
    try:
        parents |= _departments(runtime.contacts or runtime.client)
        members += _with_the_directory_secret(runtime, parents) if runtime.contacts else []
        for department in () if runtime.contacts else parents:
            members += _with_the_app(runtime.client, department)
    except (Incomplete, PlatformError) as cut:
        log.warning("the directory was not read to its end: %s", cut.words)
        complete = False

    for piece in pieces([one for one in members if one.active is not False]):
        runtime.db.run(partial(entries.compare, members=piece, now=now))

    def apply(session: Session) -> str:
        change = apply_directory(
            session,
            members,
            complete,
            now,
            parents=parents,
            fully=fully,
            confirmed=yes,
            removal_guard_percent=percent,
        )
        leaving.end_leavers(session)
        if complete:
            removal_guard.keep(session, "directory", "", change.guarded, change.missing, now)
        agreed = Sentence("（{by}确认过）", by=yes.by) if yes and yes.number == change.left else ""
        return together([change.words, agreed], "")

    words = runtime.db.run(apply)
    moved = _refresh_codes(runtime, now)
    return Sentence("{words}，更新入口码 {moved} 个", words=words, moved=moved) if moved else words


def _refresh_codes(runtime: Runtime, now: datetime) -> int:
    """Let the codes of all stores and guides point at who works there; how many had to change."""
    with runtime.db.read() as session:
        stores = entry_code_users.stores_with_codes(session)
    return refresh_stores(runtime, stores, now, entry_code_users.PEOPLE_CHANGED)


def _departments(client: WorkClient) -> dict[int, int]:
    """Every visible department, with its parent."""
    told = client.call("department/simplelist")
    return {int(one["id"]): int(one.get("parentid") or 0) for one in told.get("department_id") or []}


def _with_the_app(client: WorkClient, department: int) -> list[Member]:
    """The app's own secret: the members of one department of its visible range, with their names."""
    told = client.call("user/list", {"department_id": department})
    return [_member(one) for one in told.get("userlist") or []]


def _with_the_directory_secret(runtime: Runtime, parents: Mapping[int, int]) -> list[Member]:
    """The directory-sync secret tells userids and departments of everybody, also of who is disabled or out of our sight.

    So the app is asked about whoever is not at work yet: new in a store, still without a name, or left by our books.
    """
    assert runtime.contacts is not None
    departments: dict[str, list[int]] = {}
    for one in pagination.rows(runtime.contacts, "user/list_id", {"limit": 10_000}, "dept_user"):
        departments.setdefault(str(one["userid"]), []).append(int(one["department"]))
    with runtime.db.read() as session:
        places = DepartmentPlaces(session, parents)
        known = {guide.userid_key: guide for guide in session.exec(select(Guide))}

    def uncertain(userid: str) -> bool:
        guide = known.get(userid.lower())
        if guide is None:
            return places.store(departments[userid]) is not None
        return not guide.present or not guide.customer_name

    doubtful = [userid for userid in departments if uncertain(userid)]
    # some whom the app may never see must not stand before the others night after night
    random.shuffle(doubtful)
    told = {userid: _look_up(runtime.client, userid) for userid in doubtful[:LOOK_UPS]}
    members = []
    for userid, theirs in departments.items():
        guide = known.get(userid.lower())
        # who left stays away until she was asked about; of who is here, being listed says no more than before
        unasked = Member(userid, active=None if guide is None or guide.present else False)
        found = told.get(userid, unasked)
        everywhere = tuple(dict.fromkeys((*found.departments, *theirs)))  # her flags stand in the app's order
        members.append(replace(found, userid=userid, departments=everywhere))
    return members


def _look_up(client: WorkClient, userid: str) -> Member:
    """Her entry, if the app may see her; who is out of its sight is nobody's guide."""
    try:
        return _member(client.call("user/get", {"userid": userid}))
    except PlatformError as error:
        if error.action in STOPPING:
            raise
        return Member(userid, active=False)


def _member(told: Json) -> Member:
    leads = told.get("is_leader_in_dept")
    return Member(
        userid=str(told["userid"]),
        name=str(told.get("name") or ""),
        departments=tuple(int(one) for one in told.get("department") or []),
        main_department=int(told["main_department"]) if told.get("main_department") else None,
        leads=tuple(bool(one) for one in leads) if leads is not None else None,
        avatar_url=str(told.get("avatar") or ""),
        active=told.get("status") not in (DISABLED, LEFT),
    )
