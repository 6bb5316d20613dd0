"""Guides join, move and leave: events of the directory, and of the app's visible range."""

from handlers.registry import EventContext, Unusable, need_id, on
from models import org
from models.accounts import leaving
from models.friends import entry_code_users, entry_codes
from models.org import Guide, directory, entries, renames
from models.org.departments import LARGEST
from models.org.directory import Member
from models.sentences import Sentence, together
from wecom.events import Event

GONE_STATUS = {"2", "5"}
"""Disabled, or left (contract 2.4)."""


@on("change_contact.create_user", ids=("UserID",))
def member_joined(context: EventContext) -> str:
    """Somebody was added to the directory."""
    event = context.event
    userid = renames.current(context.session, event.user, context.at, newcomer=True)
    return _learnt(
        context, directory.joined(context.session, _member(event, userid), context.at), Sentence("来了")
    )


@on("change_contact.update_user", ids=("UserID",))
def member_changed(context: EventContext) -> str:
    """Somebody's entry changed: name, department, account."""
    event, session, words = context.event, context.session, ""
    userid = renames.current(session, event.user, context.at)
    if event.text("NewUserID"):
        words, userid = _renamed(context, userid, need_id(event, "NewUserID"))
    before = org.find_guide(session, userid)
    store_before = before.store_id if before else None
    guide = directory.joined(session, _member(event, userid), context.at)
    if guide and store_before != guide.store_id:
        entry_code_users.refresh_users(session, store_before, context.now)
    if event.text("Status") in GONE_STATUS:
        _end_sessions(context, userid, removed=False)
    return together([words, _learnt(context, guide, Sentence("的资料变了"))], "")


def _renamed(context: EventContext, userid: str, new: str) -> tuple[str, str]:
    """What became of a rename, and what she is called now."""
    guide = directory.renamed(context.session, userid, new, context.at)
    now_called = renames.current(context.session, new, context.at)
    if guide is None and (other := org.find_guide(context.session, new)) is not None:
        return Sentence("账号 {new} 已经是{other}的，没有合并。", new=new, other=other.name), now_called
    return (Sentence("账号改为 {userid}。", userid=guide.userid) if guide else ""), now_called


@on("change_contact.delete_user", ids=("UserID",))
def member_left(context: EventContext) -> str:
    """Somebody was removed from the directory."""
    return _gone(context, context.event.user, "change_contact", Sentence("从通讯录里移除了"))


@on("unsubscribe", ids=("FromUserName",))
def out_of_range(context: EventContext) -> str:
    """A member left the app's visible range."""
    return _gone(context, context.event.actor, "unsubscribe", Sentence("不在应用的可见范围了"))


@on("subscribe", ids=("FromUserName",))
def in_range(context: EventContext) -> str:
    """A member entered the app's visible range."""
    userid = renames.current(context.session, context.event.actor, context.at)
    guide = directory.here(context.session, userid, context.at)
    if guide is None:
        return "进了应用的可见范围。是不是导购，下次对账时看她的部门"
    entry_code_users.refresh_users(context.session, guide.store_id, context.now)
    return (
        Sentence("{guide}在应用的可见范围里", guide=guide.name)
        if guide.present
        else Sentence("{guide}后来离开了，这条来晚了", guide=guide.name)
    )


@on("change_contact.create_party", "change_contact.update_party", "change_contact.delete_party", ids=("Id",))
def department_changed(context: EventContext) -> str:
    """A department was made, moved or removed: who works in it, or in what lies in it, works where it lies now."""
    event, session = context.event, context.session
    number, removed = _number(event.text("Id")), event.kind.endswith("delete_party")
    if number is None:
        raise Unusable(Sentence("部门编号「{text}」不是数字，没有照做。原文留着", text=event.text("Id")[:20]))
    parent = _number(event.text("ParentId"))
    if parent is None and not removed:
        return Sentence("部门 {number} 改了名字或顺序，这里用不到", number=number)
    followed = directory.department_moved(session, number, None if removed else parent, context.at)
    if followed is None:
        return Sentence("部门 {number} 后来又有变动，这条来晚了", number=number)
    for guide_id, store_before in followed.items():
        _learnt(context, session.get_one(Guide, guide_id), "")
        entry_code_users.refresh_users(session, store_before, context.now)
    if removed:
        return Sentence("部门 {number} 没有了，{n} 位导购跟着换了门店", number=number, n=len(followed))
    return Sentence("部门 {number} 有变动，{n} 位导购跟着换了门店", number=number, n=len(followed))


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
    return Sentence("{who}给应用发了消息，已记下", who=guide.name if guide else Sentence("一位成员"))


def _member(event: Event, userid: str) -> Member:
    """What an event tells of a member. An update tells only what changed, so no status is no word on her presence."""
    leads, status = event.text("IsLeaderInDept"), event.text("Status")
    numbers = [_number(part) for part in event.text("Department").split(",")]
    told = bool(status) or event.kind.endswith("create_user")
    return Member(
        userid=userid,
        name=event.text("Name"),
        avatar_url=event.text("Avatar"),
        departments=tuple(number for number in numbers if number is not None),
        main_department=_number(event.text("MainDepartment")),
        leads=tuple(part.strip() == "1" for part in leads.split(",")) if leads else None,
        active=status not in GONE_STATUS if told else None,
    )


def _number(text: str) -> int | None:
    """A department's number, as our column holds it."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 12 and int(digits) <= LARGEST else None


def _learnt(context: EventContext, guide: Guide | None, what: str) -> str:
    """Give a new guide her code, and tell what we know of her now."""
    if guide is None:
        return "不在任何门店的部门里，不算导购"
    entry_code_users.refresh_users(context.session, guide.store_id, context.now)
    if not guide.present:
        return Sentence("{guide}已经不在岗", guide=guide.name)
    store = org.store_of(context.session, guide)
    if store is None:
        return Sentence("{guide}{what}，现在不在任何门店", guide=guide.name, what=what)
    entry_codes.make_for_guide(context.session, guide, context.now, since=context.at)
    return Sentence("{guide}{what}，在{store}", guide=guide.name, what=what, store=store.name)


def _gone(context: EventContext, userid: str, how: str, words: str) -> str:
    session = context.session
    userid = renames.current(session, userid, context.at)
    left = directory.gone(session, userid, how, context.at)
    _end_sessions(context, userid, removed=how == "change_contact")
    guide = org.find_guide(session, userid)
    if guide is None:
        return Sentence("一位成员{words}，不是导购", words=words)
    if not left:
        return (
            Sentence("{guide}{words}，早就知道了", guide=guide.name, words=words)
            if not guide.present
            else Sentence("{guide}后来又回来了，这条来晚了", guide=guide.name)
        )
    entry_code_users.refresh_users(context.session, guide.store_id, context.now)
    return Sentence("{guide}{words}，记为离开，不再给她派任务", guide=guide.name, words=words)


def _end_sessions(context: EventContext, userid: str, *, removed: bool) -> None:
    """Whoever left is out of every page of hers, unless a newer word says that she is here."""
    if entries.of(context.session, userid).present is False:
        leaving.left(context.session, userid, context.at, context.now, removed=removed)
