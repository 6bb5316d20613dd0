"""What somebody who goes on by hand needs: a way in without a password, and the address of a robot to paste."""

import secrets
import uuid
from dataclasses import dataclass

from flask import Response, make_response, redirect
from sqlmodel import select

from models import groups
from models.accounts import Account
from models.groups import Group, GroupKind
from pages.demo.emulator_client import EmulatorClient
from pages.demo.runs import GUIDE
from pages.web import sessions
from pages.web.site import site

ROBOT = "小霁"
NEW_GROUP = "总部 · 试播群"
MEMBERS = (GUIDE, "zhaoqian", "gaomin")


def signed_in(where: str) -> Response:
    """The invented HQ account sits at this desk: one press signs the browser in, in the console's own cookie."""
    response = make_response(redirect(where))
    with site().db.read() as session:
        account = session.exec(select(Account).where(Account.login == "demo")).one_or_none()
    if account:
        sessions.begin(response, sessions.CONSOLE, account_id=account.id)
    return response


@dataclass(frozen=True)
class SpareRobot:
    """A robot of the built-in WeCom that nobody has pasted yet."""

    address: str
    group: str
    phone: str
    """Where one sees what it says"""


def add_robot(emulator: EmulatorClient, group: Group | None, name: str) -> SpareRobot:
    """What a member does in the group: adds a robot and copies its address. Without a group it gets one of that name."""
    key, robot = str(uuid.uuid4()), {"name": ROBOT}
    if group and group.kind == GroupKind.INTERNAL and not group.chat_id.startswith(groups.OWN):
        chat_id, name = group.chat_id, group.name
        emulator.press("/control/groups", webhook={"chat_id": chat_id, "key": key, **robot})
    else:
        chat_id, name = f"wrHAND{secrets.token_hex(8)}", name or NEW_GROUP
        made = {
            "chat_id": chat_id,
            "name": name,
            "kind": "internal",
            "owner": MEMBERS[-1],
            "members": list(MEMBERS),
            "robot": True,
            "webhooks": [{"key": key, **robot}],
        }
        emulator.press("/control/groups", create=made)
    here = emulator.address
    return SpareRobot(
        f"{here}/cgi-bin/webhook/send?key={key}", name, f"{here}/phones/group/{chat_id}?as={GUIDE}"
    )
