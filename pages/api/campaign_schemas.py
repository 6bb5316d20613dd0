"""What a campaign looks like from outside: its body, its row, its funnel, its tasks and whom it reached."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from models.campaigns import LONGEST_NAME, CampaignStatus, Purpose
from models.campaigns.approval import LONGEST_REASON, Decision
from models.campaigns.attachments import AttachmentForm
from models.campaigns.progress import Step
from models.campaigns.recipient_ledger import Fate
from models.campaigns.run_rules import PilotBy
from models.kinds import MaterialKind
from models.ledger.channels import MASS, of_campaigns
from pages.api.pagination import NEWEST
from pages.api.schemas import Body, GuideRef, Id, Line, Listing, Moment, OneOf, Output, PlaceRef, Text
from pages.web.input_limits import LARGEST

if TYPE_CHECKING:
    Channel = str
else:  # the choice is the descriptors'
    Channel = Literal[tuple(of_campaigns())]
StepName = Literal[
    "carded", "opened", "said", "confirmed", "not_carded", "not_opened", "not_said", "not_confirmed"
]
Result = Literal["waiting", "arrived", "not_friend", "limited", "refused", "skipped"]


class AttachmentIn(Body):
    """一个附件；每种只填它用到的几项。"""

    form: OneOf[AttachmentForm] = Field(
        description="poster 海报，picture 图片，link 链接，program 小程序，video 视频，file 文件"
    )
    picture_id: Id | None = Field(
        None, description="在控制台上传过的图片：图片本身，海报的图，链接或小程序的封面"
    )
    file_id: Id | None = Field(None, description="在控制台上传过的视频或文件")
    design: Line = Field("", max_length=32, description="海报版式")
    words: dict[str, Line] = Field(
        default_factory=dict,
        description="海报上的字，按版式填：headline、subline、price、note、points、occasion、sentence",
    )
    title: Line = Field("", max_length=128, description="链接（128 字节）或小程序（64 字节）的标题")
    note: Line = Field("", max_length=512, description="链接的说明，最多 512 字节")
    url: Line = Field("", max_length=2048, description="链接的网址")
    appid: Line = Field("", max_length=64, description="小程序的 AppID")
    page: Line = Field("", max_length=1024, description="小程序的页面路径")
    material_id: Id | None = Field(None, description="素材库里的哪一件；内容要和那一版一样")
    version: Id | None = Field(None, description="那件素材的第几版")


class ConditionsIn(Body):
    """人群条件：同时满足；不写就是没有这一条。"""

    at_least_days: int | None = Field(None, description="成为好友至少几天")
    at_most_days: int | None = Field(None, description="成为好友最多几天")
    codes: list[Id] = Field([], max_length=1000, description="扫这些入口码来的")
    campaign_id: Id | None = Field(None, description="以前的一个活动")
    part: Literal["reached", "missed"] = Field("missed", description="那个活动里收到的，还是该收到没收到的")
    untouched_days: int | None = Field(None, description="几天内没有被联系过")


class ConditionsOut(Output):
    """人群条件。"""

    at_least_days: int | None = None
    at_most_days: int | None = None
    codes: list[int] = []
    campaign_id: int | None = None
    part: str = "missed"
    untouched_days: int | None = None


class ScopeFields(Body):
    """发给哪些导购：写 all，或者至少选一个分公司、门店或导购。"""

    all: bool = Field(False, description="全部在岗导购；和下面三个不能一起写")
    branches: list[Id] = Field([], max_length=1000, description="分公司编号")
    stores: list[Id] = Field([], max_length=10_000, description="门店编号")
    guides: list[Id] = Field([], max_length=10_000, description="导购编号")


def _unsaid() -> datetime:
    """Stands where nothing was written, so that the document needs no null; what was not written is not read."""
    return datetime.min.replace(tzinfo=UTC)


class CampaignEdit(Body):
    """要改的地方；没写的不变。"""

    name: Line = Field("", max_length=LONGEST_NAME, description="只有内部看得到")
    channel: Channel = Field(
        MASS, description="，".join(f"{name} {one.word}" for name, one in of_campaigns().items())
    )
    text: Text = Field(
        "",
        max_length=4000,
        description="最多 4,000 字节；{门店名}、{导购名}、{门店地址} 会换成每位导购自己的",
    )
    second_text: Text = Field("", max_length=4000, description="第二种正文，只有群发助手能用；不写就是一种")
    second_percent: int = Field(50, description="第二种发给百分之几的客户，由客户固定")
    attachments: list[AttachmentIn] = Field(
        [], max_length=20, description="跟着正文一起发的，按这个顺序；平台最多收 9 个"
    )
    card_title: Line = Field("", max_length=128, description="导购卡片的标题，最多 36 个字；不填用活动名")
    card_note: Line = Field("", max_length=200, description="导购卡片的说明，最多 44 个字")
    scope: ScopeFields = Field(
        default_factory=lambda: ScopeFields.model_validate({"all": True}),
        description="新建时不写就是全部在岗导购",
    )
    conditions: ConditionsIn = Field(
        default_factory=lambda: ConditionsIn.model_validate({}), description="范围里的导购发给哪些好友"
    )
    purpose: OneOf[Purpose] = Field(
        Purpose.DEAL, description="care 关怀，service 服务，deal 促销；名额不够时前面的先"
    )
    kind: OneOf[MaterialKind] = Field(
        MaterialKind.CONTENT,
        description="content 内容，brand 品牌，deal 销售；写了价格或券、用了销售类的素材就是 deal",
    )
    urgent: bool = Field(
        False, description="急件：导购这一班的卡片已经送过，也再送一张（最多一张）；不急的等下一班"
    )
    launch_at: Moment = Field(default_factory=_unsaid, description="什么时候开始")
    ends_at: Moment = Field(default_factory=_unsaid, description="什么时候截止；最长 30 天")


class CampaignIn(CampaignEdit):
    """一个新的活动，先是草稿。"""

    name: Line = Field(min_length=1, max_length=LONGEST_NAME, description="只有内部看得到")
    launch_at: Moment = Field(description="什么时候开始")
    ends_at: Moment = Field(description="什么时候截止；最长 30 天")


class PilotIn(Body):
    """谁先发，其余的怎么继续。"""

    by: OneOf[PilotBy] = Field(
        PilotBy.PERCENT, description="percent 按比例，store 一家门店，branch 一个分公司"
    )
    number: Id = Field(1, description="百分之几，或门店、分公司的编号")
    by_rule: bool = Field(False, description="试得好就自动继续；不然由人点继续")
    minutes: int = Field(120, ge=0, le=LARGEST, description="by_rule：多少分钟后看")
    failed_percent: int = Field(2, ge=0, description="by_rule：没送出的客户要少于百分之几")


class RulesIn(Body):
    """怎么开始和停下。没写的是默认的。"""

    grace_minutes: int = Field(30, ge=0, description="系统没能按时运行，最多晚多少分钟还自动发")
    stop_percent: int | None = Field(
        None, description="最近 50 件里没送出的到百分之几就自动暂停；不写用设置里的"
    )
    pilot: PilotIn | None = Field(None, description="先试一小批；不写就是不试")
    branch_delays: dict[str, int] = Field(
        default_factory=dict, description="分公司编号 → 比活动晚多少分钟开始；没写的不晚"
    )

    @field_validator("branch_delays")
    @classmethod
    def _of_branches(cls, delays: dict[str, int]) -> dict[str, int]:
        if any(not one.isdecimal() or len(one) > 9 for one in delays):
            raise ValueError("要写分公司编号")
        return delays


class PilotOut(Output):
    """谁先发，其余的怎么继续。"""

    by: OneOf[PilotBy]
    number: int
    by_rule: bool
    minutes: int
    failed_percent: int


class RulesOut(Output):
    """怎么开始和停下。"""

    grace_minutes: int
    stop_percent: int | None
    pilot: PilotOut | None
    branch_delays: dict[str, int]


class StartIn(Body):
    """让活动开始前要确认的。"""

    customers: int | None = Field(
        None, ge=0, description="人数超过设置里的线时，要写明会发给多少位客户；差 1% 以内都算对"
    )


class ApproveIn(StartIn):
    """批准哪一版。"""

    version: int = Field(0, ge=0, description="看过的是第几版；不写就是等着的那一版")


class ReturnIn(Body):
    """为什么退回。"""

    reason: Text = Field(min_length=1, max_length=LONGEST_REASON, description="让写的人知道改哪里")


class VersionOut(Output):
    """提交过的一版，和对它的决定。"""

    version: int
    submitted_by: str
    submitted_at: datetime
    decision: OneOf[Decision]
    decided_by: str
    decided_at: datetime | None
    reason: str
    changed: list[str] = Field(description="和上一次批准的那版比，改了的字段；没有批过就是空的")


class VersionList(Output):
    """提交过的每一版。"""

    items: list[VersionOut]


class ProgressOut(Output):
    """到了哪一步。说已发是导购的话，已确认是平台说的。"""

    targeted: int
    carded: int
    opened: int
    said: int
    confirmed: int
    customers: int
    reached: int


class AttachmentOut(Output):
    """一个附件。"""

    form: OneOf[AttachmentForm]
    picture_id: int | None = None
    file_id: int | None = None
    design: str = ""
    words: dict[str, str] = {}
    title: str = ""
    note: str = ""
    url: str = ""
    appid: str = ""
    page: str = ""
    material_id: int | None = None
    version: int | None = None


class ScopeOut(Output):
    """发给哪些导购。"""

    all: bool
    branches: list[int] = []
    stores: list[int] = []
    guides: list[int] = []


class CampaignOut(Output):
    """活动。"""

    id: int
    name: str
    status: OneOf[CampaignStatus]
    status_words: str = Field(description="为什么在等、为什么停了")
    channel: Channel
    text: str
    second_text: str
    second_percent: int
    attachments: list[AttachmentOut]
    card_title: str
    card_note: str
    scope: ScopeOut
    rules: RulesOut
    pilot_at: datetime | None = Field(description="先试的那一批什么时候开始发")
    pilot_over_at: datetime | None = Field(description="其余的什么时候开始发")
    conditions: ConditionsOut
    purpose: OneOf[Purpose]
    kind: OneOf[MaterialKind]
    urgent: bool
    launch_at: datetime
    ends_at: datetime
    launched_at: datetime | None
    finished_at: datetime | None
    collected_at: datetime | None = Field(description="最近一次向平台读结果")
    created_at: datetime
    progress: ProgressOut


class CampaignList(Listing):
    """活动列表的筛选。"""

    status: OneOf[CampaignStatus] | None = None
    channel: Channel | None = None
    launch_since: Moment | None = None
    launch_before: Moment | None = None
    sort: Literal["id", "-id", "launch_at", "-launch_at"] = NEWEST


class LostOut(Output):
    """停在哪一步之前的人。"""

    step: OneOf[Step]
    guides: int
    words: str
    straight: int = Field(description="没走这一步、直接在群发助手里发了的，不算停住；最后一步是这些人的总数")
    details: list[str]


class ReasonOut(Output):
    """没送到的客户，为什么。"""

    name: str
    words: str
    detail: str
    customers: int
    guides: int


class BranchProgress(ProgressOut):
    """一家分公司的那一份。"""

    branch_id: int | None
    name: str


class SideOut(Output):
    """其中一种正文。"""

    customers: int
    reached: int


class SplitOut(Output):
    """两种正文各有多少客户收到。"""

    first: SideOut
    second: SideOut
    low: float = Field(description="第二种比第一种，收到的比例差的下限（百分点，95%）")
    high: float
    words: str = Field(description="相差是不是可能只是碰巧")


class FunnelOut(Output):
    """漏斗：导购一步一步，客户另算。"""

    campaign_id: int
    progress: ProgressOut
    confirmed_without_saying: int
    lost: list[LostOut]
    reasons: list[ReasonOut] = Field(description="这里的客户加起来就是 customers − reached")
    branches: list[BranchProgress]
    split: SplitOut | None = Field(description="两种正文的比较；只有一种时是 null")
    collected_at: datetime | None


class TaskList(Listing):
    """任务列表的筛选。"""

    step: StepName | None = Field(None, description="到过这一步，或者 not_：停在这一步之前")
    guide_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None
    sort: Literal["id", "-id"] = NEWEST


class TaskOut(Output):
    """一位导购的那一份。"""

    id: int
    guide: GuideRef | None
    store: PlaceRef | None
    branch: PlaceRef | None
    skipped: str = Field(description="为什么没有东西要她发")
    customers: int
    reached: int
    not_friend: int
    limited: int
    refused: int
    ready_at: datetime | None
    carded_at: datetime | None
    opened_at: datetime | None
    said_at: datetime | None = Field(description="她说发了")
    confirmed_at: datetime | None = Field(description="平台确认发了")
    closed_at: datetime | None
    collected_at: datetime | None = Field(description="最近一次向平台读她的结果")


class RecipientList(Listing):
    """一次活动的客户的筛选。"""

    fate: OneOf[Fate] | None = Field(None, description="下落，和漏斗的 reasons 同名；reached 是已收到")
    guide_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None


class RecipientOut(Output):
    """一位客户（或一个客户群）在这次活动里的下落。"""

    task_id: int
    guide_id: int
    recipient: str = Field(description="客户的 external_userid；客户群活动里是 chat_id")
    result: Result
