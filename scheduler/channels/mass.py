"""A guide's mass message: the platform makes a task in her 群发助手; customers receive it when she taps there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from models import cards, codes
from models.announcements import AnnouncementGroup
from models.audience import part_of
from models.campaign_states import PAUSED_WORDS
from models.campaign_tables import CANCELLED, FINISHED, PAUSED, PICTURE, POSTER, Audience, Campaign, Task
from models.org import Guide, Store
from models.outbox import Outbox
from models.pictures import Picture, poster_plan
from scheduler.channels import attachments
from scheduler.channels.base import NOT_SENT, STILL_UNKNOWN, Answer, Json, NotYet, Plain, Refused, check, sent
from scheduler.listing import Incomplete, rows
from scheduler.runtime import Runtime
from wecom.errors import PlatformError

REFUSED_AT_CREATION = 9
LOOK_SECONDS = 60.0
"""The longest wait before a row looks again whether it may go."""
CODE_LOOK_SECONDS = 3.0
"""The shortest wait between two looks for a code; it grows with the row's age, since thousands may wait at once."""
CODE_FIRST = "她的渠道码正在做，做好就发"
NO_CODE = "她的渠道码没建成，海报上没有码可印"
OVER = "活动已停止或到了截止时间，没有再发"
AROUND = timedelta(minutes=10)
"""A task of ours was made so close to the time when its call left."""
SETTLED = timedelta(seconds=30)
"""So long the platform may take to list a task that it has accepted."""
DISPATCHING, STOPPED = 41063, 41093
OURS = "onetap"
"""The key in a stored request that is for us; it never leaves."""


