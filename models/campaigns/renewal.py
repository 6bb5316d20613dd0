"""A newer version of a piece of the library was approved: campaigns that have not started may take it over."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.accounts import audit
from models.campaigns import Campaign, planning
from models.campaigns.attachments import Attachment
from models.campaigns.fields import of_campaign
from models.campaigns.lifecycle import word_of
from models.errors import Refused
from models.materials import Material, fitness, library
from models.sentences import Sentence, together


def behind(session: Session, campaigns: Iterable[Campaign], material: Material) -> list[Campaign]:
    """Those that have not started and hold an older version of this piece."""
    return [
        one
        for one in campaigns
        if one.unstarted and any(kept.id == material.id for kept in fitness.outdated(session, one))
    ]


def renew(
    session: Session, campaign: Campaign, *, who: str, account_id: int | None, now: datetime, zone: ZoneInfo
) -> list[str]:
    """Take the approved version of every piece that is behind; the names of the pieces. What was approved has to be so
    again."""
    pieces = fitness.outdated(session, campaign)
    if not pieces:
        return []
    if not campaign.unstarted:
        raise Refused(Sentence("活动{status}，用的是开始时的那一版，换不了", status=word_of(campaign)))
    fields = of_campaign(campaign)
    for piece in pieces:
        number = piece.approved_version or 0
        before = next(one.version for one in fields.attachments if one.material_id == piece.id) or 0
        newer, older = (library.version_of(session, piece, one) for one in (number, before))
        fields.attachments = _replaced(fields.attachments, piece, fitness.copies(piece, newer))
        if fields.text == older.text:  # she took its words as they were
            fields.text = newer.text
    planning.edit(session, campaign, fields, who=who, account_id=account_id, now=now, zone=zone)
    said = [Sentence("素材「{name}」换成第 {n} 版", name=one.name, n=one.approved_version) for one in pieces]
    audit.note(session, who, "campaign.renew", campaign.id, together(said), now)
    return [one.name for one in pieces]


def renew_all(
    session: Session,
    campaigns: Iterable[Campaign],
    *,
    who: str,
    account_id: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[int, dict[str, str]]:
    """Each of these; how many changed, and by name why one did not."""
    changed, refused = 0, {}
    for campaign in campaigns:
        try:
            changed += bool(renew(session, campaign, who=who, account_id=account_id, now=now, zone=zone))
        except Refused as no:
            refused[campaign.name] = no.words
    return changed, refused


def _replaced(attachments: list[Attachment], piece: Material, copies: list[Attachment]) -> list[Attachment]:
    """The new copies where the first of the old ones stood."""
    first = next(n for n, one in enumerate(attachments) if one.material_id == piece.id)
    others = [one for one in attachments if one.material_id != piece.id]
    return [*others[:first], *copies, *others[first:]]
