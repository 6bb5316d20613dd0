"""Attachments are plain values: what a column keeps reads back as the same, each form with its own fields."""

from models.campaigns.attachments import USES, Attachment, AttachmentForm, plain
from tests import cast


def test_what_is_kept_reads_back_as_the_same():
    for form in AttachmentForm:
        one = Attachment(form=form)
        for name in USES[form]:
            setattr(
                one, name, {"headline": "初雪"} if name == "words" else 7 if name.endswith("_id") else "x"
            )
        assert set(plain([one])[0]) == {"form", *USES[form]}
        assert Attachment.model_validate(plain([one])[0]) == one


def test_a_campaign_knows_its_poster(sqlite_database):
    with sqlite_database.write() as session:
        assert cast.campaign(session).own_poster is None
        assert cast.campaign(session, attachments=cast.pictured(1)).own_poster is None
        found = cast.campaign(session, attachments=[*cast.pictured(1), *cast.poster()]).own_poster
        assert found and found.design == "headline"
