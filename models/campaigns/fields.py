"""A campaign as HQ fills it in, and everything that cannot stay so, in words, at save time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import field_serializer
from sqlmodel import Field, Session, SQLModel, col, func, select

from models import placeholders
from models.campaigns import LONGEST_NAME, Campaign, Purpose, attachment_rules, conditions, mix, variants
from models.campaigns.attachments import Attachment, plain, poster_among
from models.campaigns.audience import NAMES, fill
from models.kinds import MaterialKind
from models.ledger.channels import CHANNELS, CUSTOMER_GROUPS, MASS, Channel, of_campaigns
from models.materials import fitness
from models.names import line_fault, text_fault
from models.org import Branch, Guide, Store
from models.sentences import Sentence, of_platform
from wecom import limits
from wecom.limits import Violation

LONGEST = timedelta(days=30)
"""Results are read back for a month at most (contract 6.2)."""
EXAMPLE_KEY = "task"
"""Cards carry a task_id and buttons of ours; for judging HQ's words any will do."""
FIELD_OF = {"text": "text", "attachments": "attachments", "title": "card_title", "desc": "card_note"}
"""The platform's field -> ours"""
PLACES: Mapping[str, tuple[type[Branch] | type[Store] | type[Guide], str]] = {
    "branches": (Branch, "分公司"),
    "stores": (Store, "门店"),
    "guides": (Guide, "导购"),
}
"""What a scope may name"""


FIELDS = {
    "name": "活动名",
    "channel": "怎么发",
    "text": "正文",
    "second_text": "第二种正文",
    "second_percent": "第二种发给多少（%）",
    "attachments": "附件",
    "card_title": "卡片标题",
    "card_note": "卡片说明",
    "scope": "发给谁",
    "conditions": "人群条件",
    "purpose": "目的",
    "kind": "类",
    "urgent": "急件",
    "launch_at": "开始时间",
    "ends_at": "截止时间",
}
"""Each field in words"""


class CampaignFields(SQLModel):
    """What HQ fills in; checked by `complaints`."""

    name: str = ""
    channel: str = MASS
    text: str = ""
    second_text: str = ""
    second_percent: int = 50
    attachments: list[Attachment] = Field(default_factory=list)
    card_title: str = ""
    card_note: str = ""
    scope: dict[str, list[int]] = Field(default_factory=dict)
    conditions: dict[str, Any] = Field(default_factory=dict)
    """Checked by models/campaigns/conditions.py"""
    purpose: Purpose = Purpose.DEAL
    kind: MaterialKind = MaterialKind.CONTENT
    """As chosen; `mix.kind_of` knows what it counts as"""
    urgent: bool = False
    launch_at: datetime
    ends_at: datetime

    @property
    def way(self) -> Channel:
        """As chosen; where that is no channel, of which `complaints` tells, the usual one."""
        return of_campaigns().get(self.channel, CHANNELS[MASS])

    @property
    def own_poster(self) -> Attachment | None:
        """The attachment that is drawn for each guide, if there is one."""
        return poster_among(self.attachments)

    @field_serializer("attachments")
    def _plain(self, attachments: list[Attachment]) -> list[dict[str, Any]]:
        return plain(attachments)


def of_campaign(campaign: Campaign) -> CampaignFields:
    return CampaignFields(**{name: getattr(campaign, name) for name in CampaignFields.model_fields})


def complaints(session: Session, fields: CampaignFields, now: datetime) -> dict[str, str]:
    """What cannot stay so, by field, in words: ours, then what the platform would refuse. Only a poster is judged apart,
    by who draws it."""
    found = {
        **_senseless(fields),
        **_strange_braces(fields),
        **_nowhere(session, fields),
        **conditions.complaints(session, fields.conditions, fields.way.to),
        **_wrong_times(fields, now),
        **attachment_rules.complaints(session, fields.attachments, fields.way),
    }
    if fields.second_text:
        for violation in limits.violations(MASS, {"text": longest_text(session, fields.second_text, now)}):
            found.setdefault("second_text", of_platform(violation))
    for violation in _violations(session, fields, now):
        found.setdefault(FIELD_OF.get(violation.field.partition(".")[0], "text"), of_platform(violation))
    return found


def leaving_complaints(
    session: Session, fields: CampaignFields, now: datetime, zone: ZoneInfo, number: int | None
) -> dict[str, str]:
    """The same of a plan that is about to leave, which also needs what it took from the library to be fit, and room in
    the mix of its week where HQ is strict; `number` is the campaign whose plan it is."""
    return {
        **mix.complaints(session, fields, zone, number),
        **fitness.complaints(session, fields.attachments, fields.scope, fields.launch_at, fields.ends_at),
        **_third_texts(session, fields, number),
        **complaints(session, fields, now),
    }


def _third_texts(session: Session, fields: CampaignFields, number: int | None) -> dict[str, str]:
    """Two texts are compared; a branch that sends a third to one side would spoil the comparison."""
    branches = variants.with_own_text(session, number) if fields.second_text and number else []
    if not branches:
        return {}
    words = "{branches}交了自己的正文，再分两种就比不出来。请先退回分公司版，或者只用一种正文"
    return {"second_text": Sentence(words, branches="、".join(branches))}


