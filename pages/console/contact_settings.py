"""联系次数与比例: how often one customer may be contacted, when nobody is disturbed, and how much of a week may sell."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import preferences
from models.errors import Refused
from pages.web import access, form_version
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("contact_settings", __name__, url_prefix="/console/settings/contacts")
WHY = {
    "quiet_from": "从这一点起不自动开始，早上再说",
    "quiet_to": "和上面一样就是没有免打扰",
    "contacts_per_day": "所有导购、所有活动加在一起；0 是不限",
    "contacts_per_week": "算今天在内的 7 天；0 是不限",
    "contacts_per_month": "算今天在内的 30 天；0 是不限",
    "season_months": "写成 11,12；空着就是没有",
    "season_percent": "这些月份里 7 天和 30 天的上限乘以它，旺季 150，淡季 50",
    "platform_quota": "和企业微信后台设的一样；公司发的和导购自己发的加在一起",
    "count_moments": "发一条朋友圈，看得到的客户算不算被联系一次",
    "confirm_above": "一次发给更多客户时，要先输入人数",
    "mix_content": "尺码、保养、怎么搭这些帮得上忙的",
    "mix_brand": "讲牌子、讲产品，不带价",
    "mix_deal": "带价格或券的；三类加起来 100%",
    "deal_percent": "按件数算，总部的也算在分公司里；公告、只提醒导购的和补发不算",
    "mix_rule": "总部可以单独放宽某一周，写明原因",
    "card_rhythm": "卡片送过以后来的任务等下一张；急件可以多送一张",
    "opens": "门店没写自己的营业时间，就用这个。没开门不给导购送卡片，等开门",
    "closes": "关门以后的卡片等第二天开门。通宵写 24:00",
}
SECTIONS = (
    (
        "联系次数",
        "活动开始时先占住名额，结束时没有人确认的还回来。名额不够时，关怀先于服务，服务先于促销。",
        preferences.BUDGET,
    ),
    (
        "导购的卡片",
        "一张卡片列出她这一班要做的事。门店关着的时候不送，急件也等开门。",
        preferences.CARDS,
    ),
    ("内容比例", "每家分公司每周发多少件，里面多少是销售。写的时候、审批的时候都看得到。", preferences.MIX),
)
"""Title, about, and the choices below it"""
CHOSEN = (*preferences.BUDGET, *preferences.CARDS, *preferences.MIX)


@blueprint.get("")
@access.hq_only
def chosen() -> ResponseReturnValue:
    return _page({}, {}, _("已保存，从下一个活动起用新的。") if request.args.get("done") else "")


@blueprint.post("")
@access.hq_only
def save() -> ResponseReturnValue:
    """All or nothing; the words name the field and its limit."""
    given = {name: request.form[name] for name in CHOSEN if name in request.form}
    try:
        with site().db.write() as session:
            form_version.check(preferences.read(session))
            preferences.change(session, access.viewer().name, site().clock(), **given)
    except Refused as refused:
        return _page(given, refused.faults or {"": refused.words}, ""), 422 if refused.faults else 409
    return redirect(url_for("contact_settings.chosen", done="saved"), 303)


def _page(form: dict[str, str], faults: dict[str, str], notice: str) -> str:
    with site().db.read() as session:
        kept = preferences.read(session)
    return render_template(
        "console/contact_settings.html",
        form={name: str(getattr(kept, name)) for name in CHOSEN} | form,
        sections=SECTIONS,
        version=form_version.mark(kept),
        faults=faults,
        notice_=notice,
        labels=preferences.LABELS,
        limits=preferences.LIMITS,
        choices=preferences.CHOICES,
        why=WHY,
        tab="contacts",
    )
