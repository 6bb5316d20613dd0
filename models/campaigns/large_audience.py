"""A huge audience is no slip of the hand: whoever approves or starts it types how many customers it has (F13)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import preferences
from models.campaigns.selection import Planned, select_audience
from models.errors import Refused
from models.friends import Friend, FriendStatus
from models.ledger.channels import CUSTOMERS
from models.org import Guide, active_in
from models.sentences import Sentence

NEAR = 0.01
"""A number that is off by so little is right: friends come and go between the page and the click, a slip is larger."""


def number_to_type(
    session: Session, plan: Planned, at: datetime, zone: ZoneInfo, *, number: int | None = None
) -> int:
    """How many customers have to be typed before it is approved or started for that moment; 0 where it needs none.

    `number` is the campaign's, as for `select_audience`.
    """
    most = preferences.read(session).confirm_above
    if plan.way.to != CUSTOMERS or not _may_exceed(session, plan, most):
        return 0
    reached = select_audience(session, plan, at, zone, number=number).reached
    return reached if reached > most else 0


def _may_exceed(session: Session, plan: Planned, most: int) -> bool:
    """Cheap where the whole scope has no more friends than that, as nearly always."""
    guides = active_in(plan.scope).with_only_columns(col(Guide.id))
    friends = select(Friend.id).where(col(Friend.owner_id).in_(guides), Friend.status == FriendStatus.FRIEND)
    return session.exec(friends.offset(most).limit(1)).first() is not None


def refuse_untyped(asked: int, typed: str) -> None:
    """Refused, in the field `customers`, while the number that was asked for is not typed."""
    if not asked:
        return
    written = typed.strip().replace(",", "").replace("，", "")
    if not written:
        words = Sentence("这次要发给 {n:,} 位客户。请照着把人数输入一遍，再点一次", n=asked)
        raise Refused(faults={"customers": words})
    if not written.isdecimal() or abs(int(written[:12]) - asked) > NEAR * asked:
        words = Sentence(
            "你输入的是 {typed}，这次要发给 {n:,} 位客户。要是不想发这么多，请先改发给谁",
            typed=written[:12],
            n=asked,
        )
        raise Refused(faults={"customers": words})
