"""The mix of a week: what counts where, when a deal is one too many, and what HQ may allow."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import preferences
from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, calendar, drafts, mix, planning
from models.campaigns.attachments import Attachment
from models.campaigns.fields import CampaignFields
from models.campaigns.mix import Mix, MixAllowance
from models.errors import Refused
from models.kinds import MaterialKind
from models.ledger.channels import NOTICE
from models.materials import fitness, library
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import GOOD
from tests.models.materials.pieces import approved

MONDAY = calendar.monday(NOW, ZONE)
DAY = timedelta(days=1)
PRICE = {"text": "今晚只要 199 元"}


@pytest.fixture
def session(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        yield session


def plan(**changes) -> CampaignFields:
    return CampaignFields(**{**GOOD, "launch_at": NOW + timedelta(hours=1), **changes})


def put(session, kind="content", **changes) -> Campaign:
    """One that counts: planned, and at its time."""
    changes = {"status": CampaignStatus.SCHEDULED} | changes
    return cast.campaign(session, kind=MaterialKind(kind), launch_at=NOW + timedelta(hours=1), **changes)


def week(session, branch_id=None) -> Mix:
    return mix.week_mix(session, MONDAY, branch_id, ZONE)


def strict(session) -> None:
    preferences.change(session, "周岚", NOW, mix_rule="block")


def test_hqs_pieces_count_in_the_branch_and_a_branchs_only_in_its_own(session, sqlite_people):
    shenyang, other = sqlite_people.zhongjie.branch_id, 99
    put(session, "brand")
    put(session, "deal", scope={"branches": [shenyang]})
    put(session, "deal", scope={"stores": [sqlite_people.zhongjie.id]})
    assert week(session, shenyang) == Mix(0, 1, 2)
    assert week(session, other) == Mix(0, 1, 0)
    assert week(session) == Mix(0, 1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": CampaignStatus.DRAFT},
        {"status": CampaignStatus.CANCELLED},
        {"channel": NOTICE},
        {"conditions": {"campaign_id": 1, "part": "missed"}},
    ],
)
def test_drafts_stopped_ones_notices_and_second_tries_do_not_count(session, changes):
    put(session, "deal", **changes)
    assert week(session) == Mix()


def test_a_piece_counts_in_the_week_in_which_it_starts(session):
    started = put(session, "deal")
    started.launch_at = NOW - 7 * DAY
    started.ends_at = NOW + DAY
    session.flush()
    assert week(session) == Mix()
    assert mix.week_mix(session, MONDAY - 7 * DAY, None, ZONE) == Mix(deal=1)


def test_sunday_night_in_the_shop_is_still_this_week(session):
    last = put(session, "deal")
    last.launch_at = NOW.replace(day=22, hour=15, minute=59)  # 23:59 in Shanghai
    session.flush()
    assert week(session) == Mix(deal=1)
    last.launch_at += timedelta(minutes=1)
    session.flush()
    assert week(session) == Mix()


def test_a_price_makes_a_deal_whatever_was_chosen(session):
    campaign = planning.create(session, plan(**PRICE), who="周岚", account_id=None, now=NOW)
    assert campaign.kind == MaterialKind.DEAL
    planning.edit(session, campaign, plan(kind="brand"), who="周岚", now=NOW, zone=ZONE)
    assert campaign.kind == MaterialKind.BRAND, "without a price it is what HQ says"


def test_a_deal_of_the_library_makes_a_deal(session):
    zhou, he = cast.account(session, "zhou"), cast.account(session, "he")
    piece = approved(session, zhou, he, kind=MaterialKind.DEAL)
    taken = fitness.copies(piece, library.newest(session, piece))
    assert mix.kind_of(session, plan(attachments=taken)) == MaterialKind.DEAL
    assert "销售类的素材" in mix.why_deal(session, plan(attachments=taken))
    plain = [Attachment.model_validate(taken[0].model_dump() | {"material_id": None, "version": None})]
    assert mix.kind_of(session, plan(attachments=plain)) == MaterialKind.CONTENT


def test_one_deal_too_many_is_said_with_its_numbers_and_only_where_it_is_too_many(session, sqlite_people):
    shenyang = sqlite_people.zhongjie.branch_id
    for kind in ("content", "content", "content", "brand", "brand"):
        put(session, kind, scope={"branches": [shenyang]})
    put(session, "deal", scope={"branches": [shenyang]})
    over = mix.excess(session, plan(kind="deal", scope={"branches": [shenyang]}), ZONE)
    assert over is not None and over.mix == Mix(3, 2, 2)
    assert "销售是 2 / 7，29%，最多 20%" in mix.said(over)
    assert mix.excess(session, plan(kind="brand", scope={"branches": [shenyang]}), ZONE) is None
    for kind in ("content", "content", "brand"):
        put(session, kind, scope={"branches": [shenyang]})
    assert mix.excess(session, plan(kind="deal", scope={"branches": [shenyang]}), ZONE) is None, "2 of 10"


def test_the_plan_itself_is_counted_once(session):
    for kind in ("content", "content", "content", "brand"):
        put(session, kind)
    itself = put(session, "deal")
    assert mix.excess(session, plan(kind="deal"), ZONE, itself.id) is None
    assert mix.excess(session, plan(kind="deal"), ZONE) is not None


def test_where_hq_only_warns_it_leaves(session):
    campaign = planning.create(session, plan(**PRICE), who="周岚", account_id=None, now=NOW)
    planning.schedule(session, campaign, "周岚", NOW, ZONE)
    assert campaign.status == CampaignStatus.SCHEDULED


def test_where_hq_is_strict_it_does_not_leave_until_hq_allows_that_week_more(session, sqlite_people):
    strict(session)
    shenyang = sqlite_people.zhongjie.branch_id
    fields = plan(**PRICE, scope={"branches": [shenyang]})
    campaign = planning.create(session, fields, who="周岚", account_id=None, now=NOW)
    with pytest.raises(Refused, match="销售是 1 / 1，100%") as refused:
        planning.schedule(session, campaign, "周岚", NOW, ZONE)
    assert list(refused.value.faults) == ["kind"]
    mix.allow(session, MONDAY + 7 * DAY, shenyang, 100, who="陈默", reason="换季", now=NOW)
    with pytest.raises(Refused):
        planning.schedule(session, campaign, "周岚", NOW, ZONE)
    said = mix.allow(session, MONDAY, shenyang, 100, who="陈默", reason="会员日", now=NOW)
    assert "放宽到 100%：会员日" in said
    planning.schedule(session, campaign, "周岚", NOW, ZONE)
    row = session.exec(select(MixAllowance).where(MixAllowance.monday == MONDAY)).one()
    assert (row.by, row.reason, row.percent) == ("陈默", "会员日", 100)
    assert session.exec(select(Audit).where(Audit.verb == "mix.allow")).all()


def test_what_is_allowed_everywhere_holds_in_every_branch(session, sqlite_people):
    mix.allow(session, MONDAY, None, 35, who="陈默", reason="双十一", now=NOW)
    mix.allow(session, MONDAY, sqlite_people.zhongjie.branch_id, 50, who="陈默", reason="店庆", now=NOW)
    most = mix.most_of(session, MONDAY)
    assert (most[None], most[sqlite_people.zhongjie.branch_id]) == (35, 50)
    assert mix.most_of(session, MONDAY + 7 * DAY) == {None: 20}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": 20}, "percent"),
        ({"percent": 101}, "percent"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 201}, "reason"),
        ({"monday": MONDAY + DAY}, "monday"),
        ({"branch_id": 99}, "branch_id"),
    ],
)
def test_an_allowance_without_sense_or_reason_is_refused(session, changes, field):
    given = {"monday": MONDAY, "branch_id": None, "percent": 35, "reason": "双十一"} | changes
    with pytest.raises(Refused) as refused:
        mix.allow(session, who="陈默", now=NOW, **given)
    assert list(refused.value.faults) == [field]


def test_the_targets_are_parts_of_one_whole(session):
    with pytest.raises(Refused, match="加起来要是 100%，现在是 110%"):
        preferences.change(session, "周岚", NOW, mix_content="60")
    kept = preferences.change(session, "周岚", NOW, mix_content="60", mix_brand="20")
    assert (kept.mix_content, kept.mix_brand, kept.mix_deal) == (60, 20, 20)


def test_a_copy_keeps_its_kind(session):
    campaign = planning.create(session, plan(kind="brand"), who="周岚", account_id=None, now=NOW)
    assert drafts.copy(session, campaign, who="周岚", account_id=None, now=NOW).kind == MaterialKind.BRAND


@pytest.mark.parametrize("status", [CampaignStatus.SCHEDULED, CampaignStatus.PAUSED])
def test_where_hq_is_strict_no_edit_brings_a_deal_past_it_that_nobody_looks_at_again(session, status):
    """Also none that is paused before its start: going on asks nobody."""
    strict(session)
    for kind in ("content", "content", "brand"):
        put(session, kind)
    plain = put(session, "content", status=status)
    with pytest.raises(Refused, match="最多 20%"):
        planning.edit(session, plain, plan(**PRICE), who="周岚", now=NOW, zone=ZONE)
    assert plain.kind == MaterialKind.CONTENT and "199" not in plain.text
