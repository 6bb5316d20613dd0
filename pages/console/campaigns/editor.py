"""新建活动: the form with its live preview; what cannot be sent is said while it is written, not when it is due."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from models.accounts import Account
from models.campaigns import (
    LONGEST_NAME,
    Campaign,
    CampaignStatus,
    approval,
    drafts,
    large_audience,
    planning,
    series,
)
from models.campaigns.fields import of_campaign
from models.campaigns.repeat import Repeat
from models.campaigns.selection import NOTHING, select_audience
from models.errors import Refused
from models.ledger.channels import of_campaigns
from models.org import Branch, Guide, GuideStatus, Store
from pages.console.campaigns import (
    acts,
    attachments,
    audience_form,
    audience_page,
    forms,
    mix,
    preview,
    repeat_form,
)
from pages.console.campaigns.acts import LAUNCHING
from pages.console.campaigns.forms import Form
from pages.web import access, campaign_check, form_once, form_version, input_limits, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_editor", __name__, url_prefix="/console")
FOUND_AT_MOST = 8
SAMPLES = ("next_sample", "longest_sample")
"""The buttons that show the plan with somebody else, and the fields that name her"""
AROUND = "around"
"""The button that shows real people, limits, other campaigns and the guides' day of what is typed"""
SUBMIT = "submit"
"""The one button beside it where somebody else has to look first"""


@blueprint.get("/campaigns/new")
@access.offices
def new() -> ResponseReturnValue:
    """For a slot that HQ opened, ?slot=7: in its window, and back to it afterwards."""
    number = lists.number("slot")
    with site().db.read() as session:
        slot = access.slot(session, number) if number else None
        return _page(session, forms.blank(session, site().clock(), slot))


@blueprint.post("/campaigns/new")
@access.offices
@input_limits.takes_files
def create() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/campaigns/<int:campaign_id>/edit")
@access.offices
def edit(campaign_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        return _page(session, forms.of_campaign(session, campaign, site().clock()), campaign)


@blueprint.post("/campaigns/<int:campaign_id>/edit")
@access.offices
@input_limits.takes_files
def change(campaign_id: int) -> ResponseReturnValue:
    with site().db.read() as session:
        access.campaign(session, campaign_id, change=True)
    return _save(campaign_id)


@blueprint.post("/campaigns/preview")
@access.offices
def live_preview() -> ResponseReturnValue:
    """The right side, the counters and the count of customers, while somebody types."""
    with site().db.read() as session:
        form = forms.typed(session, site().clock())
        return render_template(
            "console/campaigns/preview_live.html",
            **_around(session, form, _edited(session)),
            asks=request.form.get("asks") == "1",
            opened="turn" in request.form,
        )


@blueprint.post("/campaigns/around")
@access.offices
def around() -> ResponseReturnValue:
    """Who they are, what is left of their limits, and what else is on, of what stands in the form now."""
    with site().db.read() as session:
        shown = _around(session, forms.typed(session, site().clock()), _edited(session), opened=True)
        return render_template("console/campaigns/composer_around.html", asked=True, **shown)


@blueprint.post("/campaigns/attachments")
@access.offices
def attached() -> ResponseReturnValue:
    """The attachments of the form after its button: one more, one less, another order."""
    with site().db.read() as session:
        form = forms.typed(session, site().clock())
        return render_template(
            "console/campaigns/attachments.html",
            faults={},
            taken_text=form.fields.text if form.fields.text != request.form.get("text", "").strip() else "",
            **attachments.section(session, form.fields.attachments, url_for("campaign_editor.attached")),
            **attachments.offer(session),
        )


@blueprint.get("/campaigns/people")
@access.offices
def people() -> ResponseReturnValue:
    """Stores and guides whose name holds ?find=, to be added to the scope."""
    with site().db.read() as session:
        return render_template(
            "console/campaigns/people.html", found=_find(session, request.args.get("find", "")), form=None
        )


@blueprint.get("/campaigns/<int:campaign_id>/content")
@access.staff
def content(campaign_id: int) -> ResponseReturnValue:
    """What was planned, as guide and customer see it."""
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        sample = lists.number("sample")
        shown = preview.preview(session, of_campaign(campaign), sample, campaign.id)
    return render_template("console/campaigns/content.html", campaign=campaign, preview=shown)


def _edited(session: Session) -> Campaign | None:
    """The campaign whose form asks while somebody types: it is not counted beside itself."""
    number = lists.number("campaign")
    return access.campaign(session, number, change=True) if number else None


def _save(campaign_id: int | None) -> ResponseReturnValue:
    """Save or schedule; anything else (another person, a search, no script) shows the page again as it stands."""
    do, now, who = request.form.get("do", "save"), site().clock(), access.viewer()
    source = request.form.copy()
    upload_faults = attachments.take_uploads(source)
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True) if campaign_id else None
        form = forms.read(session, source, now)
        if form.nobody and do not in (*SAMPLES, "find", AROUND):
            form.faults.setdefault("scope", _("还没选发给谁。要发给所有人，请选「全部」"))
        if do not in ("save", SUBMIT, *LAUNCHING):
            return _page(session, form, campaign)
        form.faults = campaign_check.complaints(session, form.fields, now) | form.faults | upload_faults
        if form.faults:
            return _page(session, form, campaign), 422
        at = max(form.fields.launch_at, now)
        asked = (
            large_audience.number_to_type(session, form.fields, at, site().zone, number=campaign_id)
            if do in LAUNCHING or (campaign and campaign.status == CampaignStatus.SCHEDULED)
            else 0
        )
    try:
        with site().db.write() as session:
            row_id = _write(session, form, campaign_id, who, now)
            if do in LAUNCHING and not asked:
                planned = session.get_one(Campaign, row_id)
                if planned.status == CampaignStatus.DRAFT:
                    LAUNCHING[do](session, planned, who.name, now, site().zone)
            if asked and session.get_one(Campaign, row_id).status == CampaignStatus.SCHEDULED:
                drafts.unschedule(session, session.get_one(Campaign, row_id), who.name, now)
            if do == SUBMIT:
                planned = session.get_one(Campaign, row_id)
                approval.submit(session, planned, who=who.name, account_id=who.id, now=now, zone=site().zone)
    except Refused as refused:
        with site().db.read() as session:
            campaign = session.get(Campaign, campaign_id) if campaign_id else None
            form.faults = refused.faults or {"": refused.words}
            return _page(session, form, campaign), 409
    if asked and do != SUBMIT:  # saved, and it starts when the number is typed
        return acts.number_page(row_id, do if do in LAUNCHING else "schedule", asked, {})
    if form.get("slot") and do not in LAUNCHING:
        slot = input_limits.number(form.get("slot"))
        return redirect(url_for("slots.one", slot_id=slot, done="made"), 303)
    return redirect(
        url_for("campaigns.detail", campaign_id=row_id, done=do if do in (SUBMIT, *LAUNCHING) else "edit"),
        303,
    )


