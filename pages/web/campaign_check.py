"""A campaign judged whole: by the models' rules, and by the poster that would have to hold its words."""

from datetime import datetime

from sqlmodel import Session

import posters
from models.campaigns import ContentKind, fields
from models.campaigns.fields import POSTER_WORDS, CampaignFields
from models.campaigns.pictures import ART_WORDS, Picture
from models.sentences import Sentence
from posters import PosterRefused


def complaints(session: Session, plan: CampaignFields, now: datetime) -> dict[str, str]:
    """Every complaint, by field: ours, the platform's, and the poster's."""
    found = fields.complaints(session, plan, now)
    if plan.content == ContentKind.POSTER and not found.keys() & set(POSTER_WORDS):
        for name, refused in posters.complaints(_art_of(session, plan)).items():
            found.setdefault("picture_id" if name == "picture" else name, in_words(refused))
    return found


def in_words(refused: PosterRefused) -> Sentence:
    """What the posters refuse, so that it can be translated."""
    return Sentence(refused.text, **refused.values)


def _art_of(session: Session, plan: CampaignFields) -> posters.Art:
    picture = session.get(Picture, plan.picture_id) if plan.picture_id else None
    words = {name: str(plan.poster.get(name, "")) for name in ART_WORDS}
    return posters.Art(design=plan.design, picture=picture.content if picture else b"", **words)
