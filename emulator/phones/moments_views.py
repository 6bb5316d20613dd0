"""The pages of Moments: a guide's 客户朋友圈, a customer's 朋友圈, and the compose views of what a page shares."""

from typing import Any

from flask import Response

from .. import moments, shares
from ..control import platform
from ..errors import Unwilling
from ..friendships import known_customer, known_guide
from ..languages import _
from . import bubbles, screens
from .views import now, opens_as, phone, phones, speaker, waiting

SHOWN = 20
SHARE_TITLES = {shares.CONTACT: "群发给客户", shares.CHAT: "发到客户群", shares.MOMENTS: "发表到客户朋友圈"}


@phones.get("/guide/<userid>/moments")
def guide_moments(userid: str) -> Response:
    """The native 客户朋友圈: what the company prepared waits here for her one tap."""
    screen, opener = screens.guide(platform(), userid), opens_as(userid)
    who = screen["member"]["userid"]
    posts = [
        row | {"parts": bubbles.parts(row["content"], opener), "time": bubbles.clock(row["published"], now())}
        for row in screen["moments"][:SHOWN]
    ]
    return phone(
        "guide_moments",
        title=_("客户朋友圈"),
        posts=posts,
        friends=len(moments.audience(platform(), who, [])),
        userid=who,
        name=screen["member"]["name"],
        client=shares.client_of(platform(), who),
        **waiting(screen),
    )


@phones.get("/customer/<external_userid>/moments")
def customer_moments(external_userid: str) -> Response:
    person = known_customer(platform(), external_userid)
    posts = [
        row
        | {
            "parts": bubbles.parts(row["content"], lambda url: url),
            "guide": speaker(row["userid"]),
            "time": bubbles.clock(row["shown"], now()),
        }
        for row in moments.of_customer(platform(), external_userid, SHOWN)
    ]
    return phone("moments", title=_("朋友圈"), posts=posts, me=person)


@phones.get("/guide/<userid>/share/<share_id>")
def compose(userid: str, share_id: str) -> Response:
    """What the page asked to share, before she confirms or cancels."""
    member = known_guide(platform(), userid)
    share = shares.known(platform(), member["userid"], share_id)
    if share["outcome"]:
        raise Unwilling("这次分享已经结束了")
    return phone(
        "share",
        title=_(SHARE_TITLES[share["call"]]),
        share=share,
        parts_=bubbles.parts(share["content"], opens_as(userid)),
        whom=whom(share, member["userid"]),
        userid=member["userid"],
    )


def whom(share: dict[str, Any], userid: str) -> str:
    n = len(shares.receivers(platform(), userid, share))
    if share["call"] == shares.MOMENTS:
        return _("{n} 位客户都看得到", n=n)
    return _("{n} 个客户群" if share["call"] == shares.CHAT else "{n} 位客户", n=n)
