"""Entry codes on their way to the platform: made once, read from its picture, changed with those who work there."""

from models.friends import entry_code_users, entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.ledger import lease
from models.ledger.outbox import OutboxStatus
from models.org import Guide, Store
from posters.code import read_code
from scheduler import jobs
from scheduler.queue import recovery

WAY = "externalcontact/add_contact_way"


def make(stage, *, store: Store | None = None) -> int:
    with stage.db.write() as session:
        if store:
            made = entry_codes.make_for_store(session, session.get_one(Store, store.id), stage.now)
        else:
            made = entry_codes.make_for_guide(session, session.get_one(Guide, stage.cast.wang.id), stage.now)
    return made.id


def code(stage, code_id: int) -> EntryCode:
    with stage.db.read() as session:
        return session.get_one(EntryCode, code_id)


def newest(stage, channel: str = "contact_way"):
    return stage.rows(channel=channel)[-1]


def test_a_code_gets_the_payload_out_of_the_platforms_picture(stage):
    made = make(stage)
    assert stage.deliver(newest(stage).id).status == OutboxStatus.SENT
    kept = code(stage, made)
    assert kept.status == EntryCodeStatus.READY
    assert kept.payload == read_code(stage.runtime.client.fetch_picture(kept.picture_url))
    way = stage.world.call("externalcontact/get_contact_way", {"config_id": kept.config_id})["contact_way"]
    assert (way["type"], way["state"], way["user"]) == (1, kept.state, ["wangfang"])


def test_a_scan_of_that_payload_reaches_the_guide(stage):
    made = make(stage)
    stage.deliver(newest(stage).id)
    assert stage.world.scan("wmNEW", code(stage, made).payload, name="新客")["userid"] == "wangfang"


def test_a_stores_code_names_all_who_work_there_and_follows_them(stage):
    made = make(stage, store=stage.cast.zhongjie)
    stage.deliver(newest(stage).id)
    assert sorted(code(stage, made).userids) == ["gaomin", "wangfang", "zhaoqian"]
    with stage.db.write() as session:
        session.get_one(Guide, stage.cast.zhao.id).leave("sync", stage.now)
        entry_code_users.refresh_users(session, stage.cast.zhongjie.id, stage.now)
    assert stage.deliver(newest(stage).id).status == OutboxStatus.SENT
    way = stage.world.call("externalcontact/get_contact_way", {"config_id": code(stage, made).config_id})[
        "contact_way"
    ]
    assert sorted(way["user"]) == ["gaomin", "wangfang"]
    assert len(stage.calls(WAY)) == 1


def test_a_picture_that_cannot_be_read_yet_is_read_later(stage):
    made = make(stage)
    address, stage.runtime.posters = stage.runtime.posters, Closed()
    assert stage.deliver(newest(stage).id).status == OutboxStatus.SENT
    kept = code(stage, made)
    assert (kept.status, kept.payload, kept.config_id != "") == (EntryCodeStatus.WAITING, "", True)
    assert jobs.make_codes(stage.runtime, stage.now).endswith("申请入口码 3")  # the other guides' codes
    stage.runtime.posters = address
    assert "读出二维码 1" in jobs.make_codes(stage.runtime, stage.now)
    assert code(stage, made).status == EntryCodeStatus.READY
    assert len(stage.calls(WAY)) == 1


class Closed:
    """A poster pool that was closed: every job is refused."""

    def submit_read(self, picture: bytes):
        from posters.pool import PosterPool

        pool = PosterPool(1)
        pool.close()
        return pool.submit_read(picture)


def test_a_code_that_the_platform_refuses_says_why(stage):
    made = make(stage)
    stage.world.chaos({"api": WAY, "errcode": 41054})
    row = stage.deliver(newest(stage).id)
    assert (row.status, row.errcode) == (OutboxStatus.NOT_SENT, 41054)
    assert (code(stage, made).status, code(stage, made).reason) == (EntryCodeStatus.FAILED, row.reason)


def test_a_list_of_contact_ways_that_is_not_read_to_its_end_proves_nothing_B12(stage):
    make(stage)
    stage.world.chaos({"api": WAY, "reset": "after", "times": 1})
    row = stage.deliver(newest(stage).id)
    stage.world.chaos({"api": "externalcontact/list_contact_way", "errcode": -1})
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "还不清楚 1"
    assert stage.row(row.id).status == OutboxStatus.UNKNOWN
    stage.world.chaos()
    stage.clock.move(seconds=30)
    assert recovery.ask(stage.runtime, stage.now) == "查实已送达 1"


def test_asking_stops_while_the_platform_is_closed(stage):
    make(stage)
    stage.world.chaos({"api": WAY, "reset": "after", "times": 1})
    row = stage.deliver(newest(stage).id)
    stage.world.chaos({"api": "externalcontact/list_contact_way", "errcode": 45009})
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == ""
    assert stage.row(row.id).asked_at is None


