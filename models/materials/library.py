"""What people do with materials: write, submit, approve, give back, retire, and say how many are left."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.campaigns import CampaignStatus, attachment_rules, lifecycle
from models.campaigns.approval import key_of, may_approve, reason_of_return, why_not_needed
from models.campaigns.attachments import Attachment, plain
from models.errors import Refused, refuse_faults
from models.kinds import KIND_WORDS, MaterialKind
from models.ledger.channels import CHANNELS, MASS
from models.materials import (
    LONGEST_NAME,
    STATUS_WORDS,
    Material,
    MaterialDecision,
    MaterialStatus,
    MaterialVersion,
    Stock,
)
from models.materials.fitness import used_by
from models.materials.price import sells
from models.names import line_fault, text_fault
from models.org import Branch
from models.sentences import Sentence, of_platform
from wecom.limits import limit_of, measure, violations

TEXT_BYTES = limit_of(MASS, "text").most
MOST_STOCK = 1_000_000


class MaterialFields(SQLModel):
    """A material as it is filled in; checked by `complaints`."""

    name: str = ""
    kind: MaterialKind = MaterialKind.CONTENT
    text: str = ""
    attachments: list[Attachment] = Field(default_factory=list)
    regions: list[int] = Field(default_factory=list)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    stock: Stock = Stock.NONE
    stock_left: int | None = None
    stock_floor: int = 0


def fields_of(material: Material, version: MaterialVersion) -> MaterialFields:
    kept = {name: getattr(material, name) for name in MaterialFields.model_fields if hasattr(material, name)}
    return MaterialFields(**kept, text=version.text, attachments=version.attached)


def complaints(session: Session, fields: MaterialFields) -> dict[str, str]:
    """What cannot stay so, by field, in words."""
    wrong: dict[str, str] = {}
    if not fields.name.strip():
        wrong["name"] = Sentence("请给素材起个名字")
    elif len(fields.name) > LONGEST_NAME:
        wrong["name"] = Sentence("名称 {n} 个字，最多 {most} 个", n=len(fields.name), most=LONGEST_NAME)
    elif fault := line_fault(fields.name):
        wrong["name"] = fault
    if fault := text_fault(fields.text):
        wrong["text"] = fault
    elif (size := measure(fields.text, "bytes")) > TEXT_BYTES:
        wrong["text"] = Sentence("正文 {n:,} 字节，平台上限 {most:,} 字节", n=size, most=TEXT_BYTES)
    elif not fields.text.strip() and not fields.attachments:
        wrong["text"] = Sentence("没有附件时，正文不能空着")
    if fields.kind != MaterialKind.DEAL and sells(fields.text, fields.attachments):
        wrong["kind"] = Sentence(
            "写了价格或券，要归到「{kind}」", kind=Sentence(KIND_WORDS[MaterialKind.DEAL])
        )
    if fields.valid_from and fields.valid_until and fields.valid_until <= fields.valid_from:
        wrong["valid_until"] = Sentence("最后一天要晚于第一天")
    for name in ("stock_left", "stock_floor"):
        if not 0 <= (getattr(fields, name) or 0) <= MOST_STOCK:
            wrong[name] = Sentence("件数要在 0 到 {most:,} 之间", most=MOST_STOCK)
    known = set(session.exec(select(Branch.id).where(col(Branch.id).in_(fields.regions))))
    if set(fields.regions) - known:
        wrong["regions"] = Sentence("没有这样的分公司")
    for found in violations(MASS, {"text": fields.text, "attachments": fields.attachments}):
        wrong.setdefault(found.field, of_platform(found))
    return wrong | attachment_rules.complaints(session, fields.attachments, CHANNELS[MASS])


def newest(session: Session, material: Material) -> MaterialVersion:
    return version_of(session, material, material.version)


def version_of(session: Session, material: Material, number: int) -> MaterialVersion:
    wanted = MaterialVersion.material_id == material.id, MaterialVersion.number == number
    return session.exec(select(MaterialVersion).where(*wanted)).one()


def versions(session: Session, material: Material) -> list[MaterialVersion]:
    """All of them, the newest first."""
    found = select(MaterialVersion).where(MaterialVersion.material_id == material.id)
    return list(session.exec(found.order_by(col(MaterialVersion.number).desc())))


# ---- the verbs


def create(
    session: Session,
    fields: MaterialFields,
    *,
    who: str,
    account_id: int | None,
    branch_id: int | None,
    now: datetime,
) -> Material:
    """A new draft, of HQ or of a branch; Refused by field when it cannot stay so."""
    refuse_faults(complaints(session, fields))
    material = Material(
        **_own(fields), branch_id=branch_id, created_by=account_id, created_at=now, changed_at=now
    )
    session.add(material)
    session.flush()
    session.add(_version(material, fields, who, account_id, now))
    session.flush()
    words = Sentence("新建素材「{name}」", name=material.name)
    audit.note(session, who, "material.create", material.id, words, now)
    return material


def revise(
    session: Session,
    material: Material,
    fields: MaterialFields,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
) -> bool:
    """Change it. What customers read makes a new version, where the last one was decided; False when nothing changed."""
    _lock(session, material)
    refuse_faults(complaints(session, fields))
    last = newest(session, material)
    before = fields_of(material, last)
    if before.model_dump() == fields.model_dump():
        return False
    said = ("name", "kind", "text", "attachments", "regions", "valid_from", "valid_until")
    says_more = any(getattr(before, name) != getattr(fields, name) for name in said)
    was_there = not material.sold_out
    for name, value in _own(fields).items():
        setattr(material, name, value)
    material.changed_at = now
    if says_more:
        if last.decision == MaterialDecision.WAITING:
            session.delete(last)
            session.flush()
        else:
            material.version += 1
        session.add(_version(material, fields, who, account_id, now))
        material.status = MaterialStatus.DRAFT
    session.flush()
    if was_there and material.sold_out:
        _pause_campaigns(session, material, now)
    words = Sentence("改了素材「{name}」，第 {n} 版", name=material.name, n=material.version)
    audit.note(session, who, "material.edit", material.id, words, now)
    return True


def submit(session: Session, material: Material, *, who: str, account_id: int | None, now: datetime) -> str:
    """Ask for approval; where nobody else could give it, it is approved at once."""
    _lock(session, material)
    if material.status != MaterialStatus.DRAFT:
        raise Refused(Sentence("素材{status}，不用再提交", status=_word(material)))
    if why := why_not_needed(session, material.created_by):
        _approve(session, material, who, now)
        words = Sentence("{why}，直接批准了第 {n} 版", why=why, n=material.version)
    else:
        material.status = MaterialStatus.SUBMITTED
        words = Sentence("提交第 {n} 版，等总部审批", n=material.version)
    return audit.note(session, who, "material.submit", material.id, words, now)


def why_not_approve(session: Session, material: Material, key: str) -> str:
    """Why this person cannot approve the version that waits, in words; empty when she can."""
    if material.status != MaterialStatus.SUBMITTED:
        return Sentence("素材{status}，没有等着批的", status=_word(material))
    if not may_approve(session, key):
        return Sentence("审批只由总部来做")
    if newest(session, material).made_key == key:
        return Sentence("你写的，要请总部另一位来批")
    return ""


def approve(session: Session, material: Material, *, who: str, account_id: int | None, now: datetime) -> str:
    _lock(session, material)
    if no := why_not_approve(session, material, key_of(who, account_id)):
        raise Refused(no)
    _approve(session, material, who, now)
    words = Sentence("批准第 {n} 版", n=material.version)
    return audit.note(session, who, "material.approve", material.id, words, now)


def give_back(
    session: Session, material: Material, *, who: str, account_id: int | None, reason: str, now: datetime
) -> str:
    """No, with a reason: it is a draft again."""
    _lock(session, material)
    if material.status != MaterialStatus.SUBMITTED:
        raise Refused(Sentence("素材{status}，退不回了", status=_word(material)))
    if not may_approve(session, key_of(who, account_id)):
        raise Refused(Sentence("审批只由总部来做"))
    reason = reason_of_return(reason)
    version = newest(session, material)
    version.decision, version.decided_by, version.decided_at = MaterialDecision.RETURNED, who, now
    version.reason, material.status = reason, MaterialStatus.DRAFT
    words = Sentence("{who}退回：{reason}", who=who, reason=reason)
    return audit.note(session, who, "material.return", material.id, words, now)


def retire(session: Session, material: Material, *, who: str, now: datetime) -> str:
    """No new campaign takes it; those that have a copy keep it."""
    _lock(session, material)
    material.status, material.changed_at = MaterialStatus.RETIRED, now
    words = Sentence("停用素材「{name}」", name=material.name)
    return audit.note(session, who, "material.retire", material.id, words, now)


def count_stock(session: Session, material: Material, left: int, *, who: str, now: datetime) -> str:
    """So many are left. When it is sold out, the campaigns that show it pause and say so."""
    _lock(session, material)
    if material.stock == Stock.NONE:
        raise Refused(Sentence("这件素材不用货，没有件数可改"))
    if not 0 <= left <= MOST_STOCK:
        raise Refused(faults={"left": Sentence("件数要在 0 到 {most:,} 之间", most=MOST_STOCK)})
    material.stock, material.stock_left, material.changed_at = Stock.IN, left, now
    words = Sentence("「{name}」还剩 {n:,} 件", name=material.name, n=left)
    if material.sold_out:
        paused = _pause_campaigns(session, material, now)
        words = Sentence("「{name}」没货了，暂停了 {n} 个活动", name=material.name, n=paused)
    return audit.note(session, who, "material.stock", material.id, words, now)


def _pause_campaigns(session: Session, material: Material, now: datetime) -> int:
    going = (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING)
    shown = [one for one in used_by(session, [material.id or 0])[material.id or 0] if one.status in going]
    for campaign in shown:
        lifecycle.pause(session, campaign, audit.SYSTEM, now)
        campaign.status_words = Sentence(
            "素材「{name}」没货了，自动暂停，还没发出的先留着", name=material.name
        )
    return len(shown)


def _lock(session: Session, material: Material) -> None:
    """The row as it is now, and for nobody else until this is decided."""
    session.flush()
    session.refresh(material, with_for_update=True)


def _approve(session: Session, material: Material, who: str, now: datetime) -> None:
    version = newest(session, material)
    version.decision, version.decided_by, version.decided_at = MaterialDecision.APPROVED, who, now
    material.status, material.approved_version = MaterialStatus.APPROVED, material.version


def _own(fields: MaterialFields) -> dict[str, Any]:
    """What stands in the material's own row."""
    return fields.model_dump(exclude={"text", "attachments"})


def _version(
    material: Material, fields: MaterialFields, who: str, account_id: int | None, now: datetime
) -> MaterialVersion:
    return MaterialVersion(
        material_id=material.id or 0,
        number=material.version,
        text=fields.text.strip(),
        attachments=plain(fields.attachments),
        made_by=who,
        made_key=key_of(who, account_id),
        made_at=now,
    )


def _word(material: Material) -> Sentence:
    return Sentence(STATUS_WORDS[material.status])
