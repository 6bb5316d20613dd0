"""A Moments campaign: one job for all of its guides, which puts one post into each one's 客户朋友圈, where she publishes it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns import Campaign, CampaignStatus, Task, moments
from models.campaigns.lifecycle import PAUSED_WORDS
from models.ledger.channels import MOMENT
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.channels.base import (
    Draft,
    Json,
    NotDeliverable,
    NotYet,
    Plain,
    Sender,
    Verification,
    check,
    naming,
)
from scheduler.channels.mass import LOOK_SECONDS, text_of
from scheduler.channels.mass_nouns import OVER, shared_parts
from scheduler.channels.moment_lookup import look_for
from scheduler.runtime import Runtime

NOBODY = "这些导购都已离职或没有任务，没有人可以发表"


class MomentPost(Plain):
    """campaign_id; payload: {"part": number of this call, "first" and "last": the tasks that it is for}."""

    name = MOMENT

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """Ten a minute for the whole company; before it, a paused campaign."""
        with runtime.db.read() as session:
            if session.get_one(Campaign, row.campaign_id).status == CampaignStatus.PAUSED:
                raise NotYet(LOOK_SECONDS, PAUSED_WORDS)
        return super().wait(runtime, row, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        campaign = campaign_of(session, row)
        userids = moments.senders(session, campaign.id or 0, *tasks_of(row))
        if not userids:
            raise NotDeliverable(NOBODY)
        task = session.get_one(Task, tasks_of(row)[0])  # all of one call get the same
        parts = tuple(
            replace(part, card={name: words for name, words in part.card.items() if name != "desc"})
            for part in shared_parts(session, campaign, task)
        )
        check("moment", {"text": task.text, "attachments": parts, "user_list": userids})
        visible = {"visible_range": {"sender_list": {"user_list": userids}}}
        return Draft(text_of(task.text) | visible, parts=parts)

    def wanted(self, session: Session, row: Outbox) -> None:
        campaign_of(session, row)

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return naming(super().send(runtime, row, request), self.channel.api, "jobid", most=64)

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        jobid, moment_id = (str(answer.get(name) or "") for name in ("jobid", "moment_id"))
        moments.accepted(session, row, jobid, moment_id, now)

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        """A second one must not wait on their phones; the first may be this very one."""
        jobid, kept = str(answer.get("jobid") or ""), session.get_one(Outbox, row.id, populate_existing=True)
        if jobid and (kept.status != OutboxStatus.SENT or (kept.answer or answer).get("jobid") != jobid):
            moments.accepted_again(session, row, jobid, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        moments.failed(session, row.campaign_id or 0, *tasks_of(row), words)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return look_for(runtime, row, now)


SENDER: Sender = MomentPost()


def campaign_of(session: Session, row: Outbox) -> Campaign:
    """If it may still leave."""
    campaign = session.get_one(Campaign, row.campaign_id)
    if campaign.over:
        raise NotDeliverable(OVER, OutboxStatus.CANCELLED)
    return campaign


def tasks_of(row: Outbox) -> tuple[int, int]:
    return int(row.payload["first"]), int(row.payload["last"])
