"""One row on its way out: every way in which the platform can answer, or not answer."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models import delivery_decisions, org
from models.campaigns import Task
from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.ledger import lease, outbox
from models.ledger.outbox import OutboxStatus
from scheduler.channels.attachments import TURN_SECONDS
from scheduler.queue import recovery
from scheduler.queue.delivery import CALL_SECONDS, MOST_TRIES, MOST_TRIES_UNREACHED, deliver
from tests import cast
from tests.waiting import PATIENCE
from wecom.client import UPLOAD_TIMEOUT, WorkClient
from wecom.tokens import MemoryTokens

WELCOME, SEND, WAY = "externalcontact/send_welcome_msg", "message/send", "externalcontact/add_contact_way"


def own_client(stage, **options) -> WorkClient:
    content, runtime = stage.world.content, stage.runtime
    return WorkClient(
        content["corp_id"],
        content["app"]["secret"],
        agent_id=1000002,
        tokens=MemoryTokens(),
        closed_windows=runtime.closed_windows,
        clock=stage.clock,
        **options,
    )


def test_a_row_leaves_once_and_the_platform_has_it_once(stage):
    row = stage.deliver(stage.notice())
    assert (row.status, row.attempts, row.request["touser"]) == (OutboxStatus.SENT, 1, "wangfang")
    stage.deliver(row.id)
    assert [one["who"] for one in stage.world.ledger("notice")] == ["wangfang"]


def test_two_rows_with_the_same_text_are_two_messages(sqlite_stage):
    for _ in range(2):
        sqlite_stage.deliver(sqlite_stage.notice("还差一步"))
    assert len(sqlite_stage.world.ledger("notice")) == 2


def test_a_busy_platform_is_asked_again_and_hears_one_send_B01(stage):
    stage.world.chaos({"api": SEND, "errcode": -1, "times": 2})
    row = stage.until_settled(stage.notice())
    assert (row.status, row.attempts) == (OutboxStatus.SENT, 3)
    assert len(stage.world.ledger("notice")) == 1


def test_a_platform_that_stays_busy_ends_after_three_tries_with_words_B01(stage):
    stage.world.chaos({"api": SEND, "errcode": -1})
    row = stage.until_settled(stage.notice())
    assert (row.status, row.attempts, row.errcode) == (OutboxStatus.NOT_SENT, MOST_TRIES, -1)
    assert "试了 3 次" in row.reason
    stage.world.chaos()
    stage.db.run(
        lambda s: delivery_decisions.send_again(s, s.get_one(outbox.Outbox, row.id), stage.now, "小李")
    )
    assert stage.deliver(row.id).status == OutboxStatus.SENT


def test_too_many_at_once_makes_it_slower_and_nothing_fails_B03(stage):
    stage.world.chaos({"api": SEND, "errcode": 45033, "times": 1})
    row_id = stage.notice()
    assert deliver(stage.runtime, row_id) is True
    assert (stage.row(row_id).status, stage.row(row_id).attempts) == (OutboxStatus.QUEUED, 0)
    assert stage.until_settled(row_id).status == OutboxStatus.SENT


def test_a_platform_that_cannot_be_reached_is_surely_not_executed_B07(sqlite_stage):
    stage = sqlite_stage
    stage.runtime.client = own_client(stage, base_url="http://127.0.0.1:9/cgi-bin/")
    row_id = stage.welcome("CODE", seconds=3600)
    row = stage.deliver(row_id)
    assert (row.status, row.request) == (OutboxStatus.QUEUED, None)
    assert stage.until_settled(row_id).status == OutboxStatus.NOT_SENT
    assert stage.row(row_id).attempts == MOST_TRIES_UNREACHED


@pytest.mark.parametrize("chaos", [{"reset": "after"}, {"truncated": True}, {"empty": True}])
def test_a_lost_answer_of_a_contact_way_is_unknown_then_found_by_its_state_B08(stage, chaos):
    """No blind resend; reconciliation adopts what the platform made, and it made one."""
    with stage.db.write() as session:
        code = entry_codes.make_for_guide(session, session.get_one(org.Guide, stage.cast.wang.id), stage.now)
    row_id = stage.rows(channel="contact_way")[0].id
    stage.world.chaos({"api": WAY, "times": 1} | chaos)
    row = stage.deliver(row_id)
    assert row.status == OutboxStatus.UNKNOWN
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    stage.world.chaos()
    assert recovery.ask(stage.runtime, stage.now) == ""  # not yet
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "查实已送达 1"
    assert stage.row(row_id).status == OutboxStatus.SENT
    assert len(stage.calls(WAY)) == 1
    with stage.db.read() as session:
        kept = session.get_one(EntryCode, code.id)
    assert (kept.status, kept.config_id != "", kept.payload != "") == (EntryCodeStatus.READY, True, True)


def test_a_call_that_never_took_effect_is_found_out_and_made_once_B08(stage):
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, session.get_one(org.Guide, stage.cast.wang.id), stage.now)
    row_id = stage.rows(channel="contact_way")[0].id
    stage.world.chaos({"api": WAY, "reset": "before", "times": 1})
    assert stage.deliver(row_id).status == OutboxStatus.UNKNOWN
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "查实没送达已重排 1"
    assert stage.deliver(row_id).status == OutboxStatus.SENT
    assert len(stage.world.call("externalcontact/list_contact_way", {"limit": 100})["contact_way"]) == 1


def test_a_lost_answer_of_a_notice_is_repeated_and_arrives_once_B09(stage):
    stage.world.chaos({"api": SEND, "reset": "after", "times": 1})
    row_id = stage.notice()
    row = stage.deliver(row_id)
    assert (row.status, row.request is not None) == (OutboxStatus.QUEUED, True)
    assert stage.until_settled(row_id).status == OutboxStatus.SENT
    assert len(stage.calls(SEND)) == 2
    assert len(stage.world.ledger("notice")) == 1


def test_a_late_answer_is_no_second_message_B10(stage):
    """Our timeout is shorter than the platform's answer, which it gave all the same."""
    stage.runtime.client = own_client(stage, base_url=stage.world.api_url, timeout=(3.0, 1.0))
    stage.runtime.client.call("getcallbackip")  # its token is fetched before the chaos
    stage.world.chaos(*({"api": api, "delay": PATIENCE, "times": 1} for api in (SEND, WELCOME)))
    assert stage.until_settled(stage.notice()).status == OutboxStatus.SENT
    assert stage.deliver(stage.welcome(stage.befriend()["welcome_code"])).status == OutboxStatus.UNKNOWN
    assert len(stage.world.ledger("notice")) == 1


