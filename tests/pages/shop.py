"""The small retailer that page tests look at: two branches, three stores, guides, friends, a campaign, calls and callbacks."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlmodel import Session, SQLModel

from models.accounts.api_tokens import ApiToken
from models.campaigns import Campaign, Task, TaskAudience
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.campaigns.files import keep_file
from models.campaigns.moves import CampaignMove
from models.campaigns.rehearsals import Rehearsal
from models.campaigns.slots import Slot
from models.db import Database
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode
from models.friends.handover import Handover, HandoverKind, HandoverStatus
from models.groups import Group
from models.groups.robots import Robot
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.materials import Material, MaterialVersion
from models.org import Guide
from models.public_holidays import OwnDay
from models.sentences import Sentence
from tests import cast

SUN = "sunjiayi"
"""孙佳怡, who has come to 南京新街口店."""


def open_shop(db: Database, ids: dict[str, int], now: datetime) -> None:
    """Fill `ids`: branches, stores and guides by their codes and accounts; and one row of each noun per branch."""
    with db.write() as session:
        add_org(session, ids, now)
        for branch, store, guide in (("northeast", "zhongjie", cast.WANG), ("east", "xinjiekou", SUN)):
            add_rows(session, ids, now, branch, store, guide)


def keep(session: Session, ids: dict[str, int], name: str, row: SQLModel) -> int:
    session.add(row)
    session.flush()
    ids[name] = row.id  # type: ignore[attr-defined]
    return ids[name]


def change(db: Database, model: type, row_id: int, **values: Any) -> None:
    with db.write() as session:
        row = session.get_one(model, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def add_org(session: Session, ids: dict[str, int], now: datetime) -> None:
    """Two branches, three stores, and a guide in each; names in `ids` are codes and accounts."""
    for one in cast.BRANCHES:
        keep(session, ids, one.code, cast.branch(one))
    for one in cast.STORES:
        keep(session, ids, one.code, cast.store(one, ids[one.branch.code]))
    for userid, store in ((cast.WANG, cast.ZHONGJIE), (cast.ZHOU, cast.TAIYUANJIE), (SUN, cast.XINJIEKOU)):
        joined_at = now - timedelta(days=90)
        name = cast.NAMES.get(userid, "孙佳怡")
        guide = Guide(
            userid=userid, userid_key=userid, name=name, store_id=ids[store.code], joined_at=joined_at
        )
        keep(session, ids, userid, guide)


def add_rows(
    session: Session, ids: dict[str, int], now: datetime, branch: str, store: str, guide: str
) -> None:
    """One row of each noun in a branch: names are `<noun>_<branch>`."""
    add_code(session, ids, now, branch, guide)
    add_callback(session, ids, now, branch, guide)
    add_friend(session, ids, now, branch, store, guide)
    add_group(session, ids, now, branch, store, guide)
    add_robot(session, ids, now, branch)
    token = ApiToken(name=f"报表 {branch}", token_hash=f"hash-{branch}", tail="9c1d", created_at=now)
    keep(session, ids, f"token_{branch}", token)
    add_campaign(session, ids, now, branch, store, guide, f"wm-{branch}")
    add_delivery(session, ids, now, branch, guide)
    add_calendar(session, ids, now, branch)
    add_handover(session, ids, now, branch, guide)


def add_code(session: Session, ids: dict[str, int], now: datetime, branch: str, guide: str) -> None:
    """A guide's own code that works."""
    code = EntryCode(
        state=f"state-{branch}",
        kind="guide",
        guide_id=ids[guide],
        name="试衣间",
        userids=[guide],
        status="ready",
        config_id=f"cfg-{branch}",
        payload=f"https://work.weixin.qq.com/u/{branch}",
        created_at=now,
    )
    keep(session, ids, f"code_{branch}", code)


