"""Slots: what HQ may open, and what a branch may put there."""

import pytest

from models.campaigns import drafts, slots
from models.errors import Refused, refuse_faults
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.slotted import DAY, HOUR, SATURDAY, fields, offices, own


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"ends_at": SATURDAY}, "ends_at", "晚于开始"),
        ({"ends_at": SATURDAY + 31 * DAY}, "ends_at", "最长 30 天"),
        ({"submit_by": SATURDAY + HOUR}, "submit_by", "开始以前"),
        ({"submit_by": NOW}, "submit_by", "已经过去"),
        ({"branches": [99]}, "branches", "不存在"),
        ({"kinds": ["gift"]}, "kinds", "三类"),
        ({"channels": ["fax"]}, "channels", "不存在"),
        ({"note": "好" * 61}, "note", "最多 60"),
        ({"parts": ["text"]}, "parts", "先选"),
        ({"campaign_id": 99, "parts": ["text"]}, "campaign_id", "总部自己的"),
    ],
)
def test_a_slot_that_makes_no_sense_is_refused_by_its_field(
    sqlite_database, sqlite_people, changes, field, words
):
    with sqlite_database.write() as session, pytest.raises(Refused) as refused:
        slots.open_slot(session, fields(**changes), who="周岚", now=NOW)
    assert words in refused.value.faults[field]


def test_only_what_hq_s_campaign_has_can_be_opened(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        branch = offices(session, sqlite_people)
        plain = cast.campaign(session, status="draft")
        theirs = own(session, branch["刘影"])
        for campaign, parts, field in (
            (plain, [], "parts"),
            (plain, ["headline"], "parts"),
            (plain, ["picture"], "parts"),
            (theirs, ["text"], "campaign_id"),
            (cast.campaign(session), ["text"], "campaign_id"),
            (cast.campaign(session, status="draft", second_text="另一种"), ["text"], "parts"),
        ):
            asked = fields(campaign_id=campaign.id, parts=parts)
            assert set(slots.complaints(session, asked)) == {field}
        refuse_faults(slots.complaints(session, fields(campaign_id=plain.id, parts=["text"])))


def test_a_branch_puts_a_fitting_campaign_of_its_own_there_and_takes_it_out(sqlite_database, sqlite_people):
    east, northeast = sqlite_people.east.id, sqlite_people.northeast.id
    with sqlite_database.write() as session:
        branch = offices(session, sqlite_people)
        slot = slots.open_slot(session, fields(branches=[northeast], channels=["mass"]), who="周岚", now=NOW)
        mine, other = own(session, branch["刘影"]), own(session, branch["刘影"], name="第二件")

        def refused(words, campaign=mine, place=northeast, now=NOW):
            with pytest.raises(Refused, match=words):
                slots.fill(session, slot, campaign, place, who="刘影", now=now)

        refused("没有开放给你们", place=east)
        refused("期限", now=NOW + DAY)
        refused("你们自己的", own(session, branch["孙宁"]))
        refused("你们自己的", cast.campaign(session, status="draft"))
        refused("不在这个位置里", own(session, branch["刘影"], at=SATURDAY - HOUR))
        refused("只放群发助手", own(session, branch["刘影"], channel="group_mass"))
        refused("已经开始", own(session, branch["刘影"], status="running", launched_at=NOW))
        slot.kinds = ["brand"]
        session.flush()
        refused("只放品牌，「雨靴」算内容", mine)
        slot.kinds = ["brand", "content"]
        session.flush()
        slots.fill(session, slot, mine, northeast, who="刘影", now=NOW)
        beside = slots.open_slot(session, fields(), who="周岚", now=NOW)
        with pytest.raises(Refused, match="已经放在另一个位置里"):
            slots.fill(session, beside, mine, northeast, who="刘影", now=NOW)
        row = slots.fill(session, slot, other, northeast, who="刘影", now=NOW)
        assert row.campaign_id == other.id, "another one makes room"
        slots.clear(session, slot, northeast, who="刘影", now=NOW)
        assert slots.clear(session, slot, northeast, who="刘影", now=NOW) == ""
        slots.fill(session, slot, mine, northeast, who="刘影", now=NOW)
        slots.close_slot(session, slot, who="周岚", now=NOW)
        session.flush()
        refused("期限", other)
        drafts.discard(session, mine, "刘影", NOW)