def test_a_receiver_out_of_sight_is_not_sent_although_the_platform_says_ok_B11(stage):
    """Errcode 0 with an invalid user is no success."""
    stage.world.leave("wangfang")
    row = stage.deliver(stage.notice())
    assert row.status == OutboxStatus.NOT_SENT
    assert "可见范围" in row.reason or "离职" in row.reason


def test_a_leaver_is_recognised_from_60111(stage):
    stage.world.leave("zhoumei")
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, session.get_one(org.Guide, stage.cast.zhou.id), stage.now)
    row = stage.deliver(stage.rows(channel="contact_way")[0].id)
    assert (row.status, row.errcode) == (OutboxStatus.NOT_SENT, 60111) or (row.status, row.errcode) == (
        OutboxStatus.NOT_SENT,
        40003,
    )
    assert (stage.guide("zhoumei").status, stage.guide("zhoumei").left_how) == (
        "left",
        f"platform_{row.errcode}",
    )


def test_a_store_code_leads_to_a_leaver_only_until_the_platform_does_not_know_her_F05(stage):
    """60111 is the first that we hear: the store's code is brought up to date with it, not by the nightly sync."""
    with stage.db.write() as session:
        entry_codes.make_for_store(session, session.merge(stage.cast.zhongjie), stage.now)
    stage.deliver(stage.rows(channel="contact_way")[0].id)
    stage.world.leave("zhaoqian")
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, session.merge(stage.cast.zhao), stage.now)
    assert stage.deliver(stage.rows(channel="contact_way")[1].id).status == OutboxStatus.NOT_SENT
    update = stage.deliver(stage.rows(channel="contact_way")[2].id)
    assert (update.status, update.request["user"]) == (OutboxStatus.SENT, ["wangfang", "gaomin"])
    way = stage.world.call("externalcontact/get_contact_way", {"config_id": update.request["config_id"]})
    assert way["contact_way"]["user"] == ["wangfang", "gaomin"]


def test_a_row_of_somebody_who_left_is_not_sent(sqlite_stage):
    stage = sqlite_stage
    with stage.db.write() as session:
        session.get_one(type(stage.cast.wang), stage.cast.wang.id).leave("sync", stage.now)
    row = stage.deliver(stage.notice())
    assert (row.status, row.reason) == (OutboxStatus.CANCELLED, "王芳已离职，不用发了")
    assert stage.calls(SEND) == []