def add_callback(session: Session, ids: dict[str, int], now: datetime, branch: str, guide: str) -> None:
    """The platform said that somebody scanned it."""
    came = Inbox(
        key=f"key-{branch}",
        source="app",
        kind="change_external_contact.add_external_contact",
        actor="sys",
        subject=guide,
        body="<xml><Event>change_external_contact</Event></xml>",
        event_at=now,
        received_at=now,
        status="handled",
        handled_at=now,
    )
    keep(session, ids, f"callback_{branch}", came)


def add_friend(
    session: Session, ids: dict[str, int], now: datetime, branch: str, store: str, guide: str
) -> None:
    """Somebody who scanned the guide's code five minutes ago."""
    person = Customer(external_userid=f"wm-{branch}", name=f"林若溪{branch}", seen_at=now)
    scanned = Sentence("扫的是{holder}的码", holder=cast.NAMES.get(guide, "孙佳怡"))
    friend = Friend(
        customer_id=keep(session, ids, f"customer_{branch}", person),
        owner_id=ids[guide],
        guide_id=ids[guide],
        store_id=ids[store],
        branch_id=ids[branch],
        rule="code",
        reason=scanned,
        steps=[
            {
                "rule": "code",
                "question": Sentence("码是谁的"),
                "answer": scanned,
                "outcome": "hit",
            }
        ],
        code_id=ids[f"code_{branch}"],
        state=f"state-{branch}",
        added_at=now - timedelta(minutes=5),
        changed_at=now,
    )
    keep(session, ids, f"friend_{branch}", friend)


def add_group(
    session: Session, ids: dict[str, int], now: datetime, branch: str, store: str, guide: str
) -> None:
    """An internal group of the guide."""
    group = Group(
        chat_id=f"wr-{branch}",
        kind="internal",
        name=f"{branch} 店长群",
        owner_id=ids[guide],
        store_id=ids[store],
        branch_id=ids[branch],
        members=12,
        created_at=now,
    )
    keep(session, ids, f"group_{branch}", group)


def add_robot(session: Session, ids: dict[str, int], now: datetime, branch: str) -> None:
    """The robot of that group, and what was announced in it."""
    group = ids[f"group_{branch}"]
    robot = Robot(
        group_id=group,
        name="播报机器人",
        encrypted_key="encrypted",
        key_hash=f"hash-{branch}",
        key_tail="7f2a",
        created_at=now,
    )
    keep(session, ids, f"robot_{branch}", robot)
    piece = Material(
        name="尺码怎么选", branch_id=ids[branch], created_at=now, changed_at=now, approved_version=1
    )
    number = keep(session, ids, f"material_{branch}", piece)
    session.add(MaterialVersion(material_id=number, number=1, text="量脚长", made_by="周岚", made_at=now))
    said = Announcement(title="门店播报", text="今天三点播报", groups=[group], launch_at=now, created_at=now)
    session.add(
        AnnouncementGroup(announcement_id=keep(session, ids, f"announcement_{branch}", said), group_id=group)
    )


def add_handover(session: Session, ids: dict[str, int], now: datetime, branch: str, guide: str) -> None:
    """What came of a colleague's customers months ago."""
    long_ago = now - timedelta(days=90)
    done = Handover(
        guide_id=ids[guide],
        kind=HandoverKind.ON_JOB,
        status=HandoverStatus.DONE,
        store_id=session.get_one(Guide, ids[guide]).store_id,
        branch_id=ids[branch],
        left_at=long_ago,
        drafted_at=long_ago,
        planned_at=long_ago,
        confirmed_at=long_ago,
        confirmed_by="马骁",
        finished_at=long_ago,
    )
    keep(session, ids, f"handover_{branch}", done)


