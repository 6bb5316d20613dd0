"""Which campaign may take what from the library, and what stays a copy of it."""

from datetime import timedelta

import pytest
from sqlalchemy import true

from models.campaigns import approval, planning
from models.campaigns.attachments import Attachment, plain
from models.campaigns.fields import CampaignFields
from models.errors import Refused
from models.materials import MaterialStatus, Stock, fitness, library
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import GOOD
from tests.models.materials.pieces import approved, made

DAY = timedelta(days=1)


def taken(session, material) -> list[Attachment]:
    return fitness.copies(material, library.newest(session, material))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"valid_until": NOW + timedelta(minutes=1)}, "不在素材「尺码怎么选」的有效期里"),
        ({"valid_from": NOW + 9 * DAY}, "不在素材「尺码怎么选」的有效期里"),
        ({"stock": Stock.OUT}, "没货了"),
        ({"stock": Stock.IN, "stock_left": 0}, "没货了"),
        ({"regions": [1]}, "只能用在它的地区"),
    ],
)
def test_what_is_over_sold_out_or_not_for_this_place_does_not_leave(
    sqlite_database, sqlite_people, changes, words
):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he, **changes)
        plan = CampaignFields(**{**GOOD, "attachments": taken(session, material)})
        draft = planning.create(session, plan, who="周岚", account_id=None, now=NOW)
        with pytest.raises(Refused, match=words) as refused:
            approval.submit(session, draft, who="周岚", account_id=None, now=NOW, zone=ZONE)
        assert list(refused.value.faults) == ["attachments.0.form"]


def test_a_piece_for_a_region_leaves_for_that_region(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he, regions=[sqlite_people.zhongjie.branch_id])
        times = {"starts": NOW, "ends": NOW + DAY}
        inside = {"stores": [sqlite_people.zhongjie.id]}
        assert fitness.complaints(session, taken(session, material), inside, **times) == {}
        assert fitness.complaints(session, taken(session, material), {}, **times)


def test_only_what_was_approved_leaves(sqlite_database):
    with sqlite_database.write() as session:
        material = made(session, cast.account(session, "zhou"))
        assert "只能用批准过的" in material.unfit(NOW, NOW + DAY, [])
        material.approved_version, material.status = 1, MaterialStatus.RETIRED
        assert "已停用" in material.unfit(NOW, NOW + DAY, [])


def test_a_copy_that_was_changed_is_the_campaigns_own(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he)
        [copy] = taken(session, material)
        assert fitness.unlinked(session, [copy]) == [copy]
        changed = copy.model_copy(update={"title": "怎么选尺码"})
        assert fitness.unlinked(session, [changed])[0].material_id is None
        invented = copy.model_copy(update={"version": 9})
        assert fitness.unlinked(session, [invented])[0].material_id is None


def test_a_campaign_knows_that_a_newer_version_was_approved(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he)
        plan = CampaignFields(**{**GOOD, "attachments": taken(session, material)})
        campaign = planning.create(session, plan, who="周岚", account_id=None, now=NOW)
        assert fitness.used_by(session, [material.id or 0]) == {material.id: [campaign]}
        assert fitness.outdated(session, campaign) == []
        newer = library.fields_of(material, library.newest(session, material))
        newer.text = "先量脚长，再看尺码"
        library.revise(session, material, newer, who="zhou", account_id=zhou.id, now=NOW)
        assert fitness.outdated(session, campaign) == [], "nobody has approved it"
        library.submit(session, material, who="zhou", account_id=zhou.id, now=NOW)
        library.approve(session, material, who="he", account_id=he.id, now=NOW)
        assert fitness.outdated(session, campaign) == [material]
        assert campaign.attachments == plain(taken(session, material)[:0] or campaign.attached), (
            "it keeps its own"
        )
        assert fitness.on_offer(session, true(), NOW, 9) == [material]


def test_a_version_that_nobody_approved_does_not_leave_though_an_older_one_may(sqlite_database):
    with sqlite_database.write() as session:
        zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
        material = approved(session, zhou, he)
        [older] = taken(session, material)
        newer = library.fields_of(material, library.newest(session, material))
        newer.attachments = [newer.attachments[0].model_copy(update={"title": "没人看过"})]
        library.revise(session, material, newer, who="zhou", account_id=zhou.id, now=NOW)
        [unseen] = taken(session, material)
        here = {"scope": {}, "starts": NOW, "ends": NOW + DAY}
        assert fitness.complaints(session, [older], **here) == {}
        faults = fitness.complaints(session, [unseen], **here)
        assert "第 2 版没有批准过" in faults["attachments.0.form"]
