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
from models.sentences import Sentence, parts_of
from pages.demo.runs import Run
from pages.web import formatting, i18n, labels, redaction
from pages.web.i18n import _

KEEP = timedelta(seconds=150)
MOST = 400
LONGEST_LABEL = {i18n.CHINESE: 14, i18n.ENGLISH: 28}
SHORT = {
    "change_external_contact.add_external_contact": "加好友",
    "change_external_contact.del_follow_user": "客户删了导购",
    "change_external_contact.del_external_contact": "导购删了客户",
    "change_external_contact.transfer_fail": "换人没换成",
    "template_card_event": "她点了卡片",
    "robot.text": "群里问机器人",
    "change_contact.delete_user": "有人离职",
    "change_contact.create_user": "有人入职",
    "unsubscribe": "离开可见范围",
    "subscribe": "进入可见范围",
}
PLANS = {"launch": "到点，活动开始", "results": "", "reminders": "写提醒"}
NEWS = ("新确认", "撤下任务", "提醒")
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
        _kind(event),
        copies=event.copies,
        state=event.status,
        key="add_external_contact" in event.kind,
    )
    if not event.handled_at:
        return [came]
    handled = event.handled_at.timestamp()
    label = _short(event.decision)
    return [came, Item(f"decided-{event.id}", "decided", handled, handled, label, of=came.id, key=came.key)]


def _kind(event: Inbox) -> str:
    short = SHORT.get(event.kind)
    return _(short) if short else labels.kind_word(event.kind)


def _short(decision: str) -> str:
    """The part that says what was decided: for a new friend, by which rule."""
    parts = parts_of(decision or Sentence("记下"))
    clauses = re.split("[。，]|[,.;] ", _(_rule(parts)))
    told, most = _rule(clauses), LONGEST_LABEL[i18n.current()]
    return told if len(told) <= most else told[: most - 1] + "…"


def _rule(parts: list[str]) -> str:
    return next((part for part in parts if "码" in part and "渠道" not in part), parts[0])


def _call(call: Outbox) -> Item:
    began = (call.called_at or call.created_at).timestamp()
    end = (
        call.done_at.timestamp()
        if call.done_at and call.done_at >= (call.called_at or call.created_at)
        else began
    )
    label = _(CHANNELS[call.channel].verb)
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
    news = next((part for part in parts_of(run.outcome) if part.partition(" ")[0] in NEWS), PLANS[run.plan])
    label = _(news) if news else ""
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
    kind, _dash, number = name.partition("-")
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
        _("时间表"),
        formatting.clock_millis(run.ended_at),
        run.plan,
        "ok",
        "",
        _(run.outcome),
        url_for("timetable.all_plans"),
    )


def _look_event(event: Inbox) -> Close:
    copies = _("收到 {n} 次，处理 1 次", n=event.copies)
    if not event.handled_at:
        copies = _("收到 {n} 次，还没处理", n=event.copies)
    body = event.body
    code = pretty_xml(body) if body.startswith("<") else pretty_json(_loaded(body))
    said = event.decision or event.error
    code += f"\n\n→ {_(said)}" if said else ""
    return Close(
        _kind(event),
        formatting.clock_millis(event.received_at),
        _("签名正确，已入账"),
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
    tried = _("第 {n} 次", n=call.attempts)
    if call.done_at and call.called_at:
        took = formatting.seconds((call.done_at - call.called_at).total_seconds())
        tried = _("第 {n} 次，用了 {t}", n=call.attempts, t=took)
    code = pretty_json(call.request or {}) + (f"\n\n← {pretty_json(call.answer)}" if call.answer else "")
    if call.reason:
        code += f"\n\n{_(call.reason)}"
    verb = _(CHANNELS[call.channel].verb)
    title = f"{verb} · {_(call.target)}" if call.target else verb
    return Close(
        title,
        formatting.clock_millis(call.called_at),
        _(state),
        tone,
        tried,
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
            [_("… 共 {n} 个", n=len(value))] if len(value) > 3 else []
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
