"""Friends come and go: a customer was added, changed, or one of the two deleted the other."""

from datetime import timedelta

from handlers.registry import EventContext, on
from models import org
from models.friends import LOST_WORDS, FriendStatus, LostHow, friendship, handover_results
from models.sentences import Sentence, together

PAIR = ("UserID", "ExternalUserID")
"""Whose account, and which customer."""
WHY_FAILED = {"customer_refused": "客户拒绝了", "customer_limit_exceed": "接手的导购客户已满"}

WELCOMES = {
    "queued": "欢迎语已排队",
    "late": "晚到了 {late}，欢迎码已过期，不发欢迎语",
    "missed": "处理时已过 20 秒，欢迎语没有发",
    "used": "这个欢迎码已经用过，不再发",
    "": "平台没有给欢迎码，不发欢迎语",
}


@on("change_external_contact.add_external_contact", ids=PAIR)
def friend_added(context: EventContext) -> str:
    """The platform gave a customer to a guide's account."""
    return _added(context, half=False)


@on("change_external_contact.add_half_external_contact", ids=PAIR)
def half_added(context: EventContext) -> str:
    """The customer added the guide, who has not added back yet."""
    return _added(context, half=True)


@on("change_external_contact.edit_external_contact", ids=PAIR)
def friend_edited(context: EventContext) -> str:
    """The guide changed remark or tags."""
    event = context.event
    if friendship.changed(context.session, event.user, event.external_user) is None:
        return "还不认识这位好友，等对账时补上"
    return "备注或标签变了，下次对账时重新读取"


@on("change_external_contact.del_external_contact", ids=PAIR)
def guide_deleted(context: EventContext) -> str:
    """The guide deleted the customer, or a transfer between colleagues did."""
    moved = context.event.text("Source") == "DELETE_BY_TRANSFER"
    return _lost(context, LostHow.TRANSFER if moved else LostHow.GUIDE)


@on("change_external_contact.del_follow_user", ids=PAIR)
def customer_deleted(context: EventContext) -> str:
    """The customer deleted the guide."""
    return _lost(context, LostHow.CUSTOMER)


@on("change_external_contact.transfer_fail", ids=PAIR)
def transfer_failed(context: EventContext) -> str:
    """A handover to a colleague did not take place."""
    why = context.event.text("FailReason")
    said = Sentence(WHY_FAILED.get(why, why or "平台没有说原因"))
    handover_results.failed(
        context.session, context.event.user, context.event.external_user, why, context.now
    )
    return Sentence("转接没有成功：{why}。已记下，归属不变", why=said)


def _added(context: EventContext, *, half: bool) -> str:
    event = context.event
    met = friendship.added(
        context.session,
        event.user,
        event.external_user,
        context.at,
        context.now,
        context.handler_context.zone,
        state=event.text("State"),
        welcome_code=event.text("WelcomeCode"),
        inbox_id=context.row.id,
        half=half,
    )
    if met.friend.status == FriendStatus.LOST:
        return Sentence("{owner}的这位好友后来已经走了，这条来晚了，只补记历史", owner=met.owner.name)
    owner = met.owner.name
    happened = (
        Sentence("{owner}被加为好友，还没加回去", owner=owner)
        if half
        else Sentence("{owner}多了一位好友", owner=owner)
    )
    welcome = Sentence(WELCOMES[met.welcome], late=_span(context.row.received_at - context.at))
    if handover_results.news(context.session, event.user, event.external_user, context.now):
        return together([happened, Sentence("她在交接，马上问平台换好了没有"), welcome], "。")
    return together([happened, met.friend.reason, welcome], "。")


def _lost(context: EventContext, how: LostHow) -> str:
    event = context.event
    friend = friendship.lost(context.session, event.user, event.external_user, how, context.at, context.now)
    if how == LostHow.TRANSFER:
        friendship.handed_over(context.session, friend, context.now, context.handler_context.zone)
    name = context.session.get_one(org.Guide, friend.owner_id).name
    if friend.status != FriendStatus.LOST or friend.lost_at != context.at:
        return Sentence("{name}的这位好友后来又有变动，这条来晚了，不改现在的状态", name=name)
    return Sentence(LOST_WORDS[how], name=Sentence("客户"), guide=name)


def _span(late: timedelta) -> str:
    seconds = int(late.total_seconds())
    if seconds < 120:
        return Sentence("{seconds} 秒", seconds=seconds)
    return (
        Sentence("{seconds} 分钟", seconds=seconds // 60)
        if seconds < 7200
        else Sentence("{seconds} 小时", seconds=seconds // 3600)
    )
