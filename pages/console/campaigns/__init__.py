"""活动: the list, one campaign with its live funnel, and what may be done about it."""

import random
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import stats
from models.accounts import Account
from models.campaigns import (
    ENDED,
    UNDER_WAY,
    Campaign,
    CampaignStatus,
    Task,
    approval,
    lifecycle,
    pilot,
    run_rules,
    series,
    split,
)
from models.campaigns.fields import of_campaign
from models.campaigns.funnel import NOWHERE
from models.campaigns.history import history
from models.campaigns.overlap import taken_before
from models.campaigns.progress import STEPS, Step, left_out, standing
from models.campaigns.rehearsals import Rehearsal
from models.campaigns.scoped_funnel import View, newest, task_lines, view_of
from models.campaigns.selection import select_audience
from models.db import count
from models.materials import fitness
from models.org import Guide
from pages.console.campaigns import mix, preview, wording
from pages.web import access, formatting, lists
from pages.web.i18n import _, current
from pages.web.labels import state_of
from pages.web.polling import shared
from pages.web.site import site

blueprint = Blueprint("campaigns", __name__, url_prefix="/console/campaigns")
PER_PAGE = 30
LEFT_OUT = "left_out"
"""Beside the steps of the funnel: guides whose task never came to them"""
FILTERS = (
    (CampaignStatus.RUNNING, UNDER_WAY),
    (CampaignStatus.SUBMITTED, (CampaignStatus.SUBMITTED,)),
    (CampaignStatus.APPROVED, (CampaignStatus.APPROVED,)),
    (CampaignStatus.SCHEDULED, (CampaignStatus.SCHEDULED,)),
    (CampaignStatus.DRAFT, (CampaignStatus.DRAFT,)),
    (CampaignStatus.FINISHED, ENDED),
)
ALL = tuple(state for _name, states in FILTERS for state in states)
LIVE_SECONDS = {
    CampaignStatus.RUNNING: 15,
    CampaignStatus.PAUSED: 15,
    CampaignStatus.SCHEDULED: 15,
    CampaignStatus.SUBMITTED: 15,
}
"""How often its page asks for news; before the start each answer counts whom it would reach"""
DEMO_LIVE_SECONDS = 5
JITTER = 0.1
"""Pages that were opened together do not ask together for long (M04)."""


@blueprint.get("")
@access.staff
def all_campaigns() -> ResponseReturnValue:
    chosen, here = request.args.get("state", ""), access.scope()
    states = next((group for name, group in FILTERS if name == chosen), ALL)
    with site().db.read() as session:
        mine = here.campaigns(session)
        counts = stats.campaign_counts(session, mine)
        found = lists.list_page(
            _filters(counts, chosen),
            lambda page: stats.campaign_lines(
                session, states, mine, here.tasks(), limit=page.size, offset=page.offset
            ),
            PER_PAGE,
        )
        names = wording.branch_names(session)
    gone = _("草稿删掉了。") if request.args.get("done") == "discarded" else ""
    return render_template(
        "console/campaigns/list.html", listing=found, branch_names=names, notice_=gone, **said()
    )


def _filters(counts: dict[str, int], chosen: str) -> list[lists.Filter]:
    whole: list[lists.Filter] = [
        (_("全部"), sum(counts.values()), lists.narrowed(state=""), chosen not in dict(FILTERS))
    ]
    return whole + [
        (
            _(state_of(name).word),
            sum(counts.get(state, 0) for state in group),
            lists.narrowed(state=name),
            chosen == name,
        )
        for name, group in FILTERS
    ]


@blueprint.get("/<int:campaign_id>")
@access.staff
def detail(campaign_id: int) -> ResponseReturnValue:
    return shown(campaign_id)


@blueprint.get("/<int:campaign_id>/live")
@access.staff
def live(campaign_id: int) -> ResponseReturnValue:
    """Drawn once in a while for all who may see and do the same: one who asks soon after costs no query of her own."""
    key = (current(), access.scope(), campaign_id, lists.number("sample"))
    return shared(key, lambda: _drawn(campaign_id))


