"""A newer version that was approved: what has not started takes it over, what has started keeps its own."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import CampaignStatus, planning, renewal
from models.campaigns.attachments import Attachment
from models.campaigns.fields import CampaignFields
from models.errors import Refused
from models.materials import fitness, library
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.planned import GOOD
from tests.models.materials.pieces import LINK, approved

BEFORE, START = NOW, NOW + timedelta(hours=1)
OWN = Attachment(form="link", url="https://shop.example/own", title="自己的")


@pytest.fixture
def session(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        yield session


@pytest.fixture
def piece(session):
    return approved(session, cast.account(session, "zhou"), cast.account(session, "he"))


def taken(session, piece):
    return fitness.copies(piece, library.newest(session, piece))


def campaign(session, attachments, text="量一下脚长"):
    plan = {**GOOD, "launch_at": START, "text": text, "attachments": attachments}
    return planning.create(session, CampaignFields(**plan), who="周岚", account_id=None, now=BEFORE)


def newer(session, piece, **changes) -> None:
    """Version 2, written by one and approved by the other."""
    fields = library.fields_of(piece, library.newest(session, piece))
    for name, value in ({"text": "先量脚长，再看尺码"} | changes).items():
        setattr(fields, name, value)
    library.revise(session, piece, fields, who="zhou", account_id=1, now=NOW)
    library.submit(session, piece, who="zhou", account_id=1, now=NOW)
    library.approve(session, piece, who="he", account_id=2, now=NOW)


def renew(session, one):
    return renewal.renew(session, one, who="周岚", account_id=None, now=NOW, zone=cast.ZONE)


def test_its_copies_and_the_words_it_took_become_the_new_ones_in_their_place(session, piece):
    one = campaign(session, [OWN, *taken(session, piece), OWN])
    link = Attachment.model_validate(LINK | {"title": "三步选尺码"})
    newer(session, piece, attachments=[link, link])
    assert renewal.behind(session, [one], piece) == [one]
    assert renew(session, one) == ["尺码怎么选"]
    assert [it.title for it in one.attached] == ["自己的", "三步选尺码", "三步选尺码", "自己的"]
    assert {it.version for it in one.attached} == {None, 2}
    assert one.text == "先量脚长，再看尺码"
    assert renewal.behind(session, [one], piece) == [] and renew(session, one) == []
    verbs = set(session.exec(select(Audit.verb).where(Audit.noun == f"campaign:{one.id}")))
    assert {"campaign.renew", "campaign.edit"} <= verbs


def test_a_text_of_its_own_stays_and_a_piece_that_lost_its_attachments_leaves_none(session, piece):
    one = campaign(session, taken(session, piece), text="自己写的")
    newer(session, piece, attachments=[])
    renew(session, one)
    assert one.text == "自己写的" and one.attachments == []


def test_what_was_scheduled_says_that_it_changed(session, piece):
    one = campaign(session, taken(session, piece))
    one.status = CampaignStatus.SUBMITTED
    newer(session, piece)
    renew(session, one)
    assert one.status == CampaignStatus.DRAFT and "要重新提交" in one.status_words


def test_what_has_started_keeps_what_it_started_with(session, piece):
    one = campaign(session, taken(session, piece))
    one.status, one.launched_at = CampaignStatus.RUNNING, START
    newer(session, piece)
    assert renewal.behind(session, [one], piece) == []
    with pytest.raises(Refused, match="换不了"):
        renew(session, one)
    assert one.attached[0].version == 1


def test_one_that_cannot_be_changed_holds_up_no_other(session, piece):
    late, good = campaign(session, taken(session, piece)), campaign(session, taken(session, piece))
    late.name, late.launch_at, late.ends_at = "过了的", NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    newer(session, piece)
    changed, refused = renewal.renew_all(
        session, [late, good], who="周岚", account_id=None, now=NOW, zone=cast.ZONE
    )
    assert changed == 1 and "截止时间已经过去" in refused["过了的"]
    assert (late.attached[0].version, good.attached[0].version) == (1, 2)
