"""One run of the demo: where its rows begin, who plays in it, and which of its nouns are there already."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, func, select

from models.campaigns import Campaign, CampaignStatus, Task, TaskAudience
from models.campaigns.announcements import Announcement
from models.db import count
from models.db.sets import NOBODY
from models.friends import Customer, Friend, FriendStatus
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.groups import Group, GroupKind
from models.ledger.channels import ROBOT
from models.ledger.inbox import Inbox, InboxSource, InboxStatus
from models.ledger.outbox import Outbox
from models.org import Guide, Store, find_guide
from models.preferences import Preference
from pages.demo.leaving import Leaving, of_leaver

KEY = "demo.run"
NAME = "初雪雪地靴"
"""The demo's own campaign"""
POST = "小雪暖脚指南"
"""Its post in Moments, and the piece of the library that it shows"""
COLLEAGUE = "zhaoqian"
"""She has not got round to it yet: so the robot has something to tell her, and HQ somebody to ask about."""
GUIDE, CUSTOMER = "wangfang", "wmXUJINGYI"
NAME_OF_GUIDE, NAME_OF_CUSTOMER = "王芳", "许静宜"
NEWCOMERS = ("李敏", "孙雪", "何琳", "郑佳怡", "林雨桐", "高若溪", "梁诗涵", "韩雅婷")


@dataclass
class Run:
    """Kept in one preference, so that it outlives a killed process."""

    number: int
    at: str
    ledger: int
    """The last row of the built-in WeCom's ledger before this run"""
    first: dict[str, int]
    """The last row of each of our tables before this run"""
    confirmed: bool = False
    """The demo itself pressed 王芳's confirmation (the platform tells us only when it is asked)."""
    posted: bool = False
    """The demo itself pressed 王芳's publishing."""
    asked: str = ""
    """The customer of whom HQ asked why she did not get it"""
    newcomer: str = ""
    finale: str = ""
    """What was broken so far: scanned, killed, mended"""
    leaver: str = ""
    """The guide who left, at the end of the story"""
    decliner: str = ""
    """The customer who did not want to follow"""
    pid: int = 0
    """The process that was killed"""
    switches: dict[str, bool] = field(default_factory=dict)

    @property
    def begun(self) -> datetime:
        return datetime.fromisoformat(self.at)


TABLES: dict[str, type[SQLModel]] = {
    "campaign": Campaign,
    "announcement": Announcement,
    "inbox": Inbox,
    "outbox": Outbox,
}


def read(session: Session) -> Run | None:
    row = session.get(Preference, KEY)
    return Run(**json.loads(row.value)) if row else None


def keep(session: Session, run: Run) -> None:
    session.merge(Preference(key=KEY, value=json.dumps(asdict(run), ensure_ascii=False)))


def begin(session: Session, ledger: int, now: datetime) -> Run:
    """A fresh run: everything that comes after this moment is its own."""
    before = read(session)
    first = {name: _last(session, table) for name, table in TABLES.items()}
    run = Run((before.number if before else 0) + 1, now.isoformat(), ledger, first)
    keep(session, run)
    return run


def _last(session: Session, table: Any) -> int:
    return int(session.exec(select(func.coalesce(func.max(table.id), 0))).one())


# ---- the nouns of this run, whoever made them


@dataclass
class Cast:
    """What exists by now. Steps look here, so a step that somebody did by hand is done."""

    guide: Guide | None
    store: Store | None
    group: Group | None
    campaign: Campaign | None = None
    task: Task | None = None
    friend: Friend | None = None
    welcome: Outbox | None = None
    announced: Outbox | None = None
    told: bool = False
    """The task is on 王芳's phone: on her card, or (where her card of this half day can change no more) in her 群发助手"""
    post: Campaign | None = None
    post_task: Task | None = None
    leaving: Leaving | None = None
    questions: int = 0
    tasks: int = 0
    confirmed: int = 0


