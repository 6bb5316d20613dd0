"""Every way out of the program, one descriptor each: all that the outbox, the queue, the pages and the documents know of it.

How a channel builds and sends its call is the module of its name in scheduler/channels/.
"""

from dataclasses import dataclass
from typing import Any

from models.ledger.campaign_use import CampaignUse
from wecom import limits

REPEAT, ASK, CLOSE = "repeat", "ask", "close"
CUSTOMERS = "customers"
CUSTOMER_GROUPS = "groups"
TEAM_GROUPS = "team"
GUIDES = "guides"
PLATFORM = "platform"
PER_API, PER_MEMBER, PER_ROBOT, PER_MOMENT = "api", "member", "robot", "moment"
WELCOME, MASS, GROUP_MASS, MASS_CANCEL = "welcome", "mass", "group_mass", "mass_cancel"
MASS_REMIND, CARD, CARD_UPDATE = "mass_remind", "card", "card_update"
MOMENT, MOMENT_CANCEL = "moment", "moment_cancel"
SHARE, SHARE_GROUP, SHARE_MOMENT = "share", "share_group", "share_moment"
NOTICE, ROBOT = "notice", "robot"
CONTACT_WAY, CONTACT_WAY_END = "contact_way", "contact_way_end"
TRANSFER, TRANSFER_LEFT = "transfer", "transfer_left"
GROUP_OWNER, GROUP_OWNER_LEFT = "group_owner", "group_owner_left"
REHEARSAL, REHEARSAL_RECALL = "rehearsal", "rehearsal_recall"
ENTRY_CODE, ANNOUNCEMENT, ANNOUNCEMENT_GROUP = "entry_code", "announcement", "announcement_group"
CARD_MESSAGE, HANDOVER, HANDOVER_SHARE = "card_message", "handover", "handover_share"
"""The nouns of which rows tell; that of the channel `CARD_UPDATE` is the card."""
SHARED = ("picture", "link", "program", "video", "file")
"""What may hang on a mass message, the same from everybody (contract 6.1)"""
POSTED = ("picture", "link", "video")
"""What may hang on a Moments post: pictures, or one link, or one video (contract 6.3)"""
WAITING = "平台限制频率，已排队，没有丢"
WAITING_FOR_TASKS = "平台这一分钟太多，已排队，没有丢"
WAITING_FOR_HER = "平台每分钟最多给一位导购 30 条，已排队，没有丢"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """How the rows of one channel leave, and how they are told to people."""

    name: str
    label: str
    """What a row is, for HQ"""
    about: str
    """What it is, for who works on this program"""
    verb: str
    """What a row does, on the demo's time line"""
    api: str
    """The platform's call"""
    to: str
    lane: str = ""
    """Empty where no row of the outbox leaves by it: the guide's own page hands it over."""
    priority: int = 50
    """Smaller leaves first."""
    on_unknown: str
    """repeat: the stored bytes again; ask: read the platform's state back; close: never again, a person looks"""
    rate: str = ""
    """What it spends: the rate of the API, of new Moments, of the member who gets it, of the robot; a name in
    wecom/rate_limits.py"""
    waiting: str = WAITING
    """What a row says that waits for this rate"""
    margin_seconds: float = 0.0
    """So long before its deadline a row no longer leaves: the call needs time as well."""
    limits: tuple[str, ...] = ()
    """What it may carry: entries of wecom/limits.py, that of its text first"""
    subject: str = ""
    """The noun that a row's `subject_id` names"""
    update_api: str = ""
    """The call of a row whose payload says "update": the platform has it already."""
    own_keys: bool = False
    """Who sends has a key of its own, so a closed window closes for that one alone."""
    word: str = ""
    """Its name where HQ chooses how a plan leaves"""
    icon: str = "send"
    campaign: CampaignUse | None = None
    """Set where HQ may choose it for a campaign."""

    @property
    def confirmed(self) -> bool:
        """It makes a task in the guide's 群发助手, of which the platform tells whether she sent it."""
        return self.campaign is not None and self.campaign.confirmed

    @property
    def sends(self) -> bool:
        """As a campaign it reaches customers, and does not only tell the guides something."""
        return self.campaign is not None and self.to in (CUSTOMERS, CUSTOMER_GROUPS)

    @property
    def shared(self) -> bool:
        """The guide hands it over from her own page: of what became of it there is only her word."""
        return self.campaign is not None and not self.lane

    @property
    def together(self) -> bool:
        """One call is for all guides of a campaign."""
        return self.campaign is not None and self.campaign.together

    def api_of(self, payload: dict[str, Any]) -> str:
        return self.update_api if self.update_api and payload.get("update") else self.api

    def most(self, field: str) -> int:
        """How much of one field the platform takes."""
        return limits.limit_of(self.limits[0], field).most


