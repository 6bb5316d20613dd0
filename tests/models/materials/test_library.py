"""Materials from the first draft to the campaign that shows them: four eyes, versions, stock."""

from datetime import timedelta

import pytest
from sqlalchemy import true
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import CampaignStatus
from models.campaigns.attachments import Attachment
from models.errors import Refused
from models.kinds import MaterialKind
from models.materials import MaterialStatus, Stock, fitness, library
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.test_pictures import keep
from tests.models.materials.pieces import approved, fields, made


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 41}, "name"),
        ({"text": "", "attachments": []}, "text"),
        ({"text": "字" * 1334}, "text"),
        ({"text": "只要 199 元"}, "kind"),
        ({"valid_from": NOW, "valid_until": NOW - timedelta(days=1)}, "valid_until"),
        ({"stock": Stock.IN, "stock_left": 10_000_000}, "stock_left"),
        ({"regions": [99]}, "regions"),
        ({"attachments": [Attachment(form="picture")]}, "attachments.0.picture_id"),
    ],
)
def test_what_cannot_stay_so_is_refused_by_field(sqlite_database, changes, field):
    with sqlite_database.write() as session:
        assert library.complaints(session, fields()) == {}
        assert list(library.complaints(session, fields(**changes))) == [field]


def test_somebody_else_of_hq_approves_and_nobody_her_own_F12(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = made(session, zhou)
        library.submit(session, material, who="zhou", account_id=zhou.id, now=NOW)
        with pytest.raises(Refused, match="你写的"):
            library.approve(session, material, who="zhou", account_id=zhou.id, now=NOW)
        library.approve(session, material, who="he", account_id=he.id, now=NOW)
        assert (material.status, material.approved_version) == (MaterialStatus.APPROVED, 1)
        verbs = [
            one.verb for one in session.exec(select(Audit).where(Audit.noun == f"material:{material.id}"))
        ]
        assert verbs == ["material.create", "material.submit", "material.approve"]


def test_with_one_account_of_hq_what_is_submitted_is_approved(sqlite_database):
    with sqlite_database.write() as session:
        zhou = cast.account(session, "zhou")
        material = made(session, zhou)
        said = library.submit(session, material, who="zhou", account_id=zhou.id, now=NOW)
        assert material.status == MaterialStatus.APPROVED and "总部只有一个账号" in said


def test_a_change_that_customers_see_is_a_new_version_and_the_old_one_stays_in_use(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he)
        by = {"who": "zhou", "account_id": zhou.id, "now": NOW}
        assert not library.revise(session, material, fields(), **by), "nothing changed"
        assert library.revise(session, material, fields(text="先量脚长，再看尺码"), **by)
        assert (material.version, material.approved_version, material.status) == (2, 1, MaterialStatus.DRAFT)
        assert library.version_of(session, material, 1).text == "量一下脚长"
        library.revise(session, material, fields(text="还没交就又改"), **by)
        assert material.version == 2, "what nobody decided about is written over"
        library.revise(session, material, fields(text="还没交就又改", stock=Stock.IN, stock_left=9), **by)
        assert material.version == 2, "how many are left is no version"
        library.submit(session, material, **by)
        library.give_back(session, material, who="he", account_id=he.id, reason="口气太急", now=NOW)
        assert "口气太急" in library.newest(session, material).reason
        assert material.status == MaterialStatus.DRAFT


def test_a_reason_that_nobody_could_read_is_refused(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = made(session, zhou)
        library.submit(session, material, who="zhou", account_id=zhou.id, now=NOW)
        for reason in ("  ", "长" * 201, "口气\x00太急"):
            with pytest.raises(Refused) as refused:
                library.give_back(session, material, who="he", account_id=he.id, reason=reason, now=NOW)
            assert "reason" in refused.value.faults
        assert material.status == MaterialStatus.SUBMITTED


def test_when_the_goods_are_gone_its_campaigns_pause_and_say_why(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he, stock=Stock.IN, stock_left=146, stock_floor=50)
        taken = fitness.copies(material, library.version_of(session, material, 1))
        attached = [one.model_dump(exclude_defaults=True) for one in taken]
        shows = cast.campaign(session, attachments=attached)
        other = cast.campaign(session, name="别的")
        assert "还剩 60 件" in library.count_stock(session, material, 60, who="zhou", now=NOW)
        assert shows.status == CampaignStatus.RUNNING
        assert "暂停了 1 个活动" in library.count_stock(session, material, 50, who="zhou", now=NOW)
        assert (shows.status, other.status) == (CampaignStatus.PAUSED, CampaignStatus.RUNNING)
        assert "没货了，自动暂停" in shows.status_words


@pytest.mark.parametrize("changes", [{"stock": Stock.OUT}, {"stock_left": 50}, {"stock_floor": 146}])
def test_goods_that_are_gone_by_an_edit_pause_its_campaigns_too(sqlite_database, changes):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        stocked = {"stock": Stock.IN, "stock_left": 146, "stock_floor": 50}
        material = approved(session, zhou, he, **stocked)
        taken = fitness.copies(material, library.version_of(session, material, 1))
        shows = cast.campaign(session, attachments=[one.model_dump(exclude_defaults=True) for one in taken])
        edited = fields(**{**stocked, **changes})
        library.revise(session, material, edited, who="zhou", account_id=zhou.id, now=NOW)
        assert shows.status == CampaignStatus.PAUSED and "没货了，自动暂停" in shows.status_words


def test_a_retired_piece_is_not_offered_any_more(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he, kind=MaterialKind.BRAND)
        assert fitness.on_offer(session, true(), NOW, 9) == [material]
        library.retire(session, material, who="zhou", now=NOW)
        assert fitness.on_offer(session, true(), NOW, 9) == []


def test_a_picture_of_the_library_has_to_exist(sqlite_database):
    with sqlite_database.write() as session:
        keep(session)
        one = Attachment(form="picture", picture_id=1)
        assert library.complaints(session, fields(attachments=[one])) == {}
