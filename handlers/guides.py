"""Guides join, move and leave: events of the directory, and of the app's visible range."""

from handlers.registry import EventContext, on
from models import org
from models.accounts import leaving
from models.friends import entry_codes
from models.org import Guide, directory
from models.org.directory import Member

GONE_STATUS = {"2", "5"}
"""Disabled, or left (contract 2.4)."""


@on("change_contact.create_user", ids=("UserID",))
def member_joined(context: EventContext) -> str:
    """Somebody was added to the directory."""
    return _learnt(context, directory.joined(context.session, _member(context), context.at), "来了")


@on("change_contact.update_user", ids=("UserID",))
def member_changed(context: EventContext) -> str:
    """Somebody's entry changed: name, department, account."""
    event, renamed = context.event, ""
    if new := event.text("NewUserID"):
        moved = org.renamed(context.session, event.user, new)
        leaving.renamed(context.session, event.user, new)
        renamed = f"账号改为 {new}。" if moved else ""
    before = org.find_guide(context.session, new or event.user)
    store_before = before.store_id if before else None
    guide = directory.joined(context.session, _member(context, userid=new), context.at)
    if guide and store_before != guide.store_id:
        entry_codes.refresh_users(context.session, store_before, context.now)
    if event.text("Status") in GONE_STATUS:
        leaving.left(context.session, new or event.user, context.at, context.now, removed=False)
    return renamed + _learnt(context, guide, "的资料变了")


@on("change_contact.delete_user", ids=("UserID",))
def member_left(context: EventContext) -> str:
    """Somebody was removed from the directory."""
    return _gone(context, context.event.user, "change_contact", "从通讯录里移除了")


@on("unsubscribe", ids=("FromUserName",))
def out_of_range(context: EventContext) -> str:
    """A member left the app's visible range."""
    return _gone(context, context.event.actor, "unsubscribe", "不在应用的可见范围了")


@on("subscribe", ids=("FromUserName",))
def in_range(context: EventContext) -> str:
    """A member entered the app's visible range."""
    guide = org.seen_again(context.session, context.event.actor, context.at)
    if guide is None:
        return "进了应用的可见范围。是不是导购，下次对账时看她的部门"
    entry_codes.refresh_users(context.session, guide.store_id, context.now)
    return f"{guide.name}在应用的可见范围里"


@on("change_contact.create_party", "change_contact.update_party", "change_contact.delete_party")
def department_changed(context: EventContext) -> str:
    """A department changed; stores keep the number of theirs, so only a sync can tell what it means."""
    return f"部门 {context.event.text('Id') or '（没有编号）'} 有变动，下次对账时核对门店"


@on("change_contact.update_tag")
def member_tags_changed(context: EventContext) -> str:
    """Tags of the directory: nothing here depends on them."""
    return "通讯录标签变了，这里用不到"


@on(
    "enter_agent",
    "click",
    "view",
    "location",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "batch_job_result",
)
def nothing_to_do(context: EventContext) -> str:
    """Known, and nothing follows from it."""
    return "知道了，不需要做什么"


@on("close_inactive_agent", "reopen_inactive_agent")
def app_suspended(context: EventContext) -> str:
    """The platform suspends an app that was unused for long, and reopens it."""
    if context.event.kind == "close_inactive_agent":
        return "平台因为长期没人用停了应用，接口会被拒绝。请管理员在企业微信后台重新启用"
    return "平台重新启用了应用"


@on("message.*")
def said_to_the_app(context: EventContext) -> str:
    """A member wrote to the app; the robot answers, the app does not."""
    guide = org.find_guide(context.session, context.event.actor)
    return f"{guide.name if guide else '一位成员'}给应用发了消息，已记下"


def _member(context: EventContext, *, userid: str = "") -> Member:
    event = context.event
    leads = event.text("IsLeaderInDept")
    numbers = (part.strip() for part in event.text("Department").split(","))
    return Member(
        userid=userid or event.user,
        name=event.text("Name"),
        avatar_url=event.text("Avatar"),
        departments=tuple(int(part) for part in numbers if part.isdecimal()),
        is_manager="1" in leads.split(",") if leads else None,
        active=event.text("Status") not in GONE_STATUS,
    )


def _learnt(context: EventContext, guide: Guide | None, what: str) -> str:
    """Give a new guide her code, and tell what we know of her now."""
    if guide is None:
        return "不在任何门店的部门里，不算导购"
    entry_codes.refresh_users(context.session, guide.store_id, context.now)
    if not guide.present:
        return f"{guide.name}已经不在岗"
    store = org.store_of(context.session, guide)
    if store is None:
        return f"{guide.name}{what}，现在不在任何门店"
    entry_codes.make_for_guide(context.session, guide, context.now, since=context.at)
    return f"{guide.name}{what}，在{store.name}"


def _gone(context: EventContext, userid: str, how: str, words: str) -> str:
    gone = org.seen_gone(context.session, userid, how, context.at)
    leaving.left(context.session, userid, context.at, context.now, removed=how == "change_contact")
    guide = org.find_guide(context.session, userid)
    if guide is None:
        return f"一位成员{words}，不是导购"
    if not gone:
        return (
            f"{guide.name}{words}，早就知道了"
            if not guide.present
            else f"{guide.name}后来又回来了，这条来晚了"
        )
    entry_codes.refresh_users(context.session, guide.store_id, context.now)
    return f"{guide.name}{words}，记为离开，不再给她派任务"
