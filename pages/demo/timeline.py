"""The timeline of the demo: what came in, what was decided, what went out, from the rows of inbox, outbox and timetable."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlmodel import Session, col, select

from models.job_runs import JobRun
from models.ledger.channels import CHANNELS, ROBOT, WELCOME
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from pages.demo.runs import Run
from pages.web import formatting, labels, redaction

KEEP = timedelta(seconds=150)
MOST = 400
LONGEST_LABEL = 14
SHORT = {
    "change_external_contact.add_external_contact": "加好友",
    "change_external_contact.del_follow_user": "客户删了导购",
    "change_external_contact.del_external_contact": "导购删了客户",
    "template_card_event": "她点了卡片",
    "robot.text": "群里问机器人",
    "change_contact.delete_user": "有人离职",
    "change_contact.create_user": "有人入职",
    "unsubscribe": "离开可见范围",
    "subscribe": "进入可见范围",
}
PLANS = {"launch": "到点，活动开始", "results": "", "reminders": "写提醒"}
NEWS = re.compile(r"新确认 \d+|撤下任务 \d+|提醒 \d+")
SECRET = re.compile(
    r"(WelcomeCode|ResponseCode|welcome_code|response_code|response_url|media_id|msgid|access_token|key)",
    re.I,
)
LONG = 24


@dataclass(frozen=True)
class Item:
    """One chip. `of` is the item that caused it; `end` is when it was over (calls last)."""

    id: str
    lane: str
    """in, decided or out"""
    at: float
    end: float
    label: str
    of: str = ""
    copies: int = 1
    state: str = ""
    key: bool = False
    """Worth looking at: it belongs to the story"""


def items(session: Session, run: Run, now: datetime) -> list[dict[str, Any]]:
    """Everything of the last minutes of this run, oldest first."""
    since = max(run.begun, now - KEEP)
    made: list[Item] = []
    events = session.exec(
        select(Inbox)
        .where(col(Inbox.id) > run.first["inbox"], Inbox.received_at >= since)
        .order_by(col(Inbox.id).desc())
        .limit(MOST)
    )
    for event in events:
        made += _event(event)
    calls = session.exec(
        select(Outbox)
        .where(col(Outbox.id) > run.first["outbox"], col(Outbox.called_at) >= since)
        .order_by(col(Outbox.called_at).desc())
        .limit(MOST)
    )
    made += [_call(call) for call in calls if call.called_at]
    job_runs = session.exec(
        select(JobRun)
        .where(col(JobRun.plan).in_(list(PLANS)), JobRun.outcome != "", col(JobRun.ended_at) >= since)
        .limit(MOST)
    )
    made += [one for job_run in job_runs if (one := _job_run(job_run))]
    return [asdict(item) for item in sorted(made, key=lambda item: (item.at, item.id))]


def _event(event: Inbox) -> list[Item]:
    at = event.received_at.timestamp()
    came = Item(
        f"inbox-{event.id}",
        "in",
        at,
        at,
        SHORT.get(event.kind) or labels.kind_word(event.kind),
        copies=event.copies,
        state=event.status,
        key="add_external_contact" in event.kind,
    )
    if not event.handled_at:
        return [came]
    handled = event.handled_at.timestamp()
    label = _short(event.decision)
    return [came, Item(f"decided-{event.id}", "decided", handled, handled, label, of=came.id, key=came.key)]


def _short(decision: str) -> str:
    """The part that says what was decided: for a new friend, by which rule."""
    sentences = [part for part in re.split("[。，]", decision) if part]
    told = next(
        (part for part in sentences if "码" in part and "渠道" not in part),
        sentences[0] if sentences else "记下",
    )
    return told if len(told) <= LONGEST_LABEL else told[: LONGEST_LABEL - 1] + "…"


def _call(call: Outbox) -> Item:
    began = (call.called_at or call.created_at).timestamp()
    end = (
        call.done_at.timestamp()
        if call.done_at and call.done_at >= (call.called_at or call.created_at)
        else began
    )
    label = CHANNELS[call.channel].verb
    if call.channel == WELCOME and call.status == OutboxStatus.SENT and call.done_at:
        label += f" {formatting.seconds((call.done_at - call.created_at).total_seconds())}"
    of = f"decided-{call.inbox_id}" if call.inbox_id else ""
    return Item(
        f"outbox-{call.id}",
        "out",
        began,
        end,
        label,
        of=of,
        state=call.status,
        key=call.channel in (WELCOME, ROBOT),
    )


def _job_run(run: JobRun) -> Item | None:
    if not run.ended_at:
        return None
    news = NEWS.search(run.outcome)
    label = news[0] if news else PLANS[run.plan]
    at = run.ended_at.timestamp()
    return Item(f"run-{run.id}", "decided", at, at, label) if label else None


# ---- one of them, looked at closely


@dataclass(frozen=True)
class Close:
    """What stands behind a chip: decrypted, secrets shortened."""

    title: str
    at: str
    state: str
    tone: str
    more: str
    code: str
    href: str = ""


def look(session: Session, name: str) -> Close | None:
    kind, _, number = name.partition("-")
    if not number.isdigit():
        return None
    if kind in ("inbox", "decided"):
        event = session.get(Inbox, int(number))
        return _look_event(event) if event else None
    if kind == "outbox":
        call = session.get(Outbox, int(number))
        return _look_call(call) if call else None
    run = session.get(JobRun, int(number)) if kind == "run" else None
    if run is None or run.ended_at is None:
        return None
    return Close(
        "时间表",
        formatting.clock_millis(run.ended_at),
        run.plan,
        "ok",
        "",
        run.outcome,
        url_for("timetable.all_plans"),
    )


def _look_event(event: Inbox) -> Close:
    copies = f"收到 {event.copies} 次，处理 1 次" if event.handled_at else f"收到 {event.copies} 次，还没处理"
    body = event.body
    code = pretty_xml(body) if body.startswith("<") else pretty_json(_loaded(body))
    code += f"\n\n→ {event.decision}" if event.decision else f"\n\n→ {event.error}" if event.error else ""
    return Close(
        SHORT.get(event.kind) or labels.kind_word(event.kind),
        formatting.clock_millis(event.received_at),
        "签名正确，已入账",
        "ok",
        copies,
        code,
        url_for("callbacks.detail", callback_id=event.id),
    )


def _look_call(call: Outbox) -> Close:
    states = {
        OutboxStatus.SENT: ("平台收下了", "ok"),
        OutboxStatus.NOT_SENT: ("没送出", "bad"),
        OutboxStatus.UNKNOWN: ("结果不明，没有重发", "warn"),
    }
    state, tone = states.get(call.status, (call.reason or "在路上", "quiet"))
    took = (
        f"用了 {formatting.seconds((call.done_at - call.called_at).total_seconds())}"
        if call.done_at and call.called_at
        else ""
    )
    code = pretty_json(call.request or {}) + (f"\n\n← {pretty_json(call.answer)}" if call.answer else "")
    if call.reason:
        code += f"\n\n{call.reason}"
    verb = CHANNELS[call.channel].verb
    title = f"{verb} · {call.target}" if call.target else verb
    return Close(
        title,
        formatting.clock_millis(call.called_at),
        state,
        tone,
        f"第 {call.attempts} 次，{took}".rstrip("，"),
        code,
        url_for("deliveries.detail", delivery_id=call.id),
    )


def pretty_xml(body: str) -> str:
    """One element per line, without CDATA marks, secrets shortened."""
    lines = re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", body, flags=re.S).replace("><", ">\n<").splitlines()
    hidden = [
        re.sub(r"<(\w+)>([^<]+)</", lambda hit: f"<{hit[1]}>{shorten(hit[1], hit[2])}</", line)
        for line in lines
    ]
    return "\n".join(
        line
        for line in hidden
        if line not in ("<xml>", "</xml>") and not line.startswith(("<ToUserName>", "<FromUserName>sys<"))
    )


def pretty_json(value: Any) -> str:
    return json.dumps(_hidden("", value), ensure_ascii=False, indent=1)


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(name, part) for part in value[:3]] + (
            [f"… 共 {len(value)} 个"] if len(value) > 3 else []
        )
    return shorten(name, value) if isinstance(value, str) else value


def shorten(name: str, value: str) -> str:
    """Codes and ids show their ends; long words that are no sentence too."""
    secret = bool(SECRET.fullmatch(name)) or name == "response_url"
    dense = len(value) > LONG and " " not in value and value.isascii() and "/" not in value
    return redaction.short(value) if secret or dense else value


def _loaded(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