CHANNELS: dict[str, Channel] = {
    one.name: one
    for one in (
        Channel(
            name=WELCOME,
            label="欢迎语",
            about="the one text in the guide's name, inside 20 seconds of becoming friends, first lane",
            verb="发欢迎语",
            api="externalcontact/send_welcome_msg",
            to=CUSTOMERS,
            lane="welcome",
            priority=0,
            on_unknown=CLOSE,
            margin_seconds=2.0,
            limits=("welcome",),
        ),
        Channel(
            name=MASS,
            label="群发任务",
            about="a task in the guide's mass assistant, for her customers",
            verb="建群发任务",
            api="externalcontact/add_msg_template",
            to=CUSTOMERS,
            lane="bulk",
            priority=50,
            on_unknown=ASK,
            rate=PER_API,
            waiting=WAITING_FOR_TASKS,
            limits=("mass",),
            word="群发助手",
            campaign=CampaignUse(
                "导购点一次，发给客户", "位客户", "external_userid", carries=("poster", *SHARED)
            ),
        ),
        Channel(
            name=GROUP_MASS,
            label="客户群群发",
            about="the same, for the owner of customer groups",
            verb="建客户群任务",
            api="externalcontact/add_msg_template",
            to=CUSTOMER_GROUPS,
            lane="bulk",
            priority=50,
            on_unknown=ASK,
            rate=PER_API,
            waiting=WAITING_FOR_TASKS,
            limits=("group_mass",),
            subject=ANNOUNCEMENT,
            word="客户群",
            icon="users-group",
            campaign=CampaignUse("群主点一次，发到群", "个客户群", "chat_id_list", carries=SHARED),
        ),
        Channel(
            name=MOMENT,
            label="朋友圈任务",
            about="one job that puts a post into the Moments of many guides, where each publishes it",
            verb="建朋友圈任务",
            api="externalcontact/add_moment_task",
            to=CUSTOMERS,
            lane="bulk",
            priority=50,
            on_unknown=ASK,
            rate=PER_MOMENT,
            waiting="平台一分钟最多建 10 个朋友圈任务，已排队，没有丢",
            limits=("moment",),
            word="朋友圈",
            icon="photo-heart",
            campaign=CampaignUse(
                "导购点一次，发表给客户看。大家的图都一样",
                "位客户",
                carries=POSTED,
                disturbs=False,
                everybody=True,
                one_kind=True,
                together=True,
                place="客户朋友圈",
                deed="发表",
            ),
        ),
        Channel(
            name=SHARE,
            label="她自己分享给客户",
            about="shared from the guide's page into her mass assistant by the messenger's script; nothing leaves from here",
            verb="分享给客户",
            api="shareToExternalContact",
            to=CUSTOMERS,
            on_unknown=CLOSE,
            limits=("share",),
            word="她自己分享",
            icon="share",
            campaign=CampaignUse(
                "在她的任务页点分享，发给客户",
                "位客户",
                confirmed=False,
                carries=("poster", *SHARED),
                place="任务页",
                deed="分享",
            ),
        ),
        Channel(
            name=SHARE_GROUP,
            label="她自己分享到群",
            about="the same, into her customer groups",
            verb="分享到客户群",
            api="shareToExternalChat",
            to=CUSTOMER_GROUPS,
            on_unknown=CLOSE,
            limits=("share",),
            word="她自己发群",
            icon="share",
            campaign=CampaignUse(
                "在她的任务页点分享，发到群",
                "个客户群",
                confirmed=False,
                carries=SHARED,
                place="任务页",
                deed="分享",
            ),
        ),
        Channel(
            name=SHARE_MOMENT,
            label="她自己发朋友圈",
            about="the same, into Moments, with her own poster; on phones only",
            verb="分享到朋友圈",
            api="shareToExternalMoments",
            to=CUSTOMERS,
            on_unknown=CLOSE,
            limits=("share_moment",),
            word="她自己发朋友圈",
            icon="share",
            campaign=CampaignUse(
                "在她的任务页点分享，发她自己的海报。只能用手机",
                "位客户",
                confirmed=False,
                carries=("poster", *POSTED),
                disturbs=False,
                everybody=True,
                one_kind=True,
                place="任务页",
                deed="分享",
            ),
        ),
        Channel(
            name=CARD,
            label="任务卡片",
            about="the app card, one per guide and work period; one message for all whose card says the same",
            verb="发卡片",
            api="message/send",
            to=GUIDES,
            lane="quick",
            priority=20,
            on_unknown=REPEAT,
            rate=PER_MEMBER,
            waiting=WAITING_FOR_HER,
            limits=("card",),
            subject=CARD_MESSAGE,
        ),
        Channel(
            name=NOTICE,
            label="应用消息",
            about="a line to a guide or HQ in the app's chat",
            verb="发应用消息",
            api="message/send",
            to=GUIDES,
            lane="quick",
            priority=20,
            on_unknown=REPEAT,
            rate=PER_MEMBER,
            waiting=WAITING_FOR_HER,
            limits=("notice_text",),
            word="只提醒导购",
            icon="bell",
            campaign=CampaignUse("不发给客户", "位导购", confirmed=False, carries=("poster", *SHARED)),
        ),
        Channel(
            name=REHEARSAL,
            label="活动的测试",
            about="a 【测试】 of a campaign, to HQ's own people or to named guides, before it starts",
            verb="发测试",
            api="message/send",
            to=GUIDES,
            lane="quick",
            priority=20,
            on_unknown=REPEAT,
            rate=PER_MEMBER,
            waiting=WAITING_FOR_HER,
            limits=("notice_text", "card"),
            subject=REHEARSAL,
        ),
        Channel(
            name=REHEARSAL_RECALL,
            label="撤回测试",
            about="takes a rehearsal back from the phone where it arrived",
            verb="撤回测试",
            api="message/recall",
            to=GUIDES,
            lane="quick",
            priority=30,
            on_unknown=ASK,
            rate=PER_API,
        ),
        Channel(
            name=ROBOT,
            label="群播报",
            about="a webhook robot's post into an internal group",
            verb="群里播报",
            api="webhook/send",
            to=TEAM_GROUPS,
            lane="robot",
            priority=40,
            on_unknown=CLOSE,
            rate=PER_ROBOT,
            waiting="一个机器人每分钟最多 20 条，已排队，没有丢",
            limits=("robot_text", "robot_markdown"),
            subject=ANNOUNCEMENT_GROUP,
            own_keys=True,
            word="机器人",
            icon="robot",
        ),
        Channel(
            name=CARD_UPDATE,
            label="更新卡片",
            about="brings a card up to date that is on her phone",
            verb="更新卡片",
            api="message/update_template_card",
            to=GUIDES,
            lane="quick",
            priority=10,
            on_unknown=CLOSE,
            rate=PER_API,
            limits=("card",),
            subject=CARD,
        ),
        Channel(
            name=CONTACT_WAY,
            label="入口码",
            about="makes an entry code, or changes who is in it",
            verb="建入口码",
            api="externalcontact/add_contact_way",
            to=PLATFORM,
            lane="bulk",
            priority=30,
            on_unknown=ASK,
            limits=("contact_way",),
            subject=ENTRY_CODE,
            update_api="externalcontact/update_contact_way",
        ),
        Channel(
            name=CONTACT_WAY_END,
            label="停用入口码",
            about="lets the platform forget an entry code that nobody prints any more",
            verb="停用入口码",
            api="externalcontact/del_contact_way",
            to=PLATFORM,
            lane="bulk",
            priority=60,
            on_unknown=ASK,
            subject=ENTRY_CODE,
        ),
        Channel(
            name=MASS_CANCEL,
            label="停止群发",
            about="takes a task back that nobody has confirmed yet",
            verb="撤下任务",
            api="externalcontact/cancel_groupmsg_send",
            to=PLATFORM,
            lane="quick",
            priority=5,
            on_unknown=ASK,
            rate=PER_API,
        ),
        Channel(
            name=MASS_REMIND,
            label="群发提醒",
            about="lets the mass assistant remind a guide of a task that she has not confirmed",
            verb="在群发助手里提醒",
            api="externalcontact/remind_groupmsg_send",
            to=GUIDES,
            lane="quick",
            priority=20,
            on_unknown=CLOSE,
            rate=PER_API,
        ),
        Channel(
            name=MOMENT_CANCEL,
            label="停止发表",
            about="takes a Moments post back from the guides who have not published it yet",
            verb="撤下朋友圈任务",
            api="externalcontact/cancel_moment_task",
            to=PLATFORM,
            lane="quick",
            priority=5,
            on_unknown=ASK,
            rate=PER_API,
        ),
        Channel(
            name=TRANSFER_LEFT,
            label="离职交接",
            about="asks up to 100 customers of a guide who left whether a colleague may serve them",
            verb="给客户换人",
            api="externalcontact/resigned/transfer_customer",
            to=CUSTOMERS,
            lane="quick",
            priority=60,
            on_unknown=ASK,
            rate=PER_API,
            limits=("transfer",),
            subject=HANDOVER_SHARE,
        ),
        Channel(
            name=TRANSFER,
            label="在职换人",
            about="the same while she goes on working, with a line to the customer",
            verb="给客户换人",
            api="externalcontact/transfer_customer",
            to=CUSTOMERS,
            lane="quick",
            priority=60,
            on_unknown=ASK,
            rate=PER_API,
            limits=("transfer",),
            subject=HANDOVER_SHARE,
        ),
        Channel(
            name=GROUP_OWNER_LEFT,
            label="离职群主换人",
            about="gives customer groups of a guide who left another owner, at once",
            verb="换群主",
            api="externalcontact/groupchat/transfer",
            to=PLATFORM,
            lane="quick",
            priority=60,
            on_unknown=ASK,
            rate=PER_API,
            limits=("group_owner",),
            subject=HANDOVER,
        ),
        Channel(
            name=GROUP_OWNER,
            label="在职群主换人",
            about="the same while she goes on working",
            verb="换群主",
            api="externalcontact/groupchat/onjob_transfer",
            to=PLATFORM,
            lane="quick",
            priority=60,
            on_unknown=ASK,
            rate=PER_API,
            limits=("group_owner",),
            subject=HANDOVER,
        ),
    )
}


def with_subject(subject: str) -> list[str]:
    """The channels whose rows are about this noun."""
    return [one.name for one in CHANNELS.values() if one.subject == subject]


def by_urgency() -> list[Channel]:
    """What leaves first stands first; of equals, the one that stands first above."""
    leaving = [one for one in CHANNELS.values() if one.lane]
    return sorted(leaving, key=lambda one: one.priority)


def of_campaigns() -> dict[str, Channel]:
    """Those that HQ may choose for a campaign, in the order in which they are offered."""
    return {name: one for name, one in CHANNELS.items() if one.campaign}


def reaching(to: str) -> list[str]:
    """The channels of campaigns that speak to these."""
    return [name for name, one in of_campaigns().items() if one.to == to]


def confirmed() -> list[str]:
    """The channels whose sending the platform confirms."""
    return [name for name, one in CHANNELS.items() if one.confirmed]
