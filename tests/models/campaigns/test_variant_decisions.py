"""Who may put a variant into a slot, who may say yes to it, and what makes HQ look again."""

import pytest

from models.campaigns import approval, planning, variant_decisions, variants
from models.campaigns.fields import of_campaign
from models.campaigns.variants import VariantStatus
from models.errors import Refused
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.slotted import DAY, decide, offices, opened, put


def test_hq_s_edit_of_what_a_variant_stands_on_asks_for_another_look(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        hq = offices(session, sqlite_people)["周岚"]
        campaign, slot = opened(session, hq, status="draft")
        row = put(session, slot, sqlite_people.northeast.id, text="东北写的")
        decide(session, row)
        fields = of_campaign(campaign)
        fields.name = "只改了名字"
        planning.edit(session, campaign, fields, who="周岚", account_id=hq.id, now=NOW, zone=ZONE)
        assert row.approved
        fields.text = "总部改了"
        planning.edit(session, campaign, fields, who="周岚", account_id=hq.id, now=NOW, zone=ZONE)
        assert row.status == VariantStatus.WAITING and "再看一次" in row.reason
        assert [one.id for one in variants.waiting(session)] == [row.id]


def test_who_may_put_and_who_may_say_yes(sqlite_database, sqlite_people):
    northeast = sqlite_people.northeast.id
    with sqlite_database.write() as session:
        campaign, slot = opened(session, offices(session, sqlite_people)["周岚"])

        def refused(words, act):
            with pytest.raises(Refused, match=words):
                act()

        refused("什么都没换", lambda: put(session, slot, northeast))
        refused("没有开放换", lambda: put(session, slot, northeast, headline="梧桐叶"))
        refused("期限", lambda: put(session, slot, northeast, now=NOW + DAY, text="晚了"))
        refused("字节", lambda: put(session, slot, northeast, text="长" * 2000))
        row = put(session, slot, northeast, text="东北写的")
        refused("只由总部", lambda: decide(session, row, who="刘影"))
        refused("退回的原因", lambda: decide(session, row, yes=False))
        decide(session, row, yes=False, reason="太硬")
        refused("决定过", lambda: decide(session, row))
        again = put(session, slot, northeast, text="软一点")
        assert (again.id, again.status, again.reason) == (row.id, VariantStatus.WAITING, "")
        decide(session, again)
        campaign.launched_at = NOW
        session.flush()
        refused("已经开始", lambda: variant_decisions.take_back(session, again, who="刘影", now=NOW))
        refused("期限", lambda: put(session, slot, northeast, text="开始以后"))


def test_a_branch_adds_no_third_text_where_two_are_compared(sqlite_database, sqlite_people):
    """Whichever of the two was there first."""
    northeast = sqlite_people.northeast.id
    with sqlite_database.write() as session:
        hq = offices(session, sqlite_people)["周岚"]
        campaign, slot = opened(session, hq, status="draft")
        by = {"who": "周岚", "account_id": hq.id, "now": NOW}
        row = put(session, slot, northeast, text="东北写的")
        decide(session, row)
        split = of_campaign(campaign).model_copy(update={"second_text": "总部的第二种"})
        planning.edit(session, campaign, split, **by, zone=ZONE)
        assert row.status == VariantStatus.WAITING, "HQ has to look at it again"
        with pytest.raises(Refused, match="东北分公司交了自己的正文"):
            approval.submit(session, campaign, **by, zone=ZONE)
        with pytest.raises(Refused, match="不能再由分公司换"):
            decide(session, row)
        decide(session, row, yes=False, reason="这次比两种")
        approval.submit(session, campaign, **by, zone=ZONE)
        with pytest.raises(Refused, match="不能再由分公司换"):
            put(session, slot, northeast, text="还是东北写的")


def test_what_would_be_cut_is_refused_instead(sqlite_database, sqlite_people):
    northeast = sqlite_people.northeast.id
    with sqlite_database.write() as session:
        _campaign, slot = opened(session, offices(session, sqlite_people)["周岚"])
        slot.parts = ["text", "headline"]
        session.flush()
        with pytest.raises(Refused, match="标题 65 个字，最多 64 个"):
            put(session, slot, northeast, headline="长" * 65)
        row = put(session, slot, northeast, text="东北写的")
        with pytest.raises(Refused, match="原因 201 个字"):
            decide(session, row, yes=False, reason="长" * 201)


def test_what_hq_has_taken_out_meanwhile_is_not_approved_as_if_it_were_there(sqlite_database, sqlite_people):
    northeast = sqlite_people.northeast.id
    with sqlite_database.write() as session:
        hq = offices(session, sqlite_people)["周岚"]
        campaign, slot = opened(session, hq, status="draft")
        kept, own = (cast.picture(session, content, now=NOW).id for content in (b"hq", b"branch"))
        campaign.attachments, slot.parts = cast.pictured(kept), ["picture"]
        session.flush()
        row = put(session, slot, northeast, picture_id=own)
        bare = of_campaign(campaign).model_copy(update={"attachments": []})
        planning.edit(session, campaign, bare, who="周岚", account_id=hq.id, now=NOW, zone=ZONE)
        for act in (lambda: decide(session, row), lambda: put(session, slot, northeast, picture_id=own)):
            with pytest.raises(Refused, match="没有图片，首图没有可换的"):
                act()
        decide(session, row, yes=False, reason="这次没有图")