class Mass(Plain):
    """task_id: the guide's task; payload: {"part": number of this call, "zone": name of the time zone}."""

    name = "mass"
    api = "externalcontact/add_msg_template"
    waiting = "平台这一分钟太多，已排队，没有丢"

    def wait(self, runtime: Runtime, row: Outbox, now: datetime) -> float:
        """The platform's rate per API; before it, a paused campaign, and a poster whose code is still being made."""
        asked = select(Campaign.status, Campaign.content).where(Campaign.id == row.campaign_id)
        with runtime.db.read() as session:
            status, content = session.exec(asked).one_or_none() or ("", "")
            if status == PAUSED:
                raise NotYet(LOOK_SECONDS, PAUSED_WORDS)
            if content == POSTER and codes.in_the_making(session, row.guide_id or 0):
                age = (now - row.created_at).total_seconds()
                raise NotYet(min(max(CODE_LOOK_SECONDS, age / 4), LOOK_SECONDS), CODE_FIRST)
        return runtime.windows.take("api", self.api, now)

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Json:
        task, campaign, guide = of(session, row)
        audience = session.exec(select(Audience).where(Audience.task_id == task.id)).one()
        customers = part_of(campaign.channel, audience.customers, int(row.payload.get("part", 0)))
        check("mass", {"text": task.text, "external_userid": customers})
        body: Json = {"chat_type": "single", "external_userid": customers, "sender": guide.userid}
        return body | text_of(task.text) | {OURS: picture_of(session, campaign, guide, task)}

    def prepare(self, runtime: Runtime, row: Outbox, request: Json, now: datetime) -> Json:
        return with_picture(runtime, row, request, now)

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        return runtime.client.call(self.api, leaving(request))

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime) -> None:
        task_landed(session, row, answer, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        task_failed(session, row, words)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Answer:
        return look_for(runtime, row, now)


def of(session: Session, row: Outbox) -> tuple[Task, Campaign, Guide]:
    """The nouns of a row, if it may still leave."""
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is None:
        raise Refused("这件任务已经不在了")
    campaign, guide = session.get_one(Campaign, task.campaign_id), session.get_one(Guide, task.guide_id)
    if campaign.status in (CANCELLED, FINISHED):
        raise Refused(OVER)
    if not guide.present:
        raise Refused(f"{guide.name}已离职，她的好友还没有交接，这次没有发")
    return task, campaign, guide


def text_of(text: str) -> Json:
    return {"text": {"content": text}} if text.strip() else {}


def picture_of(session: Session, campaign: Campaign, guide: Guide, task: Task) -> Json:
    """What `prepare` has to draw or upload."""
    if campaign.content == PICTURE:
        picture = session.get(Picture, campaign.picture_id) if campaign.picture_id else None
        if picture is None:
            raise Refused("活动的图片已经不在了")
        return {"picture": picture.content, "name": "picture.jpg" if picture.mime == "image/jpeg" else "picture.png"}
    if campaign.content == POSTER:
        store = session.get(Store, task.store_id) if task.store_id else None
        plan = poster_plan(session, campaign, guide, store)
        if plan is None:
            raise Refused(NO_CODE)
        return {"plan": plan}
    return {}


def with_picture(runtime: Runtime, row: Outbox, request: Json, now: datetime) -> Json:
    """Draw, upload, attach. After a 40007 everything is uploaded anew."""
    wanted, body, ours = request[OURS], leaving(request), {}
    if plan := wanted.get("plan"):
        content, name, ours = attachments.poster(runtime, plan), "poster.jpg", {"poster": plan.key}
    else:
        content, name = wanted.get("picture", b""), wanted.get("name", "")
    if content:
        check("picture", {"picture": len(content)})
        media = attachments.media_id(runtime, content, name, now, fresh=row.errcode in (40007, 41072))
        body["attachments"] = [{"msgtype": "image", "image": {"media_id": media}}]
        ours["media_id"] = media
    return body | ({OURS: ours} if ours else {})


def leaving(request: Json) -> Json:
    """The request without what is ours."""
    return {name: value for name, value in request.items() if name != OURS}


def task_landed(session: Session, row: Outbox, answer: Json, now: datetime) -> None:
    """The task waits in her 群发助手: she gets a card, and HQ sees whom the platform refused."""
    task = session.get_one(Task, row.task_id)
    msgid, refused = str(answer.get("msgid") or ""), [str(one) for one in answer.get("fail_list") or []]
    part = int(row.payload.get("part", 0))
    if part:
        task.more_msgids = {**task.more_msgids, str(part): msgid}
    else:
        task.msgid = msgid
    task.ready_at, task.skipped, task.poll_at = task.ready_at or now, "", None
    ours = (row.request or {}).get(OURS) or {}
    task.poster = str(ours.get("poster") or task.poster)
    if ours.get("media_id"):
        task.media_id, task.media_at = str(ours["media_id"]), now
    if refused:
        audience = session.exec(select(Audience).where(Audience.task_id == task.id)).one()
        audience.results = {**audience.results, **dict.fromkeys(refused, REFUSED_AT_CREATION)}
        task.unsendable = sum(status == REFUSED_AT_CREATION for status in audience.results.values())
    session.add(task)
    campaign = session.get_one(Campaign, task.campaign_id)
    if campaign.status in (CANCELLED, FINISHED):
        campaign.closed_at = task.closed_at = None  # stopped while this call was out: taken back as the others were
        return
    cards.show(session, task, now, ZoneInfo(str(row.payload.get("zone") or cards.ZONE.key)))


def task_failed(session: Session, row: Outbox, words: str) -> None:
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is not None and not task.msgid:
        task.skipped = words[:300]


# ---- an answer that never came


def look_for(runtime: Runtime, row: Outbox, now: datetime) -> Answer:
    """Look through the tasks made around the call for one with our text, picture and guide that no row has yet."""
    request, called_at = row.request or {}, row.written_at or row.called_at or row.created_at
    try:
        for candidate in listed(runtime, str(request.get("chat_type") or "single"), called_at, now):
            msgid = str(candidate.get("msgid") or "")
            if same_content(candidate, request) and not adopted(runtime, msgid) and sent_by(runtime, msgid, request):
                return sent({"msgid": msgid, "fail_list": []})
    except (Incomplete, PlatformError) as error:
        return Answer("still_unknown", words=error.words)
    return NOT_SENT if now - called_at >= SETTLED else STILL_UNKNOWN


def listed(runtime: Runtime, chat_type: str, called_at: datetime, now: datetime) -> Iterator[Json]:
    start, end = called_at - AROUND, max(called_at, now) + AROUND
    body = {"chat_type": chat_type, "start_time": int(start.timestamp()), "end_time": int(end.timestamp()),
            "filter_type": 0, "limit": 100}
    return rows(runtime.client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list")


def same_content(candidate: Json, request: Json) -> bool:
    """Text and pictures are ours; a field that the platform does not show is no difference."""
    texts = [str((one.get("text") or {}).get("content") or "") for one in (candidate, request)]
    media = [[(one.get("image") or {}).get("media_id") for one in content.get("attachments") or []]
             for content in (candidate, request)]
    shown = [one for one in media[0] if one]
    return texts[0] == texts[1] and len(media[0]) == len(media[1]) and (not shown or shown == media[1])


def adopted(runtime: Runtime, msgid: str) -> bool:
    """Some task or announcement has this message already."""
    with runtime.db.read() as session:
        task = select(Task.id).where(Task.msgid == msgid)
        group = select(AnnouncementGroup.id).where(AnnouncementGroup.msgid == msgid)
        known = select(Outbox.id).where(
            or_(col(Outbox.channel) == "mass", col(Outbox.channel) == "group_mass"),
            col(Outbox.answer)["msgid"].as_string() == msgid)
        return any(session.exec(query.limit(1)).first() is not None for query in (task, group, known))


def sent_by(runtime: Runtime, msgid: str, request: Json) -> bool:
    """The list does not name the guide; the message's task list does."""
    userid = str(request.get("sender") or "").lower()
    tasks = rows(runtime.client, "externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list")
    return any(str(row.get("userid") or "").lower() == userid for row in tasks)
