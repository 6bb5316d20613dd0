"""The panel 「弄坏它」: each switch makes something go wrong on the platform's side, or ours, until it is turned back."""

from typing import Any

from sqlmodel import Session, select

from models.groups import Group, GroupKind
from models.org import Store, find_guide
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.runs import GUIDE, NAME_OF_GUIDE, Run, keep
from pages.web.site import Site

SWITCHES = {
    "copies": ("每个回调来三遍", "只有第一份算数"),
    "busy": ("平台说太多了（45009）", "发消息、建任务都先等着"),
    "slow": ("平台 10 秒不回答", "可能已送达，所以不乱重发"),
    "kill": ("杀掉工作进程", "看护进程马上再起一个"),
    "away": ("王芳今天离职", "她的码和任务停下，好友等交接"),
}
"""Name → what it does, what to look at."""
BUSY = ("message/send", "externalcontact/add_msg_template", "webhook/send")
SLOW = ("message/send", "externalcontact/add_msg_template", "externalcontact/get_groupmsg_task")
SLOW_SECONDS = 11


def turn(site: Site, emulator: EmulatorClient, run: Run, name: str, on: bool) -> None:
    """Turn one switch; turning it twice changes nothing."""
    if run.switches.get(name, False) == on:
        return
    if name == "away":
        leave(emulator) if on else come_back(site, emulator)
    run.switches = {**run.switches, name: on}
    emulator.press("/control/chaos", **chaos(run.switches))
    with site.db.write() as session:
        keep(session, run)


def chaos(switches: dict[str, bool]) -> dict[str, Any]:
    rules: list[dict[str, Any]] = []
    if switches.get("busy"):
        rules += [{"api": api, "errcode": 45009} for api in BUSY]
    if switches.get("slow"):
        rules += [{"api": api, "delay": SLOW_SECONDS} for api in SLOW]
    return {"rules": rules, "callbacks": {"copies": 3 if switches.get("copies") else 1}}


def all_off(site: Site, emulator: EmulatorClient, run: Run | None) -> None:
    """As on a good day, whatever was on."""
    if run and run.switches.get("away"):
        come_back(site, emulator)
    emulator.press("/control/chaos")


def leave(emulator: EmulatorClient) -> None:
    """HR deletes her from the directory."""
    emulator.press("/control/members", remove=GUIDE, wait=True)


def come_back(site: Site, emulator: EmulatorClient) -> None:
    """HR takes her on again, into the same store and its group."""
    with site.db.read() as session:
        member, chat_id = _member(session)
    try:
        emulator.press("/control/members", add=member, wait=True)
    except NotPressed:
        return  # she never left
    if chat_id:
        emulator.press("/control/groups", join={"chat_id": chat_id, "who": GUIDE})


def _member(session: Session) -> tuple[dict[str, Any], str]:
    guide = find_guide(session, GUIDE)
    store = session.get(Store, guide.store_id) if guide and guide.store_id else None
    group = (
        session.exec(
            select(Group).where(Group.store_id == store.id, Group.kind == GroupKind.INTERNAL)
        ).first()
        if store
        else None
    )
    department = [store.department_id] if store and store.department_id else [1]
    name = guide.name if guide else NAME_OF_GUIDE
    return {
        "userid": GUIDE,
        "name": name,
        "department": department,
        "position": "导购",
    }, group.chat_id if group else ""
