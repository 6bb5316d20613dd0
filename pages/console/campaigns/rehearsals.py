"""先发给我看: a 【测试】 of a campaign on one's own phone or on those of named guides, and taking it back."""

import re

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, or_, select

from models.campaigns import rehearsals
from models.campaigns.rehearsals import Rehearsal
from models.errors import Refused
from models.org import Guide, GuideStatus
from models.sentences import Sentence
from pages.web import access, input_limits
from pages.web.site import site

blueprint = Blueprint("campaign_rehearsals", __name__, url_prefix="/console/campaigns")
BETWEEN = re.compile(r"[、，,;；\s]+")
APPROVAL = "approval"
"""Where whoever approves comes from and goes back to"""


@blueprint.get("/<int:campaign_id>/rehearsals")
@access.offices
def ask(campaign_id: int) -> ResponseReturnValue:
    return _shown(campaign_id)


@blueprint.post("/<int:campaign_id>/rehearsals")
@access.offices
def send(campaign_id: int) -> ResponseReturnValue:
    """To herself, to guides by their names, or both."""
    who, now = access.viewer(), site().clock()
    try:
        with site().db.write() as session:
            campaign = access.campaign(session, campaign_id, change=True)
            rehearsals.send(
                session,
                campaign,
                who=who.name,
                now=now,
                accounts=[who.id or 0] if request.form.get("me") else [],
                guides=_guides(session, request.form.get("guides", "")),
                sample=request.form.get("sample", 0, type=input_limits.number),
            )
    except Refused as refused:
        return make_response(
            _shown(campaign_id, refused.beside("to", "guides")), 422 if refused.faults else 409
        )
    if request.form.get("back") == APPROVAL:
        return redirect(url_for("campaign_approval.ask", campaign_id=campaign_id), 303)
    return redirect(url_for("campaign_rehearsals.ask", campaign_id=campaign_id, done="sent"), 303)


@blueprint.post("/<int:campaign_id>/rehearsals/<int:rehearsal_id>/withdraw")
@access.offices
def withdraw(campaign_id: int, rehearsal_id: int) -> ResponseReturnValue:
    try:
        with site().db.write() as session:
            access.campaign(session, campaign_id, change=True)
            one = session.get(Rehearsal, rehearsal_id)
            if one is None or one.campaign_id != campaign_id:
                abort(404)
            rehearsals.withdraw(session, one, access.viewer().name, site().clock())
    except Refused as refused:
        return make_response(_shown(campaign_id, {"": refused.words}), 409)
    return redirect(url_for("campaign_rehearsals.ask", campaign_id=campaign_id, done="withdrawn"), 303)


def _guides(session: Session, text: str) -> list[int]:
    """The guides of these names or userids, each of whom must be one within reach."""
    found = []
    for name in [one for one in BETWEEN.split(text[:400]) if one]:
        called = or_(Guide.name == name, Guide.userid_key == name.lower())
        within = access.scope().guides(), Guide.status == GuideStatus.ACTIVE
        query = select(Guide.id).where(called, *within).order_by(col(Guide.id)).limit(2)
        ids = [one or 0 for one in session.exec(query)]
        if not ids:
            raise Refused(
                faults={"guides": Sentence("没有叫「{name}」的在岗导购，请写全名或账号", name=name)}
            )
        if len(ids) > 1:
            raise Refused(faults={"guides": Sentence("有不止一个叫「{name}」，请写她的账号", name=name)})
        found += ids
    return found


def _shown(campaign_id: int, faults: dict[str, str] | None = None) -> str:
    done = request.args.get("done", "")
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id, change=True)
        sent = rehearsals.of(session, campaign, site().clock())
    return render_template(
        "console/campaigns/rehearsals.html",
        campaign=campaign,
        sent=sent,
        me=access.viewer(),
        faults=faults or {},
        form=request.form,
        done=done,
        most=rehearsals.MOST_RECEIVERS,
        here="campaigns",
    )