def add_calendar(session: Session, ids: dict[str, int], now: datetime, branch: str) -> None:
    """A slot far ahead that is open to this branch alone, a move of its campaign, and a day that HQ added."""
    far = now + timedelta(days=2000 + ids[branch])
    slot = Slot(
        begins_at=far,
        ends_at=far + timedelta(hours=8),
        submit_by=far,
        branches=[ids[branch]],
        opened_by="周岚",
        opened_at=now,
    )
    keep(session, ids, f"slot_{branch}", slot)
    moved = CampaignMove(
        campaign_id=ids[f"campaign_{branch}"],
        launch_at=now,
        ends_at=now,
        status="draft",
        to_launch_at=now,
        by="周岚",
        at=now,
    )
    keep(session, ids, f"move_{branch}", moved)
    keep(session, ids, f"day_{branch}", OwnDay(day=far.date(), name="店庆", added_by="周岚", added_at=now))


def add_delivery(session: Session, ids: dict[str, int], now: datetime, branch: str, guide: str) -> None:
    """The welcome of that friend, sent within a second."""
    at = now - timedelta(minutes=5)
    row = Outbox(
        key=f"welcome:{branch}",
        channel="welcome",
        lane="welcome",
        priority=0,
        status="sent",
        due_at=now,
        guide_id=ids[guide],
        friend_id=ids[f"friend_{branch}"],
        group_id=ids[f"group_{branch}"],
        target=Sentence("{owner}的新好友", owner="王芳"),
        why="新好友",
        inbox_id=ids[f"callback_{branch}"],
        payload={"text": "您好"},
        attempts=1,
        created_at=at,
        called_at=at,
        done_at=at + timedelta(seconds=0.8),
    )
    keep(session, ids, f"delivery_{branch}", row)


def add_campaign(
    session: Session, ids: dict[str, int], now: datetime, branch: str, store: str, guide: str, customer: str
) -> None:
    """A running campaign of one branch with one task that is opened, and a 【测试】 from before its start."""
    campaign = keep(
        session,
        ids,
        f"campaign_{branch}",
        Campaign(
            name=f"初雪雪地靴 · {branch}",
            text="来{门店名}试试",
            scope={"branches": [ids[branch]]},
            status="running",
            launch_at=now - timedelta(hours=4),
            launched_at=now - timedelta(hours=4),
            planned_at=now,
            ends_at=now + timedelta(hours=4),
            created_at=now - timedelta(days=1),
        ),
    )
    task = keep(
        session,
        ids,
        f"task_{branch}",
        Task(
            code=f"task-{branch}",
            campaign_id=campaign,
            guide_id=ids[guide],
            store_id=ids[store],
            branch_id=ids[branch],
            text="来试试",
            customer_count=1,
            msgid=f"msg-{branch}",
            created_at=now,
            ready_at=now,
            card_sent_at=now,
            opened_at=now,
        ),
    )
    session.add(TaskAudience(task_id=task, members=cast.customers(session, customer)))
    tried = Rehearsal(
        code=f"try-{branch}",
        campaign_id=campaign,
        guide_id=ids[guide],
        content={},
        by="周岚",
        created_at=now - timedelta(hours=5),
    )
    keep(session, ids, f"rehearsal_{branch}", tried)


def jpeg() -> bytes:
    """A picture that HQ uploads."""
    out = BytesIO()
    Image.new("RGB", (1080, 1600), "#4C4BC0").save(out, "JPEG")
    return out.getvalue()


def give_picture(console: Any, branch: str) -> int:
    """The campaign of this branch gets an artwork and a file: `ids["picture_<branch>"]`, `ids["file_<branch>"]`."""
    content = jpeg() + branch.encode()
    with console.db.write() as session:
        kept = cast.picture(session, content, now=console.clock())
        campaign = session.get_one(Campaign, console.ids[f"campaign_{branch}"])
        file = keep_file(
            session,
            form="file",
            name="尺码表.pdf",
            content=content,
            account_id=console.ids["zhou"],
            now=console.clock(),
        )
        attached = {"form": "file", "file_id": file.id}
        campaign.attachments = [*cast.poster("artwork", kept.id), attached]
        version = session.get_one(MaterialVersion, console.ids[f"material_{branch}"])
        version.attachments = cast.poster("artwork", kept.id)
        console.ids |= {f"picture_{branch}": kept.id or 0, f"file_{branch}": file.id or 0}
    return kept.id or 0
