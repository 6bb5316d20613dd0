"""A branch's variant: what it replaces, and what leaves at the launch."""

import pytest
from sqlmodel import select

from models.campaigns import Campaign, Task, launch, variants
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.slotted import DAY, SATURDAY, decide, offices, opened, put


@pytest.mark.parametrize("channel", ["mass", "group_mass", "share"])
def test_only_the_guides_of_the_branch_get_its_approved_words(sqlite_database, sqlite_people, channel):
    with sqlite_database.write() as session:
        campaign, slot = opened(session, offices(session, sqlite_people)["周岚"], channel)
        number = campaign.id
        shen = cast.add(session, cast.guide("ShenYun", sqlite_people.xinjiekou, NOW - DAY))
        for guide in (sqlite_people.wang, shen):
            cast.befriend(session, guide, cast.XU if guide is sqlite_people.wang else cast.LIN, at=NOW - DAY)
            cast.customer_group(session, guide, f"wr{guide.id}", now=NOW - DAY)
        decide(session, put(session, slot, sqlite_people.northeast.id, text="东北写的"))
        put(session, slot, sqlite_people.east.id, text="华东写的，没有批")
    launch.launch_due(sqlite_database, SATURDAY, ZONE)
    with sqlite_database.read() as session:
        rows = session.exec(select(Task.branch_id, Task.text).where(Task.campaign_id == number))
        assert dict(rows.all()) == {
            sqlite_people.northeast.id: "东北写的",
            sqlite_people.east.id: "总部写的",
        }


def test_a_moments_campaign_makes_one_job_for_each_variant_and_one_for_the_rest(
    sqlite_database, sqlite_people
):
    with sqlite_database.write() as session:
        campaign, slot = opened(session, offices(session, sqlite_people)["周岚"], "moment")
        number = campaign.id
        shen = cast.add(session, cast.guide("ShenYun", sqlite_people.xinjiekou, NOW - DAY))
        for guide, name in ((sqlite_people.wang, cast.XU), (sqlite_people.zhao, cast.SU), (shen, cast.LIN)):
            cast.befriend(session, guide, name, at=NOW - DAY)
        decide(session, put(session, slot, sqlite_people.northeast.id, text="东北写的"))
    launch.launch_due(sqlite_database, SATURDAY, ZONE)
    with sqlite_database.read() as session:
        tasks = {one.id: one for one in session.exec(select(Task).where(Task.campaign_id == number))}
        calls = session.exec(select(Outbox).where(Outbox.campaign_id == number)).all()
        said = [
            {tasks[one].text for one in tasks if call.payload["first"] <= one <= call.payload["last"]}
            for call in calls
        ]
    assert sorted(map(sorted, said)) == [["东北写的"], ["总部写的"]]


def test_what_a_guide_hands_over_herself_is_that_of_the_branch_she_was_in_at_the_launch_F06(
    sqlite_database, sqlite_people
):
    """Her page, her share and the Moments job ask here."""
    with sqlite_database.write() as session:
        campaign, slot = opened(session, offices(session, sqlite_people)["周岚"])
        kept, own = (cast.picture(session, content, now=NOW).id for content in (b"hq", b"branch"))
        campaign.attachments, slot.parts = cast.pictured(kept), ["picture"]
        session.flush()
        decide(session, put(session, slot, sqlite_people.northeast.id, picture_id=own))
        task = cast.task(session, campaign, sqlite_people.wang, branch_id=sqlite_people.northeast.id)
        session.get_one(Guide, sqlite_people.wang.id).store_id = sqlite_people.xinjiekou.id
        there = cast.task(session, campaign, sqlite_people.zhou, branch_id=sqlite_people.east.id)
        shown = [variants.attached_for(session, campaign, one)[0].picture_id for one in (task, there)]
        assert shown == [own, kept]


def test_the_headline_and_the_first_picture_are_the_branch_s_and_no_copy_any_more():
    campaign = Campaign(
        name="靴", text="总部写的", launch_at=NOW, ends_at=SATURDAY, created_at=NOW,
        attachments=[
            {"form": "link", "url": "https://shop.example", "title": "看"},
            {"form": "poster", "design": "headline", "words": {"headline": "初雪", "price": "199"},
             "picture_id": 3, "material_id": 5, "version": 2},
        ],
    )  # fmt: skip
    row = variants.Variant(
        slot_id=1, campaign_id=1, branch_id=1, headline="梧桐叶", picture_id=9, by="", by_key="", at=NOW
    )
    link, poster = variants.attached(campaign, row)
    assert (poster.words, poster.picture_id, poster.material_id) == (
        {"headline": "梧桐叶", "price": "199"}, 9, None,
    )  # fmt: skip
    assert link == campaign.attached[0]
    assert variants.attached(campaign, None) == campaign.attached
    assert variants.text_of(campaign, row) == "总部写的"
