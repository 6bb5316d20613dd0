"""What the rows of mass messages are about, read in a few queries for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyroaring import FrozenBitMap
from sqlalchemy import bindparam
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select

from models import preferences
from models.campaigns import Campaign, Task, TaskAudience, recipients, split, variants
from models.campaigns.attachments import Attachment, AttachmentForm
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture, PosterPlan, art_of, codes_of, person_of
from models.campaigns.variants import Variant
from models.db.sets import union
from models.friends import entry_codes
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, Store
from models.sentences import Sentence
from scheduler.channels.base import Bytes, NotDeliverable, Part

NO_CODE = "她的入口码没建成，海报上没有码可印"
WITH_NOUNS = (
    select(Task, Campaign, Guide)
    .join(Campaign, col(Campaign.id) == col(Task.campaign_id))
    .join(Guide, col(Guide.id) == col(Task.guide_id))
    .where(col(Task.id).in_(bindparam("tasks", expanding=True)))
)
"""Made once: each portion asks it three times."""
Version = tuple[int, int | None]
"""A campaign, and the branch whose variant it is"""
OVER = "活动已停止或到了截止时间，没有再发"


@dataclass(frozen=True)
class TaskNouns:
    """The task of each row, its campaign and its guide."""

    tasks: dict[int, Task]
    campaigns: dict[int, Campaign]
    guides: dict[int, Guide]

    @classmethod
    def of_rows(cls, session: Session, rows: Sequence[Outbox]) -> "TaskNouns":
        wanted = {"tasks": [row.task_id for row in rows if row.task_id]}
        found = [tuple(row) for row in session.execute(WITH_NOUNS, wanted)]
        return cls(
            {task.id: task for task, _, _ in found},
            {campaign.id: campaign for _, campaign, _ in found},
            {guide.id: guide for _, _, guide in found},
        )

    def of(self, row: Outbox) -> tuple[Task, Campaign, Guide]:
        """The nouns of a row, if it may still leave."""
        task = self.tasks.get(row.task_id or 0)
        if task is None:
            raise NotDeliverable("这件任务已经不在了")
        campaign, guide = self.campaigns[task.campaign_id], self.guides[task.guide_id]
        if campaign.over:
            raise NotDeliverable(OVER, OutboxStatus.CANCELLED)
        if not guide.present:
            raise NotDeliverable(Sentence("{guide}已离职，她的好友还没有交接，这次没有发", guide=guide.name))
        return task, campaign, guide


@dataclass
class Nouns:
    """All that the messages of these rows are made of."""

    people: TaskNouns
    stores: dict[int, Store]
    addressed: dict[int, list[str]]
    """Row → those of the guide's share who belong to this call, as the platform names them"""
    codes: dict[int, str]
    making: set[int | None]
    """Guides whose code is still being made"""
    brand: str
    _own: dict[int, dict[int, Variant]] = field(default_factory=dict)
    """Campaign → branch → what it replaced"""
    _attached: dict[Version, list[tuple[Attachment, Part | None]]] = field(default_factory=dict)
    """Of each version of a campaign, with what is the same for all guides"""
    _art: dict[Version, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, session: Session, rows: Sequence[Outbox]) -> "Nouns":
        people = TaskNouns.of_rows(session, rows)
        with_poster = {number for number, one in people.campaigns.items() if one.own_poster is not None}
        drawn = [task.guide_id for task in people.tasks.values() if task.campaign_id in with_poster]
        stores = {task.store_id for task in people.tasks.values() if task.store_id} if drawn else set()
        return cls(
            people,
            {one.id or 0: one for one in session.exec(select(Store).where(col(Store.id).in_(stores)))}
            if stores
            else {},
            _addressed(session, rows, people),
            codes_of(session, drawn) if drawn else {},
            entry_codes.making_among(session, drawn) if drawn else set(),
            preferences.read(session).name if drawn else "",
        )

    def parts(self, session: Session, task: Task) -> tuple[Part, ...]:
        """The campaign's attachments as her message carries them, her poster with her own code."""
        variant = self._variant(session, task)
        version = task.campaign_id, variant.branch_id if variant else None
        if version not in self._attached:
            self._attached[version] = [
                (one, None if one.form == AttachmentForm.POSTER else shared_part(session, one))
                for one in variants.attached(self.people.campaigns[task.campaign_id], variant)
            ]
        return tuple(
            part or self._poster(session, one, task, version) for one, part in self._attached[version]
        )

    def _variant(self, session: Session, task: Task) -> Variant | None:
        """That of the branch in which she worked at the launch; None where it is HQ's."""
        if task.campaign_id not in self._own:
            self._own[task.campaign_id] = variants.that_go(session, task.campaign_id)
        return self._own[task.campaign_id].get(task.branch_id or 0)

    def _poster(self, session: Session, poster: Attachment, task: Task, version: Version) -> Part:
        code = self.codes.get(task.guide_id)
        if not code:
            raise NotDeliverable(NO_CODE)
        if version not in self._art:
            self._art[version] = art_of(session, poster, self.brand)
        guide, store = self.people.guides[task.guide_id], self.stores.get(task.store_id or 0)
        person = person_of(poster, self.brand, guide, store, code)
        return Part("image", media=PosterPlan(self._art[version], person))