def _write(session: Session, form: Form, campaign_id: int | None, viewer: Account, now: datetime) -> int:
    """The row's id. The same form sent twice makes one campaign."""
    who, account_id = viewer.name, viewer.id or 0
    if campaign_id:
        campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
        form_version.check(of_campaign(campaign))
        planning.edit(
            session, campaign, form.fields, who=who, account_id=account_id, now=now, zone=site().zone
        )
        if form.repeat and not series.of_campaign(session, campaign):
            _repeat(session, campaign, form.repeat, viewer, now)
        return campaign_id

    def create() -> int | None:
        made = planning.create(session, form.fields, who=who, account_id=account_id, now=now)
        if form.repeat:
            _repeat(session, made, form.repeat, viewer, now)
        return made.id

    return form_once.made(session, "campaign", create)


def _repeat(session: Session, campaign: Campaign, rule: Repeat, who: Account, now: datetime) -> None:
    zone = site().zone
    series.begin(session, campaign, rule, who=who.name, account_id=who.id, now=now, zone=zone)


def _page(session: Session, form: Form, campaign: Campaign | None = None) -> str:
    return render_template(
        "console/campaigns/editor.html",
        campaign=campaign,
        once=form_once.mark(),
        version=form_version.mark(of_campaign(campaign)) if campaign else "",
        **_around(session, form, campaign),
        **audience_form.offered(session),
        asks=not approval.why_not_needed(session, campaign.created_by if campaign else access.viewer().id),
        series=series.of_campaign(session, campaign) if campaign else None,
        everywhere=access.scope().all,
        branches=session.exec(select(Branch).where(access.scope().branches()).order_by(col(Branch.id))).all(),
        found=_find(session, form.get("find")),
        **attachments.section(session, form.fields.attachments, url_for("campaign_editor.attached")),
        **attachments.offer(session),
        choices=of_campaigns(),
        LONGEST_NAME=LONGEST_NAME,
    )


def _around(
    session: Session, form: Form, campaign: Campaign | None = None, *, opened: bool = False
) -> dict[str, Any]:
    wanted = request.form.get("do", "")
    sample = request.form.get(wanted if wanted in SAMPLES else "sample", 0, type=input_limits.number)
    number, at = campaign.id if campaign else None, max(form.fields.launch_at, site().clock())
    found = NOTHING if form.nobody else select_audience(session, form.fields, at, site().zone, number=number)
    shown = {
        "form": form,
        "faults": form.faults,
        "meters": forms.meters(session, form, site().clock()),
        "count_": found,
        **mix.told(session, form.fields, number),
        **audience_page.forecast(session, found, form.fields, at, number),
        **repeat_form.section(
            form.raw, form.weekdays, repeat_form.dates(session, form.repeat, form.fields.launch_at)
        ),
        "way": form.fields.way,
        "number": number,
        "preview": preview.preview(session, form.fields, sample),
    }
    if opened or wanted == AROUND:
        turn = request.form.get("turn", 0, type=input_limits.number)
        shown |= audience_page.surroundings(session, found, form.fields, at, number, turn)
    return shown


def _find(session: Session, words: str) -> dict[str, list[tuple[int, str, str]]]:
    """{"stores": [(id, name, more)], "guides": …} whose names hold the words; nothing for nothing."""
    wanted, here = words.strip()[:40], access.scope()
    if not wanted:
        return {}
    stores = session.exec(
        select(Store.id, Store.name, Branch.name)
        .join(Branch, col(Branch.id) == col(Store.branch_id))
        .where(col(Store.name).contains(wanted, autoescape=True), here.stores())
        .order_by(col(Store.name))
        .limit(FOUND_AT_MOST)
    )
    guides = session.exec(
        select(Guide.id, Guide.name, Store.name)
        .outerjoin(Store, col(Store.id) == col(Guide.store_id))
        .where(
            col(Guide.name).contains(wanted, autoescape=True),
            Guide.status == GuideStatus.ACTIVE,
            here.guides(),
        )
        .order_by(col(Guide.name))
        .limit(FOUND_AT_MOST)
    )
    return {
        "stores": [(one or 0, name, more) for one, name, more in stores],
        "guides": [(one or 0, name, more or "") for one, name, more in guides],
    }
