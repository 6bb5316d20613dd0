"""回调: everything the platform told us, what became of it, and handling it again."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from models.db import count, count_by
from models.errors import Refused
from models.friends import Customer
from models.groups import Group
from models.ledger import inbox
from models.ledger.channels import CHANNELS
from models.ledger.inbox import Inbox, InboxSource, InboxStatus
from models.ledger.outbox import Outbox
from models.org import Guide
from pages.web import access, lists, redaction
from pages.web.i18n import _
from pages.web.labels import KINDS, kind_word, outcome_of
from pages.web.site import site

blueprint = Blueprint("callbacks", __name__, url_prefix="/console/callbacks")
STATES = tuple(InboxStatus)
SAID = {"kind_word": kind_word, "outcome_of": outcome_of}


@blueprint.get("")
@access.hq_only
def all_callbacks() -> ResponseReturnValue:
    wanted = request.args.get("state", "")
    narrow = _narrowed()
    with site().db.read() as session:
        counts = count_by(session, Inbox.status, *narrow)
        shown = [*narrow, *([col(Inbox.status) == wanted] if wanted in STATES else [])]
        newest = select(Inbox).where(*shown).order_by(col(Inbox.received_at).desc(), col(Inbox.id).desc())
        found = lists.list_page(
            lists.filters(counts, STATES), lambda page: session.exec(page.cut(newest)).all()
        )
        whom = whom_of(session, found.rows)
        copies = session.exec(select(func.coalesce(func.sum(Inbox.copies), 0)).where(*narrow)).one()
        parked = count(session, Inbox, Inbox.status == InboxStatus.PARKED)
    return render_template(
        "console/callbacks.html",
        listing=found,
        whom=whom,
        copies=copies,
        total=sum(counts.values()),
        parked=parked,
        notice_=_notice(),
        **SAID,
    )


@blueprint.get("/<int:callback_id>")
@access.hq_only
def detail(callback_id: int) -> ResponseReturnValue:
    return _page(callback_id, _notice())


@blueprint.post("/<int:callback_id>/read")
@access.hq_only
def read(callback_id: int) -> ResponseReturnValue:
    """What somebody wrote, this once, to HQ with a reason: the next look is masked again."""
    reason, who, now = request.form.get("reason", ""), access.viewer().name, site().clock()
    try:
        with site().db.write() as session:
            inbox.read_aloud(session, access.callback(session, callback_id), reason, who, now)
    except Refused as refused:
        return _page(callback_id, ("", ""), faults=refused.faults), 422
    return _page(
        callback_id, (_("下面是原话，只给你看这一次。谁看的、为什么，已经记下。"), "warn"), spoken=True
    )


def _page(
    callback_id: int,
    notice: tuple[str, str],
    *,
    spoken: bool = False,
    faults: Mapping[str, str] | None = None,
) -> str:
    commands = {word for command in site().commands for word in command.words}
    with site().db.read() as session:
        row = access.callback(session, callback_id)
        whom = whom_of(session, [row])
        caused = list(
            session.exec(select(Outbox).where(Outbox.inbox_id == callback_id).order_by(col(Outbox.id)))
        )
    hidden = redaction.masked(row.body, commands)
    return render_template(
        "console/callback.html",
        row=row,
        caused=caused,
        whom=whom[row.id],
        body_=redaction.readable(row.body if spoken else hidden),
        masked=hidden != row.body and not spoken,
        faults=faults or {},
        form=request.form,
        reply=redaction.readable(row.reply),
        channels=CHANNELS,
        replayable=not inbox.why_not_replay(row),
        notice_=notice,
        **SAID,
    )


@blueprint.post("/<int:callback_id>/replay")
@access.hq_only
def replay(callback_id: int) -> ResponseReturnValue:
    """Handle a parked, failed or unknown one again; what was handled stays so, and the page says why."""
    who, now = access.viewer().name, site().clock()
    try:
        with site().db.write() as session:
            row = access.callback(session, callback_id)
            session.refresh(row, with_for_update=True)
            inbox.replay(session, row, who, now)
    except Refused as refused:
        why = _("{why}。什么都没有改，下面是现在的样子。", why=_(refused.words))
        return _page(callback_id, (why, "warn")), 409
    return redirect(url_for("callbacks.detail", callback_id=callback_id, done="replayed"), 303)


@blueprint.post("/replay")
@access.hq_only
def replay_all() -> ResponseReturnValue:
    """Handle everything that is parked again, oldest first."""
    total = inbox.replay_parked(site().db, access.viewer().name, site().clock())
    return redirect(url_for("callbacks.all_callbacks", done="all" if total else "none"), 303)


def whom_of(session: Session, rows: Sequence[Inbox]) -> dict[int | None, str]:
    """Whom each is about: the names of those we know, else what the platform calls them."""
    told = {row.id: dict.fromkeys((row.subject or row.actor).split()) for row in rows}
    ids = {one for several in told.values() for one in several}
    names: dict[str, str] = {}
    for key, name in (
        (Guide.userid_key, Guide.name),
        (Customer.external_userid, Customer.name),
        (Group.chat_id, Group.name),
    ):
        wanted = col(key).in_([one.lower() for one in ids] if key is Guide.userid_key else ids)
        names |= {str(one): said for one, said in session.exec(select(key, name).where(wanted)) if said}
    return {
        number: " · ".join(names.get(one) or names.get(one.lower()) or one for one in several)
        for number, several in told.items()
    }


def _narrowed() -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(Inbox.id) > 0]
    if (source := request.args.get("source", "")) in tuple(InboxSource):
        found.append(col(Inbox.source) == source)
    if text := lists.text():
        columns = (Inbox.kind, Inbox.subject, Inbox.actor, Inbox.decision, Inbox.error)
        kinds = [kind for kind, words in KINDS.items() if text in words]
        found.append(
            or_(*(col(one).contains(text, autoescape=True) for one in columns), col(Inbox.kind).in_(kinds))
        )
    return found


def _notice() -> tuple[str, str]:
    said = {"replayed": _("已排队，马上再处理一遍。"), "all": _("停放的都已排队，马上再处理一遍。")}
    done = request.args.get("done", "")
    if done == "none":
        return _("现在没有停放的回调。"), "warn"
    return said.get(done, ""), "ok"
