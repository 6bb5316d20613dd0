"""Customer groups change: created, renamed, people joined or left, dismissed."""

from handlers.registry import EventContext, on
from models import groups
from models.groups import GroupStatus
from models.sentences import Sentence

DETAILS = {
    "add_member": "有人进群",
    "del_member": "有人退群",
    "change_owner": "换了群主",
    "change_name": "改了群名",
    "change_notice": "改了群公告",
}


@on("change_external_chat.*", ids=("ChatId",))
def group_changed(context: EventContext) -> str:
    """Something in a customer group changed; what it is now is read from the platform."""
    event = context.event
    group = groups.changed(context.session, event.text("ChatId"), context.now)
    if group.status == GroupStatus.DISMISSED:
        return "这个群已经解散，这条来晚了"
    what = DETAILS.get(event.text("UpdateDetail"), "新建了群" if event.kind.endswith(".create") else "有变动")
    return Sentence("客户群{what}，稍后重新读取", what=Sentence(what))


@on("change_external_chat.dismiss", ids=("ChatId",))
def group_dismissed(context: EventContext) -> str:
    """The owner dismissed the group."""
    group = groups.dismissed(context.session, context.event.text("ChatId"), context.now)
    if not group.name:
        return "客户群解散了，以后的公告不再发给它"
    return Sentence("客户群「{group}」解散了，以后的公告不再发给它", group=group.name)


CHANGES = {"create": "新建了", "update": "改了", "delete": "删了", "shuffle": "重新排了"}


@on("change_external_tag.*")
def tag_changed(context: EventContext) -> str:
    """A tag or a group of tags changed; the list itself is read from the platform."""
    event = context.event
    what = "标签组" if event.text("TagType") == "tag_group" else "标签"
    change = CHANGES.get(event.kind.partition(".")[2], "动了")
    return Sentence("管理员{change}{what}，已记下", change=Sentence(change), what=Sentence(what))