def _addressed(session: Session, rows: Sequence[Outbox], people: TaskNouns) -> dict[int, list[str]]:
    shares = rows_of(col(TaskAudience.task_id), col(TaskAudience.members)).where(
        col(TaskAudience.task_id).in_(list(people.tasks))
    )
    members = dict[int, FrozenBitMap](session.execute(shares).all())
    parts: dict[str, dict[int, FrozenBitMap]] = {}
    for row in rows:
        if task := people.tasks.get(row.task_id or 0):
            campaign = people.campaigns[task.campaign_id]
            part = split.addressed(campaign, members[task.id or 0], row.payload)
            parts.setdefault(campaign.channel, {})[row.id or 0] = part
    found: dict[int, list[str]] = {}
    for channel, of_rows in parts.items():
        names = recipients.names_of(session, channel, union(of_rows.values()))
        for row_id, part in of_rows.items():
            found[row_id] = [names[one] for one in part if one in names]
    return found


def shared_parts(session: Session, campaign: Campaign, task: Task) -> tuple[Part, ...]:
    """The attachments where they are the same for all guides of a call."""
    return tuple(shared_part(session, one) for one in variants.attached_for(session, campaign, task))


def shared_part(session: Session, one: Attachment) -> Part:
    match one.form:
        case AttachmentForm.POSTER:
            raise NotDeliverable("一条发给所有导购的内容里，放不了每位导购自己的海报")
        case AttachmentForm.PICTURE:
            return Part("image", media=_picture(session, one.picture_id))
        case AttachmentForm.LINK:
            card = {"title": one.title, "desc": one.note, "url": one.url}
            said = {name: words for name, words in card.items() if words}
            return Part("link", said, _picture(session, one.picture_id) if one.picture_id else None)
        case AttachmentForm.PROGRAM:
            card = {"title": one.title, "appid": one.appid, "page": one.page}
            return Part("miniprogram", card, _picture(session, one.picture_id))
        case _:
            return Part(one.form, media=_file(session, one.file_id))


def _picture(session: Session, picture_id: int | None) -> Bytes:
    named = select(Picture.id, Picture.sha256, func.length(Picture.content), Picture.mime)
    found = session.exec(named.where(Picture.id == picture_id)).one_or_none()
    if found is None:
        raise NotDeliverable("活动的图片已经不在了")
    row_id, sha256, size, mime = found
    name = "picture.jpg" if mime == "image/jpeg" else "picture.png"
    return Bytes(Picture, row_id or 0, sha256, size, name)


def _file(session: Session, file_id: int | None) -> Bytes:
    named = select(StoredFile.id, StoredFile.sha256, StoredFile.size, StoredFile.name)
    found = session.exec(named.where(StoredFile.id == file_id)).one_or_none()
    if found is None:
        raise NotDeliverable("活动的文件已经不在了")
    row_id, sha256, size, name = found
    return Bytes(StoredFile, row_id or 0, sha256, size, name)
