"""A guide's mass message: the platform makes a task in her 群发助手; customers receive it when she taps there."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.campaigns import Campaign, CampaignStatus, Task, cards_together, lifecycle, results
from models.campaigns.lifecycle import PAUSED_WORDS
from models.friends import entry_codes
from models.ledger.channels import MASS
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from scheduler.channels.base import (
    Built,
    Draft,
    Json,
    NotDeliverable,
    NotYet,
    Plain,
    Refusal,
    Sender,
    Verification,
    check,
    naming,
)
from scheduler.channels.mass_lookup import look_for
from scheduler.channels.mass_nouns import Nouns, TaskNouns
from scheduler.runtime import Runtime

LOOK_SECONDS = 60.0
"""The longest wait before a row looks again whether it may go."""
CODE_LOOK_SECONDS = 3.0
"""The shortest wait between two looks for a code; it grows with the row's age, since thousands may wait at once."""
CODE_FIRST = "她的入口码正在做，做好就发"
STOPPED = 41093


class Mass(Plain):
    """task_id: the guide's task; payload: {"part": number of this call}."""

    name = MASS
    together = 20

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """The platform's rate per API; before it, a paused campaign, and a poster whose code is still being made."""
        with runtime.db.read() as session:
            campaign = session.get(Campaign, row.campaign_id) if row.campaign_id else None
            drawn = campaign is not None and campaign.own_poster is not None
            making = drawn and entry_codes.in_the_making(session, row.guide_id or 0)
        not_yet(campaign, making, row, now)
        return super().wait(runtime, row, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        return self.draft(session, row, Nouns.of_rows(session, [row]))

    def build_all(
        self, runtime: Runtime, session: Session, rows: Sequence[Outbox], now: datetime
    ) -> list[Built]:
        nouns = Nouns.of_rows(session, rows)
        return [self._built_of(session, row, nouns, now) for row in rows]

    def _built_of(self, session: Session, row: Outbox, nouns: Nouns, now: datetime) -> Built:
        try:
            campaign = nouns.people.campaigns.get(row.campaign_id or 0)
            not_yet(campaign, row.guide_id in nouns.making, row, now)
            return self.draft(session, row, nouns)
        except (NotDeliverable, NotYet) as no:
            return no

    def draft(self, session: Session, row: Outbox, nouns: Nouns) -> Draft:
        """What it says."""
        task, _campaign, guide = nouns.people.of(row)
        customers = nouns.addressed[row.id or 0]
        parts = nouns.parts(session, task)
        text = task.second_text if row.payload.get("second") else task.text
        check("mass", {"text": text, "attachments": parts, "external_userid": customers})
        body: Json = {"chat_type": "single", "external_userid": customers, "sender": guide.userid}
        return Draft(body | text_of(text), parts=parts)

    def wanted(self, session: Session, row: Outbox) -> None:
        """Drawing and uploading take seconds, and a frozen process wakes whenever it does."""
        if row.task_id is not None:
            _still(TaskNouns.of_rows(session, [row]), row)

    def wanted_all(self, session: Session, rows: Sequence[Outbox]) -> list[Refusal | None]:
        people = TaskNouns.of_rows(session, rows)
        return [_refusal(people, row) for row in rows]

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return naming(super().send(runtime, row, request), self.channel.api, "msgid", told="fail_list")

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        tasks_landed(session, [(row, answer)], now, zone)

    def landed_all(
        self, session: Session, landed: Sequence[tuple[Outbox, Json]], now: datetime, zone: ZoneInfo
    ) -> None:
        tasks_landed(session, landed, now, zone)

    def superfluous(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        """A second one must not wait on her phone. The first may be this very one: found by asking, or noted by a person."""
        kept = session.get_one(Outbox, row.id, populate_existing=True)
        if kept.status != OutboxStatus.SENT or (kept.answer or answer).get("msgid") != answer.get("msgid"):
            take_back(session, row, answer, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        task_failed(session, row, words)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        return look_for(runtime, row, now)


SENDER: Sender = Mass()


def not_yet(campaign: Campaign | None, making: bool, row: Outbox, now: datetime) -> None:
    """Raises NotYet where something else has to happen first."""
    if campaign:
        _not_paused(campaign)
    if making:
        age = (now - row.created_at).total_seconds()
        raise NotYet(min(max(CODE_LOOK_SECONDS, age / 4), LOOK_SECONDS), CODE_FIRST)


def _not_paused(campaign: Campaign) -> None:
    if campaign.status == CampaignStatus.PAUSED:
        raise NotYet(LOOK_SECONDS, PAUSED_WORDS)


def _still(people: TaskNouns, row: Outbox) -> None:
    """Raises what HQ or the directory has decided since."""
    _, campaign, _ = people.of(row)
    _not_paused(campaign)


def _refusal(people: TaskNouns, row: Outbox) -> Refusal | None:
    try:
        _still(people, row)
    except (NotDeliverable, NotYet) as no:
        return no
    return None


def text_of(text: str) -> Json:
    return {"text": {"content": text}} if text.strip() else {}


def tasks_landed(
    session: Session, landed: Sequence[tuple[Outbox, Json]], now: datetime, zone: ZoneInfo
) -> None:
    """The tasks wait in the guides' 群发助手: each gets a card, and HQ sees whom the platform refused."""
    people = TaskNouns.of_rows(session, [row for row, _ in landed])
    shown: list[Task] = []
    since: dict[int, datetime] = {}
    for row, answer in landed:
        task = people.tasks[row.task_id or 0]
        campaign = people.campaigns[task.campaign_id]
        _note(session, task, row, answer, now)
        if campaign.over:
            # stopped while this call was out: taken back as the others were
            campaign.closed_at = task.closed_at = None
            continue
        if task.id not in since:
            shown.append(task)
        since[task.id or 0] = row.due_at
    cards_together.show_all(session, shown, now, zone, since)


def _note(session: Session, task: Task, row: Outbox, answer: Json, now: datetime) -> None:
    msgid, refused = str(answer.get("msgid") or ""), [str(one) for one in answer.get("fail_list") or []]
    part = int(row.payload.get("part", 0))
    if part:
        task.more_msgids = {**task.more_msgids, str(part): msgid}
    else:
        task.msgid = msgid
    task.ready_at, task.skipped, task.poll_at = task.ready_at or now, "", now
    task.poster = str(row.notes.get("poster") or task.poster)
    if row.notes.get("media_id"):
        task.media_id = str(row.notes["media_id"])
    if refused:
        results.refuse(session, task, refused)


def take_back(session: Session, row: Outbox, answer: Json, now: datetime) -> None:
    """What the platform has just made goes again, before anybody sends it."""
    guide, msgid = session.get(Guide, row.guide_id) if row.guide_id else None, str(answer.get("msgid") or "")
    if guide and msgid:
        lifecycle.take_back_message(session, msgid, guide, now, since=now)


def task_failed(session: Session, row: Outbox, words: str) -> None:
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is not None and not task.msgid:
        task.skipped = words