def cast(session: Session, run: Run) -> Cast:
    guide = find_guide(session, GUIDE)
    store = session.get(Store, guide.store_id) if guide and guide.store_id else None
    found = Cast(guide, store, _group(session, store) if store else None)
    if guide is None:
        return found
    found.campaign = campaign_of(session, run)
    if found.campaign:
        found.task, found.tasks, found.confirmed = _tasks(session, found.campaign, guide)
        found.told = bool(found.task and found.task.card_sent_at)
    found.post = post_of(session, run)
    if found.post:
        found.post_task = _tasks(session, found.post, guide)[0]
    found.friend = newest_friend(session, run, guide)
    if found.friend and found.friend.welcome_id:
        found.welcome = session.get(Outbox, found.friend.welcome_id)
    found.announced = _announced(session, run)
    found.leaving = of_leaver(session, run.leaver, run.decliner)
    found.questions = _questions(session, run)
    return found


def _group(session: Session, store: Store) -> Group | None:
    """The store's internal group."""
    return session.exec(
        select(Group)
        .where(Group.store_id == store.id, Group.kind == GroupKind.INTERNAL)
        .order_by(col(Group.id))
    ).first()


def campaign_of(session: Session, run: Run) -> Campaign | None:
    """The first of this run that the story can go on with: the demo's own, or one that gave 王芳 a task.

    What somebody plans for tomorrow, or for other people, must not hold it up.
    """
    hers = (
        select(Task.campaign_id).join(Guide, col(Guide.id) == col(Task.guide_id)).where(Guide.userid == GUIDE)
    )
    return session.exec(
        select(Campaign)
        .where(
            col(Campaign.id) > run.first["campaign"],
            Campaign.status != CampaignStatus.DRAFT,
            (col(Campaign.name) == NAME) | col(Campaign.id).in_(hers),
        )
        .order_by(col(Campaign.id))
    ).first()


def post_of(session: Session, run: Run) -> Campaign | None:
    """What this run posted in Moments."""
    mine = col(Campaign.id) > run.first["campaign"], Campaign.name == POST
    return session.exec(select(Campaign).where(*mine).order_by(col(Campaign.id))).first()


def missed(session: Session, campaign: Campaign) -> Customer | None:
    """A customer whose guide has not sent it yet."""
    hers = (
        select(col(TaskAudience.members))
        .join(Task, col(Task.id) == col(TaskAudience.task_id))
        .join(Guide, col(Guide.id) == col(Task.guide_id))
        .where(
            Task.campaign_id == campaign.id,
            Task.skipped == "",
            col(Task.confirmed_at).is_(None),
        )
        .order_by(col(Guide.userid) != COLLEAGUE, col(Task.id))
    )
    members = next((one for one in session.exec(hers) if len(one)), NOBODY)
    return session.get(Customer, next(iter(members), 0))


def _tasks(session: Session, campaign: Campaign, guide: Guide) -> tuple[Task | None, int, int]:
    """Her task, how many there are, and how many are confirmed."""
    hers = session.exec(
        select(Task).where(Task.campaign_id == campaign.id, Task.guide_id == guide.id)
    ).one_or_none()
    counted = select(func.count(), func.count(col(Task.confirmed_at))).where(Task.campaign_id == campaign.id)
    return hers, *session.exec(counted).one()


def _announced(session: Session, run: Run) -> Outbox | None:
    """The first robot's post."""
    return session.exec(
        select(Outbox)
        .where(col(Outbox.id) > run.first["outbox"], Outbox.channel == ROBOT)
        .order_by(col(Outbox.id))
    ).first()


def _questions(session: Session, run: Run) -> int:
    """How many she asked a robot and got an answer to."""
    return count(
        session,
        Inbox,
        col(Inbox.id) > run.first["inbox"],
        Inbox.source == InboxSource.ROBOT,
        Inbox.actor == GUIDE,
        Inbox.status == InboxStatus.HANDLED,
    )


def newest_friend(session: Session, run: Run, guide: Guide) -> Friend | None:
    """许静宜, since this run began."""
    return session.exec(
        select(Friend)
        .join(Customer, col(Customer.id) == col(Friend.customer_id))
        .where(
            Customer.external_userid == CUSTOMER,
            Friend.owner_id == guide.id,
            Friend.status == FriendStatus.FRIEND,
            Friend.changed_at >= run.begun.replace(microsecond=0),
        )
    ).first()


def code_payload(session: Session, guide: Guide) -> str:
    """What her own entry code says; empty while the platform has not made it."""
    return (
        session.exec(
            select(EntryCode.payload)
            .where(
                EntryCode.guide_id == guide.id, EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.payload != ""
            )
            .order_by(col(EntryCode.id).desc())
        ).first()
        or ""
    )