def test_no_call_lasts_longer_than_the_part_of_a_lease_that_is_kept_for_it(sqlite_stage):
    usual, robots = sqlite_stage.runtime.client._wire.timeout, sqlite_stage.runtime.robots._wire.timeout
    for connect, read in (usual, robots, UPLOAD_TIMEOUT):
        assert connect + 2 * read < CALL_SECONDS
    assert TURN_SECONDS + UPLOAD_TIMEOUT[0] + 2 * UPLOAD_TIMEOUT[1] < lease.LEASE_SECONDS


def test_a_lease_that_no_longer_covers_the_call_gives_the_row_up(sqlite_stage):
    """The process slept between the intent and the call: somebody else may hold the row by now."""
    stage = sqlite_stage
    row_id = stage.notice()
    stage.runtime.db = Sleeper(stage)
    row = stage.deliver(row_id)
    assert (row.status, row.attempts) == (OutboxStatus.QUEUED, 0)
    assert stage.calls(SEND) == []


class Sleeper:
    """The database, in a process that is stopped for 40 seconds right after it wrote its intent."""

    def __init__(self, stage) -> None:
        self.stage, self.db = stage, stage.db

    def __getattr__(self, name: str):
        return getattr(self.db, name)

    def run(self, work):
        done = self.db.run(work)
        rows = self.stage.rows(status=OutboxStatus.CALLING)
        if rows and rows[0].request is not None:
            self.stage.clock.move(seconds=40)
        return done


def test_what_a_channel_stumbles_over_stays_with_its_row(sqlite_stage, caplog):
    stage = sqlite_stage
    row_id = stage.put("mass_cancel", payload={})  # no msgid: nobody writes such a row
    for tries in range(1, MOST_TRIES):
        row = stage.deliver(row_id)
        assert (row.status, row.attempts) == (OutboxStatus.QUEUED, tries)
        stage.clock.move(seconds=31)
    row = stage.deliver(row_id)
    assert row.status == OutboxStatus.NOT_SENT
    assert "KeyError" in row.reason
    assert f"outbox {row_id} (mass_cancel)" in caplog.text


def test_what_may_have_arrived_before_our_own_mistake_is_not_called_not_sent(sqlite_stage, caplog):
    stage = sqlite_stage
    stage.world.chaos({"api": SEND, "reset": "after", "times": 1})
    row_id = stage.notice()
    assert stage.deliver(row_id).status == OutboxStatus.QUEUED
    stage.runtime.rate_limits = None  # every try of the same bytes stumbles before it leaves
    assert stage.until_settled(row_id).status == OutboxStatus.UNKNOWN
    assert len(stage.world.ledger("notice")) == 1


def test_our_own_mistake_is_said_on_the_guides_task_as_well(sqlite_stage, caplog):
    stage = sqlite_stage
    with stage.db.write() as session:
        campaign = cast.campaign(session, ends_at=stage.now + timedelta(hours=1))
        # and no audience: nobody writes that
        task = cast.task(session, campaign, stage.cast.wang, msgid="", ready_at=None)
    row = stage.until_settled(stage.put("mass", task_id=task.id, campaign_id=campaign.id))
    with stage.db.read() as session:
        assert session.get_one(Task, task.id).skipped == row.reason
    assert (row.status, "KeyError" in row.reason, stage.calls("externalcontact/add_msg_template")) == (
        OutboxStatus.NOT_SENT,
        True,
        [],
    )


def test_a_dead_call_whose_noun_cannot_be_told_keeps_no_other_waiting(sqlite_stage, caplog):
    stage = sqlite_stage
    # nobody has heard of that group
    strange = stage.put("group_mass", payload={"announcement_groups": [4711]})
    good = stage.notice()
    dead = {"status": OutboxStatus.CALLING, "attempts": 3, "lease_until": stage.now - timedelta(seconds=1)}
    with stage.db.write() as session:
        session.execute(update(outbox.Outbox).values(**dead))
    recovery.lapse(stage.runtime, stage.now)
    assert (stage.row(strange).status, stage.row(good).status) == (
        OutboxStatus.CALLING,
        OutboxStatus.NOT_SENT,
    )
    assert f"outbox {strange} (group_mass): KeyError" in caplog.text


def test_expiring_tells_the_nouns(stage):
    row_id = stage.welcome("CODE", seconds=5)
    assert recovery.expire(stage.runtime, stage.now) == 0
    stage.clock.move(seconds=6)
    assert recovery.expire(stage.runtime, stage.now) == 1
    assert stage.row(row_id).status == OutboxStatus.EXPIRED
