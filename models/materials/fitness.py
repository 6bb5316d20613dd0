"""Whether a campaign may take what it took from the library, and which campaigns took it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models.campaigns import ENDED, Campaign
from models.campaigns.attachments import Attachment, plain
from models.kinds import MaterialKind
from models.materials import Material, MaterialDecision, MaterialStatus, MaterialVersion
from models.org import Guide, Store
from models.sentences import Sentence


def branches_of(session: Session, scope: dict[str, list[int]]) -> set[int]:
    """The branches that a scope touches; empty when it is everybody."""
    stores = set(scope.get("stores", []))
    guides = scope.get("guides", [])
    if guides:
        at = select(Guide.store_id).where(col(Guide.id).in_(guides))
        stores |= {store for store in session.exec(at) if store}
    inside = select(Store.branch_id).where(col(Store.id).in_(stores))
    return {*scope.get("branches", []), *(session.exec(inside) if stores else ())}


def complaints(
    session: Session,
    attachments: Sequence[Attachment],
    scope: dict[str, list[int]],
    starts: datetime,
    ends: datetime,
) -> dict[str, str]:
    """By the path of its field, why a piece of the library cannot go out in this campaign."""
    wrong: dict[str, str] = {}
    branches = branches_of(session, scope) if any(one.material_id for one in attachments) else ()
    for n, one in enumerate(attachments):
        material = session.get(Material, one.material_id) if one.material_id else None
        if material is None:
            continue
        if no := material.unfit(starts, ends, branches) or _never_approved(session, material, one.version):
            wrong[f"attachments.{n}.form"] = no
    return wrong


def _never_approved(session: Session, material: Material, number: int | None) -> str:
    """Why it is not this version that may go out, in words: another one was approved, not this."""
    wanted = MaterialVersion.material_id == material.id, MaterialVersion.number == number
    version = session.exec(select(MaterialVersion).where(*wanted)).one_or_none()
    if version is None or version.decision == MaterialDecision.APPROVED:
        return ""
    return Sentence("素材「{name}」的第 {n} 版没有批准过，请换成批准的那一版", name=material.name, n=number)


def unlinked(session: Session, attachments: Iterable[Attachment]) -> list[Attachment]:
    """Those that were changed after they were taken are the campaign's own, and no copies any more."""
    kept = []
    for one in attachments:
        if one.material_id and not _is_copy(session, one):
            one = one.model_copy(update={"material_id": None, "version": None})
        kept.append(one)
    return kept


def _is_copy(session: Session, one: Attachment) -> bool:
    wanted = MaterialVersion.material_id == one.material_id, MaterialVersion.number == one.version
    version = session.exec(select(MaterialVersion).where(*wanted)).one_or_none()
    own = plain([one.model_copy(update={"material_id": None, "version": None})])[0]
    return version is not None and own in version.attachments


def copies(material: Material, version: MaterialVersion) -> list[Attachment]:
    """Its attachments for a campaign, each knowing where it came from."""
    origin = {"material_id": material.id, "version": version.number}
    return [one.model_copy(update=origin) for one in version.attached]


def on_offer(session: Session, allowed: ColumnElement[bool], now: datetime, most: int) -> list[Material]:
    """What a campaign may take now: approved, not over, not sold out; the newest first."""
    wanted = select(Material).where(
        allowed,
        col(Material.approved_version).is_not(None),
        Material.status != MaterialStatus.RETIRED,
        or_(col(Material.valid_until).is_(None), col(Material.valid_until) > now),
    )
    found = session.exec(wanted.order_by(col(Material.changed_at).desc()).limit(most))
    return [one for one in found if not one.sold_out]


def used_by(session: Session, material_ids: Iterable[int]) -> dict[int, list[Campaign]]:
    """Campaigns that go on or are planned with a copy of each, by the number of the material."""
    wanted = set(material_ids)
    found: dict[int, list[Campaign]] = {one: [] for one in wanted}
    going = select(Campaign).where(col(Campaign.status).not_in(ENDED)).order_by(col(Campaign.launch_at))
    for campaign in session.exec(going):
        taken = {int(one.get("material_id") or 0) for one in campaign.attachments}
        for number in taken & wanted:
            found[number].append(campaign)
    return found


def outdated(session: Session, campaign: Campaign) -> list[Material]:
    """Pieces of which a newer version has been approved since the campaign took its copy."""
    taken = {one.material_id: one.version for one in campaign.attached if one.material_id}
    newer = select(Material).where(col(Material.id).in_(taken)) if taken else None
    found = session.exec(newer) if newer is not None else ()
    return [one for one in found if (one.approved_version or 0) > (taken[one.id or 0] or 0)]


def kind_of(session: Session, attachments: Iterable[Attachment]) -> MaterialKind | None:
    """The kind of what was taken from the library: one deal makes a deal."""
    taken = {one.material_id for one in attachments if one.material_id}
    kinds = set(session.exec(select(Material.kind).where(col(Material.id).in_(taken)))) if taken else set()
    order = (MaterialKind.DEAL, MaterialKind.BRAND, MaterialKind.CONTENT)
    return next((kind for kind in order if kind in kinds), None)
