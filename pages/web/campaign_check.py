"""A campaign judged whole: by the models' rules, and by the poster that would have to hold its words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

import posters
from models import preferences
from models.campaigns import Campaign, fields, variant_decisions
from models.campaigns.attachments import ART_WORDS, Attachment, AttachmentForm
from models.campaigns.fields import CampaignFields
from models.campaigns.pictures import art_of
from models.campaigns.variants import Variant
from models.errors import refuse_faults
from models.sentences import Sentence
from posters import PosterRefused


def complaints(session: Session, plan: CampaignFields, now: datetime) -> dict[str, str]:
    """Every complaint, by field: ours, the platform's, and the poster's."""
    found = fields.complaints(session, plan, now)
    return found | of_posters(session, plan.attachments, found)


def of_posters(
    session: Session, attachments: Sequence[Attachment], known: Mapping[str, str]
) -> dict[str, str]:
    """What a poster among them cannot hold, beside what is known to be wrong."""
    found: dict[str, str] = {}
    brand = preferences.read(session).name
    for n, one in enumerate(attachments):
        here = f"attachments.{n}."
        if one.form != AttachmentForm.POSTER or any(name.startswith(f"{here}words.") for name in known):
            continue
        for name, refused in posters.complaints(posters.Art(**art_of(session, one, brand))).items():
            path = f"words.{name}" if name in ART_WORDS else "picture_id" if name == "picture" else name
            if here + path not in known:
                found[here + path] = in_words(refused)
        if fault := posters.sentence_fault(one.words.get("sentence", "")):
            found[f"{here}words.sentence"] = in_words(fault)
    return found


def judge_variant(session: Session, row: Variant, now: datetime) -> None:
    """Refused, by field, where HQ's campaign could not leave with what the branch replaced in it."""
    plan = variant_decisions.fields_with(session.get_one(Campaign, row.campaign_id), row)
    faults = complaints(session, plan, now)
    refuse_faults({variant_decisions.field_of(name): words for name, words in faults.items()})


def in_words(refused: PosterRefused) -> Sentence:
    """What the posters refuse, so that it can be translated."""
    return Sentence(refused.text, **refused.values)