def _drawn(campaign_id: int) -> str:
    with site().db.read() as session:
        numbers = _numbers(session, access.campaign(session, campaign_id))
    return render_template("console/campaigns/live.html", **numbers)


@blueprint.get("/<int:campaign_id>/tasks")
@access.staff
def tasks(campaign_id: int) -> ResponseReturnValue:
    """The guides behind a number: ?step=not_opened, ?step=confirmed, ?step=left_out, ?branch=3, ?store=7."""
    return task_page(campaign_id)


def task_page(campaign_id: int, faults: dict[str, str] | None = None) -> str:
    step = request.args.get("step", "")
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        conditions, place = chosen_tasks(session)
        listing = lists.list_page(
            [(_(word), None, lists.narrowed(step=name), step == name) for name, word in STEP_WORDS],
            lambda page: task_lines(session, campaign_id, *conditions, limit=page.size, offset=page.offset),
            PER_PAGE,
            total=count(session, Task, Task.campaign_id == campaign_id, *conditions),
        )
        shown_guides = [line.task.guide_id for line in listing.rows]
        within = select(Guide.id).where(access.scope().guides(), col(Guide.id).in_(shown_guides))
        reach = set(session.exec(within))
    return render_template(
        "console/campaigns/tasks.html",
        campaign=campaign,
        listing=listing,
        place=place,
        reach=reach,
        newest=newest,
        faults=faults or {},
        form=request.form,
    )


def chosen_tasks(session: Session) -> tuple[list[ColumnElement[bool]], str]:
    """The tasks within reach that the address names, and the name of their branch or store."""
    step, branch, store = request.args.get("step", ""), lists.number("branch"), lists.number("store")
    if step.removeprefix("not_") not in ("", LEFT_OUT, *STEPS):
        abort(404)
    conditions = [access.scope().tasks()]
    if step:
        conditions.append(left_out() if step == LEFT_OUT else standing(step))
    if request.args.get("branch") == "none":
        return [*conditions, col(Task.branch_id).is_(None)], NOWHERE
    conditions += [col(Task.branch_id) == branch] if branch else []
    conditions += [col(Task.store_id) == store] if store else []
    if branch:
        return conditions, access.branch(session, branch).name
    return conditions, access.store(session, store).name if store else ""


STEP_WORDS = (
    ("", "全部"),
    (LEFT_OUT, "没有任务"),
    ("not_carded", "没收到"),
    ("not_opened", "没打开"),
    ("not_said", "打开没说"),
    ("not_confirmed", "说发了，没确认"),
    ("confirmed", "平台已确认"),
)


def shown(campaign_id: int, refused: str = "") -> str:
    done = request.args.get("done", "")
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        numbers = _numbers(session, campaign)
        happened = wording.happened(session, campaign, done, site().clock())
    return render_template(
        "console/campaigns/campaign.html",
        notice_=refused or happened,
        tone="warn" if refused else "ok",
        jitter=random.uniform(1 - JITTER, 1 + JITTER),
        **numbers,
    )


PAST = ("{n} 人跳过这步，直接在{place}里{deed}了", "其中 {n} 人没说已发，直接在{place}里{deed}的")
"""At her own steps, and at the platform's"""


@dataclass(frozen=True)
class FunnelStep:
    """One column of the funnel."""

    word: str
    number: int
    share: str
    lost: str
    straight: str
    """Who passed it by, or came in here, without saying so; in words"""
    details: tuple[str, ...]
    href: str


