"""A campaign judged whole: by the models' rules, and by the poster that would have to hold its words."""

from datetime import datetime

from sqlmodel import Session

import posters
from models import preferences
from models.campaigns import fields
from models.campaigns.attachments import ART_WORDS, AttachmentForm
from models.campaigns.fields import CampaignFields
from models.campaigns.pictures import art_of
from models.sentences import Sentence
from posters import PosterRefused


def complaints(session: Session, plan: CampaignFields, now: datetime) -> dict[str, str]:
    """Every complaint, by field: ours, the platform's, and the poster's."""
    found = fields.complaints(session, plan, now)
    brand = preferences.read(session).name
    for n, one in enumerate(plan.attachments):
        here = f"attachments.{n}."
        if one.form != AttachmentForm.POSTER or any(name.startswith(f"{here}words.") for name in found):
            continue
        for name, refused in posters.complaints(posters.Art(**art_of(session, one, brand))).items():
            path = f"words.{name}" if name in ART_WORDS else "picture_id" if name == "picture" else name
            found.setdefault(here + path, in_words(refused))
        if fault := posters.sentence_fault(one.words.get("sentence", "")):
            found[f"{here}words.sentence"] = in_words(fault)
    return found


def in_words(refused: PosterRefused) -> Sentence:
    """What the posters refuse, so that it can be translated."""
    return Sentence(refused.text, **refused.values)
