"""When a campaign starts, whom it freezes, and how a launch that was killed goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import (
    Campaign,
    CampaignStatus,
    Task,
    TaskAudience,
    launch,
    lifecycle,
    planning,
)
from models.campaigns.fields import CampaignFields
from models.db.sets import NOBODY
from models.errors import Refused
from models.friends import FriendStatus
from models.ledger.outbox import Outbox
from models.org import Guide, Store
from scheduler import jobs
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE
from tests.models.campaigns.planned import MINUTE, after_the_first_piece, planned, read, tasks
from wecom.limits import CHANNELS


def test_nothing_starts_before_its_time(database, people):
    number = planned(database)
    assert launch.launch_due(database, NOW - timedelta(seconds=1), ZONE) == []
    assert tasks(database, number) == []
    assert launch.launch_due(database, NOW, ZONE) == [number]
    assert launch.launch_due(database, NOW, ZONE) == []
    assert len(tasks(database, number)) == 4


def test_a_launch_missed_by_less_than_half_an_hour_still_runs_E01(database, people):
    number = planned(database)
    assert launch.launch_due(database, NOW + 30 * MINUTE, ZONE) == [number]


def test_a_launch_missed_by_more_waits_for_hq_in_words_E01(database, people):
    number = planned(database)
    assert launch.launch_due(database, NOW + 40 * MINUTE, ZONE) == []
    late = read(database, number)
    assert (
        late.status == CampaignStatus.PAUSED
        and "10:08" in late.status_words
        and "已晚 40 分钟" in late.status_words
    )
    assert tasks(database, number) == []
    with database.write() as session:
        lifecycle.resume(session, session.get_one(Campaign, number), "周岚", NOW + 41 * MINUTE)
    assert launch.launch_due(database, NOW + 41 * MINUTE, ZONE) == [number]


def test_a_launch_after_its_own_end_is_never_sent_and_says_so_E01(database, people):
    number = planned(database, ends_at=NOW + 20 * MINUTE)
    assert launch.launch_due(database, NOW + 25 * MINUTE, ZONE) == []
    over = read(database, number)
    assert (
        over.status == CampaignStatus.FINISHED
        and "没有发出" in over.status_words
        and tasks(database, number) == []
    )


def test_everybody_in_scope_has_a_task_or_the_reason_why_not(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=1))
        cast.befriend(session, people.zhao, XU, at=NOW - timedelta(days=1), status=FriendStatus.LOST)
    number = planned(database, scope={"stores": [people.zhongjie.id]})
    launch.launch_due(database, NOW, ZONE)
    assert {task.guide_id: (task.customer_count, task.skipped) for task in tasks(database, number)} == {
        people.wang.id: (1, ""),
        people.zhao.id: (0, "她名下没有可以群发的好友"),
        people.gao.id: (0, "她名下没有可以群发的好友"),
    }
    with database.read() as session:
        assert [row.key for row in session.exec(select(Outbox))] == [f"mass:{tasks(database, number)[0].id}"]


def test_a_poster_without_her_own_code_is_not_drawn_and_says_why(database, people):
    with database.write() as session:
        for guide in (people.wang, people.zhao):
            cast.befriend(session, guide, XU, at=NOW - timedelta(days=1))
        cast.ready_code(session, guide=people.wang)
    number = planned(database, attachments=cast.poster())
    launch.launch_due(database, NOW, ZONE)
    by_guide = {task.guide_id: task for task in tasks(database, number)}
    assert by_guide[people.wang.id].skipped == "" and "还没有能用的入口码" in by_guide[people.zhao.id].skipped


def test_the_audience_is_frozen_with_its_number_and_fingerprint_F11(database, people, monkeypatch):
    """Whoever comes during the fan-out is not in it."""
    monkeypatch.setattr(launch, "GUIDES_AT_ONCE", 1)
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=1))
        cast.befriend(session, people.zhou, CHEN, at=NOW - timedelta(days=1))
    number = planned(database)

    def gain_a_friend_and_a_guide(session):
        cast.befriend(session, people.zhou, LIN, at=NOW + MINUTE)
        session.add(cast.guide("newcomer", people.zhongjie, NOW + MINUTE))

    after_the_first_piece(database, gain_a_friend_and_a_guide)
    launch.launch_due(database, NOW, ZONE)
    with database.write() as session:
        lists = dict(session.exec(select(Task.guide_id, TaskAudience.members).join(TaskAudience)).all())
        xu, chen = cast.customers(session, XU), cast.customers(session, CHEN)
        said = session.exec(select(Audit.detail).where(Audit.verb == "campaign.freeze")).one()
    assert lists == {people.wang.id: xu, people.zhao.id: NOBODY, people.gao.id: NOBODY, people.zhou.id: chen}
    assert said.startswith("4 位导购，2 位客户，名单指纹 ")
    assert read(database, number).launched_at == NOW


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("group_mass", "4 位导购，0 个客户群，名单指纹 "),
        ("notice", "4 位导购，名单指纹 "),
    ],
)
def test_what_was_frozen_is_named_as_what_it_is(database, people, channel, said):
    planned(database, channel=channel)
    launch.launch_due(database, NOW, ZONE)
    with database.read() as session:
        assert (
            session.exec(select(Audit.detail).where(Audit.verb == "campaign.freeze")).one().startswith(said)
        )


def test_an_edit_before_the_start_counts_whole_and_after_it_not_at_all_E06(database, people):
    number = planned(database)
    new = CampaignFields(name="改后", text="改后的正文", launch_at=NOW, ends_at=NOW + timedelta(hours=2))
    with database.write() as session:
        changed = planning.edit(
            session,
            session.get_one(Campaign, number),
            new,
            who="周岚",
            now=NOW - timedelta(seconds=1),
            zone=ZONE,
        )
    assert set(changed) == {"name", "text", "ends_at"}
    launch.launch_due(database, NOW, ZONE)
    late = new.model_copy(update={"text": "太晚的正文"})
    with pytest.raises(Refused, match="进行中，内容改不了了"), database.write() as session:
        planning.edit(
            session,
            session.get_one(Campaign, number),
            late,
            who="周岚",
            now=NOW + timedelta(seconds=1),
            zone=ZONE,
        )
    assert {task.text for task in tasks(database, number)} == {"改后的正文"}


def test_a_stop_one_second_before_sends_nothing_one_second_after_takes_back_E06(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=1))
    before, after = planned(database), planned(database, name="二")
    with database.write() as session:
        lifecycle.cancel(session, session.get_one(Campaign, before), "周岚", NOW - timedelta(seconds=1))
    assert launch.launch_due(database, NOW, ZONE) == [after]
    with database.write() as session:
        words = lifecycle.cancel(
            session, session.get_one(Campaign, after), "周岚", NOW + timedelta(seconds=1)
        )
    assert "1 件还没发出的已撤下" in words and "0 位导购已发给 0 位客户" in words
    assert tasks(database, before) == [] and read(database, before).status == CampaignStatus.CANCELLED
    with database.read() as session:
        assert [row.status for row in session.exec(select(Outbox))] == ["cancelled"]


def test_a_guide_who_left_before_the_start_is_not_a_target_F05(database, people):
    with database.write() as session:
        session.get_one(Guide, people.zhou.id).leave("change_contact", NOW - MINUTE)
    number = planned(database)
    launch.launch_due(database, NOW, ZONE)
    assert people.zhou.id not in {task.guide_id for task in tasks(database, number)}


def test_where_she_worked_at_the_launch_stays_with_the_task_F06(database, people):
    number = planned(database)
    launch.launch_due(database, NOW, ZONE)
    with database.write() as session:
        session.get_one(Guide, people.wang.id).store_id = people.xinjiekou.id
    assert tasks(database, number)[0].branch_id == people.northeast.id


def test_a_text_that_grows_too_long_with_her_store_name_is_said_not_sent_F16(sqlite_database):
    with sqlite_database.write() as session:
        people = cast.play(session)
        cast.befriend(session, people.wang, XU, at=NOW - timedelta(days=1))
    number = planned(sqlite_database, text="雪" * 1327 + "{门店名}")
    with sqlite_database.write() as session:  # planned within the limit, before her store got a longer name
        session.get_one(Store, people.zhongjie.id).name = "沈阳中街大悦城店"
    launch.launch_due(sqlite_database, NOW, ZONE)
    task = tasks(sqlite_database, number)[0]
    assert task.skipped == "填上她的门店名后正文有 4,005 字节，平台上限 4,000 字节"


def test_more_customers_than_one_call_holds_become_two_calls(sqlite_database, monkeypatch):
    few = [replace(one, most=2) if one.field == "external_userid" else one for one in CHANNELS["mass"].limits]
    monkeypatch.setitem(CHANNELS, "mass", replace(CHANNELS["mass"], limits=tuple(few)))
    with sqlite_database.write() as session:
        people = cast.play(session)
        for customer in ("wm1", "wm2", "wm3"):
            cast.befriend(session, people.wang, customer, at=NOW - timedelta(days=1))
    number = planned(sqlite_database)
    launch.launch_due(sqlite_database, NOW, ZONE)
    task = tasks(sqlite_database, number)[0]
    with sqlite_database.read() as session:
        assert [(row.key, row.payload["part"]) for row in session.exec(select(Outbox))] == [
            (f"mass:{task.id}", 0),
            (f"mass:{task.id}:1", 1),
        ]


def test_a_notice_has_a_card_and_nothing_for_customers(stage):
    number = stage.plan(channel="notice", name="盘点", card_title="今晚盘点", text="今晚盘点")
    stage.tick(seconds=0)
    stage.cards_out()
    assert len(stage.arrived("card")) == 4 and stage.calls("externalcontact/add_msg_template") == []
    assert stage.campaign(number).status == CampaignStatus.RUNNING
    jobs.launch(stage.runtime, stage.now)
    assert [row.target for row in stage.rows("card")] == ["4 位导购"]