def _numbers(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What moves on the page of a campaign; polled, so it must not depend on the second."""
    now = site().clock()
    view = view_of(session, campaign, access.scope().tasks(), everything=access.scope().all)
    may = access.may_change(session, campaign)
    maker = session.get(Account, campaign.created_by) if campaign.created_by else None
    return {
        "maker": maker.name if maker else "",
        "scope": wording.scope_words(campaign.scope, wording.branch_names(session)),
        "span": wording.span(campaign, now),
        "campaign": campaign,
        "view": view,
        "steps": _steps(campaign, view),
        "idle": count(session, Task, Task.campaign_id == campaign.id, left_out(), access.scope().tasks()),
        "may_change": may,
        "to_remind": len(lifecycle.to_remind(session, campaign, now))
        if may and campaign.status == CampaignStatus.RUNNING
        else 0,
        "refusal": lifecycle.reminder_refusal(session, campaign, now)
        if may and campaign.status == CampaignStatus.RUNNING
        else "",
        "reminders_left": lifecycle.reminders_left(session, campaign, now),
        "started": campaign.launched_at is not None,
        "at_once": campaign.launch_at <= now,
        "shares": [
            100 * number / view.progress.targeted if view.progress.targeted else 0
            for number in view.guide_steps
        ],
        "reach_share": 100 * view.progress.reached / view.progress.customers
        if view.progress.customers
        else 0,
        "history": history(session, campaign.id or 0) if may else [],
        "left": formatting.duration(campaign.ends_at - now)
        if campaign.status == CampaignStatus.RUNNING
        else "",
        "pace": min(LIVE_SECONDS.get(campaign.status, 60), DEMO_LIVE_SECONDS if site().demo else 60),
        "approval_words": approval.why_not_needed(session, campaign.created_by) if campaign.unstarted else "",
        "rules": run_rules.rules_of(campaign),
        "rules_words": run_rules.words(session, run_rules.rules_of(campaign)),
        "pilot": pilot.numbers(session, campaign)
        if campaign.pilot_at and not campaign.pilot_over_at and not campaign.over
        else None,
        "pilot_judged_at": pilot.judged_at(campaign),
        "version": approval.latest(session, campaign),
        "planned": _planned(session, campaign) if campaign.unstarted else None,
        "split": split.comparison(session, campaign) if access.scope().all else None,
        "series": series.of_campaign(session, campaign) if may else None,
        "rehearsed": count(session, Rehearsal, Rehearsal.campaign_id == campaign.id),
        "LEFT_OUT": LEFT_OUT,
        **said(),
    }


def _planned(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What will go to whom: text, picture and card in the name of one guide, and whom it would reach as things stand."""
    fields, at = of_campaign(campaign), max(campaign.launch_at, site().clock())
    found = select_audience(session, fields, at, site().zone, number=campaign.id)
    return {
        "outdated": fitness.outdated(session, campaign),
        **mix.told(session, fields, campaign.id),
        "preview": preview.preview(session, fields, lists.number("sample")),
        "count_": found,
        "taken": taken_before(session, found, campaign.channel, at, campaign.id),
    }


def _steps(campaign: Campaign, view: View) -> list[FunnelStep]:
    lost = {one.step: one for one in view.lost}
    done = _("说已发") if campaign.way.sends else _("说知道了")
    use = campaign.way.campaign
    where = {"place": _(use.place), "deed": _(use.deed)} if use else {}
    found = []
    for name, word, number in zip(
        ("targeted", *Step),
        (_("目标导购"), _("卡片送达"), _("已打开"), done, _("平台已确认")),
        view.guide_steps,
        strict=False,
    ):
        missed = lost.get(name)
        share = formatting.percent(number, view.progress.targeted) if name != "targeted" else ""
        href = url_for("campaigns.tasks", campaign_id=campaign.id, step=f"not_{name}")
        past = (
            _(PAST[name == Step.CONFIRMED], n=formatting.count(missed.straight), **where)
            if missed and missed.straight
            else ""
        )
        gone = (missed.words, past, missed.details, href) if missed and missed.count else ("", past, (), "")
        found.append(FunnelStep(word, number, share, *gone))
    return found


def said() -> dict[str, Any]:
    """The ways in which campaigns are said, for templates."""
    return {
        "channel_word": wording.channel_word,
        "channel_icon": wording.channel_icon,
        "scope_words": wording.scope_words,
        "when": wording.when,
    }