def _senseless(fields: CampaignFields) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not fields.name.strip():
        wrong["name"] = Sentence("请填写活动名称，只有内部看得到")
    elif len(fields.name) > LONGEST_NAME:
        wrong["name"] = Sentence("名称 {n} 个字，最多 {most} 个", n=len(fields.name), most=LONGEST_NAME)
    else:
        lines = {name: getattr(fields, name) for name in ("name", "card_title", "card_note")}
        wrong |= {name: fault for name, text in lines.items() if (fault := line_fault(text))}
    if fault := text_fault(fields.text):
        wrong["text"] = fault
    wrong |= _senseless_second(fields)
    if fields.channel not in of_campaigns():
        wrong["channel"] = Sentence("请选择怎么送到客户手里")
    if not fields.attachments and not fields.text.strip():
        wrong["text"] = Sentence("没有附件时，正文不能空着")
    if fields.conditions and fields.way.campaign and fields.way.campaign.everybody:
        wrong["conditions"] = Sentence("朋友圈给每位导购的所有好友看，不能按条件挑客户。要挑，请用群发助手")
    if set(fields.scope) - set(PLACES):
        wrong["scope"] = Sentence("范围只能按分公司、门店或导购选")
    return wrong


def _senseless_second(fields: CampaignFields) -> dict[str, str]:
    """A second text goes by mass message alone: there each customer gets the message that names her."""
    if not 1 <= fields.second_percent <= 99:
        return {"second_percent": Sentence("第二种发给多少要在 1 到 99 之间")}
    if not fields.second_text.strip():
        return {}
    if fields.channel != MASS:
        return {"second_text": Sentence("只有群发助手能发两种正文")}
    if fields.second_text.strip() == fields.text.strip():
        return {"second_text": Sentence("两种正文一样，比不出什么")}
    fault = text_fault(fields.second_text)
    return {"second_text": fault} if fault else {}


def _strange_braces(fields: CampaignFields) -> dict[str, str]:
    """Names are put into the text alone; anywhere else, and around any other word, braces would be read by people."""
    words = {"card_title": fields.card_title or fields.name, "card_note": fields.card_note}
    found = {name: placeholders.complaint(value) for name, value in words.items()}
    found["text"] = placeholders.complaint(fields.text, NAMES)
    found["second_text"] = placeholders.complaint(fields.second_text, NAMES)
    if fields.way.together and any(f"{{{name}}}" in fields.text for name in NAMES):
        found["text"] = Sentence("朋友圈一条发给所有导购，正文大家都一样，不能写导购名、门店名和地址")
    if found["card_title"] and not fields.card_title:
        found["name"] = found.pop("card_title")
    return {name: words for name, words in found.items() if words}


def _nowhere(session: Session, fields: CampaignFields) -> dict[str, str]:
    """Places of the scope that do not exist."""
    wrong: dict[str, str] = {}
    for name, (model, noun) in PLACES.items():
        wanted = fields.scope.get(name, [])
        known = set(session.exec(select(model.id).where(col(model.id).in_(wanted)))) if wanted else set()
        if missing := [str(one) for one in wanted if one not in known]:
            ids = "、".join(missing[:5])
            wrong[f"scope.{name}"] = Sentence("没有编号是 {ids} 的{noun}", ids=ids, noun=Sentence(noun))
    return wrong


def _wrong_times(fields: CampaignFields, now: datetime) -> dict[str, str]:
    if fields.launch_at.tzinfo is None or fields.ends_at.tzinfo is None:
        return {"launch_at": Sentence("时间没有写明时区")}
    if fields.ends_at <= fields.launch_at:
        return {"ends_at": Sentence("截止时间要晚于开始时间")}
    if fields.ends_at <= now:
        return {"ends_at": Sentence("截止时间已经过去")}
    if fields.ends_at - fields.launch_at > LONGEST:
        return {"ends_at": Sentence("活动最长 {n} 天，再长平台就读不到结果了", n=LONGEST.days)}
    return {}


def _violations(session: Session, fields: CampaignFields, now: datetime) -> list[Violation]:
    """What the platform would refuse, with the longest names of guide and store filled in."""
    found = []
    if fields.way.sends:
        text = longest_text(session, fields.text, now)
        content: dict[str, Any] = {"text": text}
        if fields.attachments:
            content["attachments"] = fields.attachments
        if fields.way.to == CUSTOMER_GROUPS:
            content["sender"] = EXAMPLE_KEY
        entry = fields.way.limits[0]
        known = {limit.field for limit in limits.CHANNELS[entry].limits}
        found = limits.violations(entry, {name: it for name, it in content.items() if name in known})
    card = {
        "title": fields.card_title or fields.name or " ",
        "desc": fields.card_note,
        "task_id": EXAMPLE_KEY,
        "buttons": [{"text": "我已发"}],
    }
    return found + limits.violations("card", card)


def longest_text(session: Session, text: str, now: datetime) -> str:
    """The text as the guide with the longest names would send it."""
    if not any(f"{{{name}}}" in text for name in NAMES):
        return text

    def longest(column: Any) -> str:
        return session.exec(select(column).order_by(func.length(column).desc()).limit(1)).first() or ""

    guide = Guide(userid="", userid_key="", name=longest(Guide.name), joined_at=now)
    store = Store(code="", name=longest(Store.name), branch_id=0, address=longest(Store.address))
    return fill(text, guide, store)