def test_a_refused_change_of_a_stores_code_is_tried_again_until_it_is_made(stage):
    made = make(stage, store=stage.cast.zhongjie)
    stage.deliver(newest(stage).id)
    stage.world.change_member("gaomin", status=4)
    with stage.db.write() as session:
        session.get_one(Guide, stage.cast.zhao.id).leave("sync", stage.now)
        entry_code_users.refresh_users(session, stage.cast.zhongjie.id, stage.now)
    assert stage.deliver(newest(stage).id).status == OutboxStatus.NOT_SENT and code(stage, made).reason
    stage.world.change_member("gaomin", status=1)
    stage.clock.move(hours=24)
    for changed in (True, False):
        with stage.db.write() as session:
            assert bool(entry_code_users.refresh_users(session, stage.cast.zhongjie.id, stage.now)) is changed
        stage.deliver(newest(stage).id)
    assert sorted(stage.world.people_behind(code(stage, made).state)) == ["gaomin", "wangfang"]
    assert code(stage, made).reason == ""


def die_before_the_call(stage, *row_ids: int) -> None:
    """The requests were written down, and then their process died."""
    for row_id in row_ids:
        row = stage.db.run(lambda session, row_id=row_id: lease.claim(session, row_id, stage.now))
        stage.db.run(lambda session, row=row: lease.write_request(session, row, {"state": "s"}, stage.now))
    stage.clock.move(seconds=lease.LEASE_SECONDS + 1)
    recovery.lapse(stage.runtime, stage.now)
    assert {stage.row(row_id).status for row_id in row_ids} == {OutboxStatus.UNKNOWN}


def test_a_change_whose_call_was_lost_is_made_again(stage):
    """That the code exists says nothing about the change; to make it once more changes nothing."""
    made = make(stage, store=stage.cast.zhongjie)
    stage.deliver(newest(stage).id)
    with stage.db.write() as session:
        session.get_one(Guide, stage.cast.zhao.id).leave("sync", stage.now)
        entry_code_users.refresh_users(session, stage.cast.zhongjie.id, stage.now)
    lost = newest(stage)
    die_before_the_call(stage, lost.id)
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "查实没送达已重排 1"
    assert stage.deliver(lost.id).status == OutboxStatus.SENT
    assert sorted(stage.world.people_behind(code(stage, made).state)) == ["gaomin", "wangfang"]


def test_codes_that_are_known_are_not_looked_at_to_find_a_lost_one(stage):
    make(stage)
    stage.deliver(newest(stage).id)
    make(stage, store=stage.cast.zhongjie)
    stage.world.chaos({"api": WAY, "reset": "after", "times": 1})
    stage.deliver(newest(stage).id)
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "查实已送达 1"
    assert len(stage.calls("externalcontact/get_contact_way")) == 1


def test_one_guide_without_the_feature_keeps_no_other_from_her_code(stage):
    stage.world.change_member("wangfang", contact_feature=False)
    made = make(stage), make(stage, store=stage.cast.zhongjie)
    with stage.db.write() as session:
        hers = entry_codes.make_for_guide(session, session.get_one(Guide, stage.cast.zhou.id), stage.now)
    for row in stage.rows(channel="contact_way"):
        stage.deliver(row.id)
    assert code(stage, hers.id).status == EntryCodeStatus.READY
    assert code(stage, made[0]).status == EntryCodeStatus.FAILED and "客户联系" in code(stage, made[0]).reason


def test_a_closed_list_of_codes_keeps_no_other_channel_from_being_asked(stage):
    make(stage)
    dead = stage.put("mass_cancel", payload={"msgid": "msgX"})
    die_before_the_call(stage, newest(stage).id, dead)
    stage.world.chaos({"api": "externalcontact/list_contact_way", "errcode": 48002})
    stage.clock.move(seconds=11)
    recovery.ask(stage.runtime, stage.now)
    assert stage.row(newest(stage).id).asked_at is None and stage.row(dead).asked_at


def test_a_call_that_nobody_can_ask_about_keeps_no_other_from_being_asked_about(stage, caplog):
    make(stage)
    odd = stage.put("mass_cancel", payload={})  # no msgid: nobody writes such a row
    die_before_the_call(stage, odd, newest(stage).id)
    stage.clock.move(seconds=11)
    assert recovery.ask(stage.runtime, stage.now) == "查实没送达已重排 1，还不清楚 1"
    assert (stage.row(odd).status, stage.row(odd).reason) == (OutboxStatus.UNKNOWN, "平台的回答看不懂")
    assert stage.row(odd).asked_at and f"outbox {odd} (mass_cancel): KeyError" in caplog.text
