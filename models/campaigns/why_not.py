"""Why did she not get it? One line for one customer and one campaign, before its start and afterwards."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.campaigns import Campaign, Exclusion, Result, Task, TaskAudience
from models.campaigns.customer_history import result_of
from models.campaigns.recipient_ledger import Fate, fate_words
from models.campaigns.results import NOT_REACHED
from models.campaigns.selection import Selection, select_audience
from models.friends import Friend
from models.org import Guide
from models.sentences import Sentence

UNKNOWN_TO_THEM = "她不是这次范围里任何一位导购的好友，或者是开始以后才加的"


def answer(
    session: Session,
    campaign: Campaign,
    customer_id: int,
    now: datetime,
    zone: ZoneInfo,
    found: Selection | None = None,
) -> str:
    """As the launch wrote it down; before that, as things stand for its planned start: `found`, where it is known."""
    if campaign.launched_at is None:
        at = max(now, campaign.launch_at)
        return _planned(
            found or select_audience(session, campaign, at, zone, number=campaign.id), customer_id
        )
    for words, members in session.exec(
        select(Exclusion.words, col(Exclusion.members)).where(Exclusion.campaign_id == campaign.id)
    ):
        if customer_id in members:
            return Sentence("没有发给她：{why}", why=words)
    return _addressed(session, campaign, customer_id) or UNKNOWN_TO_THEM


def _planned(found: Selection, customer_id: int) -> str:
    for one in found.reasons:
        if customer_id in one.members:
            return Sentence("不会发给她：{why}", why=one.words)
    for guide in found.guides:
        if customer_id in found.shares.get(guide.id or 0, ()):
            return Sentence("会由{guide}发给她", guide=guide.name)
    return UNKNOWN_TO_THEM


def _addressed(session: Session, campaign: Campaign, customer_id: int) -> str:
    """In whose share she stands, and what became of it; empty when she stands in none."""
    hers = (
        select(Task, TaskAudience, Guide)
        .join(TaskAudience, col(TaskAudience.task_id) == col(Task.id))
        .join(Guide, col(Guide.id) == col(Task.guide_id))
        .where(
            Task.campaign_id == campaign.id,
            col(Task.guide_id).in_(select(Friend.owner_id).where(Friend.customer_id == customer_id)),
        )
    )
    for task, share, guide in session.exec(hers):
        if customer_id not in share.members:
            continue
        result = result_of(share, customer_id)
        if result == Result.REACHED:
            said = "看得到，由{guide}发表的" if campaign.way.together else "收到了，由{guide}发的"
            return Sentence(said, guide=guide.name)
        if result is not None:
            return Sentence(
                "由{guide}发，没有收到：{why}", guide=guide.name, why=Sentence(NOT_REACHED[result])
            )
        return _not_yet(campaign, task, guide.name)
    return ""


def _not_yet(campaign: Campaign, task: Task, guide: str) -> str:
    """How far her guide is, while the platform has told nothing of her."""
    way = campaign.way
    place = Sentence(way.campaign.place if way.campaign else "")
    if task.confirmed_at:
        return Sentence("{guide}已确认发出，平台还没给她的结果", guide=guide)
    if task.skipped:
        return Sentence("由{guide}发，没有收到：{why}", guide=guide, why=task.skipped)
    if not way.confirmed:
        return (
            Sentence("{guide}说分享了，平台不告诉分享给了谁", guide=guide)
            if task.reported_at
            else Sentence("由{guide}自己分享，她没有说分享了", guide=guide)
        )
    if campaign.over:
        return Sentence("没有收到：到截止时{guide}没有在{place}里确认", guide=guide, place=place)
    if not task.ready_at:
        words = fate_words(Fate.PREPARING, way)
        return Sentence("由{guide}发，{words}", guide=guide, words=words)
    return Sentence("由{guide}发，她还没有在{place}里确认", guide=guide, place=place)
