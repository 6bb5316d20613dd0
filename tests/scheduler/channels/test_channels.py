"""The ways out: what each writes, what it refuses beforehand, and what the nouns learn."""

from pathlib import Path

import pytest
from sqlmodel import select

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.groups import Group, GroupKind, robots
from models.groups.robots import Robot
from models.ledger import lease
from models.ledger.channels import ASK, CHANNELS
from models.ledger.outbox import OutboxStatus
from models.org import Guide, Store
from posters.code import read_code
from scheduler import channels, jobs
from scheduler.channels import SENDERS
from scheduler.channels.base import STILL_UNKNOWN, NotYet, Plain
from scheduler.queue import recovery
from tests.wecom_world import WEBHOOK
from wecom.endpoints import ENDPOINTS

WAY = "externalcontact/add_contact_way"
PICTURES = "qr"


def test_every_channel_has_its_sender_and_every_sender_its_channel():
    assert all(name == one.name == SENDERS[name].name for name, one in CHANNELS.items())
    modules = {
        path.stem for path in Path(channels.__file__).parent.glob("*.py") if "SENDER" in path.read_text()
    }
    assert modules - {"__init__", "base"} == set(CHANNELS) == set(SENDERS)


def test_channels_name_an_api_that_exists_so_that_its_closed_window_is_seen():
    named = {api for one in CHANNELS.values() for api in (one.api, one.update_api) if api}
    assert named <= set(ENDPOINTS)


def test_who_says_that_it_can_be_asked_can_be_asked():
    for name, one in CHANNELS.items():
        asks = type(SENDERS[name]).ask is not Plain.ask
        assert asks == (one.on_unknown == ASK), name
    assert Plain().ask(None, None, None) is STILL_UNKNOWN


# ---- entry codes


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
        entry_codes.refresh_users(session, stage.cast.zhongjie.id, stage.now)
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
    assert jobs.make_codes(stage.runtime, stage.now).endswith("申请渠道码 3")  # the other guides' codes
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


def test_a_list_of_contact_ways_that_is_not_read_to_its_end_proves_nothing(stage):
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
        entry_codes.refresh_users(session, stage.cast.zhongjie.id, stage.now)
    assert stage.deliver(newest(stage).id).status == OutboxStatus.NOT_SENT and code(stage, made).reason
    stage.world.change_member("gaomin", status=1)
    stage.clock.move(hours=24)
    for changed in (True, False):
        with stage.db.write() as session:
            assert bool(entry_codes.refresh_users(session, stage.cast.zhongjie.id, stage.now)) is changed
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
        entry_codes.refresh_users(session, stage.cast.zhongjie.id, stage.now)
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


# ---- robots


def post(stage, group: int, **payload):
    return stage.deliver(stage.put("robot", group_id=group, payload=payload))


def robot(stage) -> Robot:
    with stage.db.read() as session:
        return session.exec(select(Robot)).one()


def test_a_robot_posts_text_with_mentions_and_markdown(stage):
    group = stage.robot()
    assert post(stage, group, text="今晚有雪", mention=["@all"]).status == OutboxStatus.SENT
    assert post(stage, group, markdown="**今晚有雪**").status == OutboxStatus.SENT
    rows = stage.world.ledger("robot")
    assert [row["what"]["msgtype"] for row in rows] == ["text", "markdown"]
    assert "@all" in str(rows[0]["what"])


def test_the_robots_key_is_in_no_row(stage):
    group = stage.robot()
    row = post(stage, group, text="今晚有雪")
    with stage.db.read() as session:
        key = stage.runtime.encryption.decrypt(session.exec(select(Robot)).one().sealed_key)
    assert key not in f"{row.request} {row.payload} {row.answer} {row.reason}"


def test_a_robot_that_was_removed_is_disabled_with_words_H11(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    row = post(stage, group, text="今晚有雪")
    assert (row.status, row.errcode) == (OutboxStatus.NOT_SENT, 93000)
    assert (robot(stage).status, robot(stage).reason) == ("disabled", row.reason)
    again = post(stage, group, text="明晚也有雪")
    assert (again.status, "没有可用的机器人" in again.reason) == (OutboxStatus.NOT_SENT, True)
    assert len(stage.calls("webhook/send")) == 1


def replace_robot(stage, group: int) -> None:
    """HQ takes the only robot out of a group and puts another one in."""
    with stage.db.write() as session:
        robots.disable(session, session.exec(select(Robot)).one(), "换成新的")
        shop, encryption = session.get_one(Group, group), stage.runtime.encryption
        robots.add(session, shop, name="新的", key=WEBHOOK, encryption=encryption, who="周岚", now=stage.now)


class Slow:
    """Robots, in a shop whose robot is replaced while the first post is out."""

    def __init__(self, stage, group: int) -> None:
        self.stage, self.group, self.robots = stage, group, stage.runtime.robots

    def send(self, key: str, message: dict) -> dict:
        self.stage.runtime.robots = self.robots
        replace_robot(self.stage, self.group)
        return self.robots.send(key, message)


def test_a_dead_robots_late_post_leaves_the_robot_that_replaced_it_alone_H11(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    stage.runtime.robots = Slow(stage, group)
    late = post(stage, group, text="今晚有雪")
    assert (late.status, late.errcode) == (OutboxStatus.NOT_SENT, 93000)
    with stage.db.read() as session:
        assert dict(session.exec(select(Robot.name, Robot.status)).all()) == {
            "总部播报": "disabled",
            "新的": "active",
        }
    assert post(stage, group, text="明晚也有雪").status == OutboxStatus.SENT
    assert late.request == {"msgtype": "text", "text": {"content": "今晚有雪"}} and late.notes["robot"]


def test_a_robot_that_is_replaced_just_before_a_post_leaves_is_not_used_any_more(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    row = stage.row(stage.put("robot", group_id=group, payload={"text": "今晚有雪"}))
    robot_sender = SENDERS["robot"]
    with stage.db.read() as session:
        draft = robot_sender.build(stage.runtime, session, row, stage.now)
    row.notes = draft.notes
    replace_robot(stage, group)
    with pytest.raises(NotYet):
        robot_sender.send(stage.runtime, row, draft.request)
    assert stage.calls("webhook/send") == []
    assert stage.deliver(row.id).status == OutboxStatus.SENT


def test_a_robot_over_its_rate_waits_and_the_others_do_not_B02(stage):
    """45009 closes that robot's window, not everybody's."""
    group, other = stage.robot(), stage.robot("88888888-0000-0000-0000-000000000000")
    stage.world.chaos({"api": "webhook/send", "errcode": 45009, "times": 1})
    row = post(stage, group, text="一")
    assert (row.status, row.attempts) == (OutboxStatus.QUEUED, 0)
    assert post(stage, group, text="二").status == OutboxStatus.QUEUED
    assert post(stage, other, text="三").errcode == 93000
    stage.clock.move(seconds=62)
    assert stage.deliver(row.id).status == OutboxStatus.SENT


def test_a_customer_group_takes_no_robot(stage):
    group = stage.robot()
    with stage.db.write() as session:
        session.get_one(Group, group).kind = GroupKind.CUSTOMER
    assert "客户群里不能放机器人" in post(stage, group, text="今晚有雪").reason
    assert stage.calls("webhook/send") == []


def test_a_post_longer_than_a_robot_takes_is_refused_in_bytes(sqlite_stage):
    row = post(sqlite_stage, sqlite_stage.robot(), text="雪" * 700)
    assert row.status == OutboxStatus.NOT_SENT
    assert "字节" in row.reason


def test_a_key_sealed_with_another_secret_is_said_and_nothing_leaves(sqlite_stage):
    stage = sqlite_stage
    group = stage.robot()
    with stage.db.write() as session:
        session.exec(select(Robot)).one().sealed_key = "gAAAA-not-ours"
    assert "重新填写" in post(stage, group, text="今晚有雪").reason


def test_a_robots_lost_answer_is_never_repeated(stage):
    group = stage.robot()
    stage.world.chaos({"api": "webhook/send", "reset": "after", "times": 1})
    row = post(stage, group, text="今晚有雪")
    assert row.status == OutboxStatus.UNKNOWN
    stage.clock.move(minutes=5)
    recovery.lapse(stage.runtime, stage.now)
    assert stage.deliver(row.id).status == OutboxStatus.UNKNOWN
    assert len(stage.world.ledger("robot")) == 1


# ---- notices


def test_a_notice_to_somebody_who_is_no_guide(stage):
    row_id = stage.put("notice", payload={"text": "对账刹车了", "userid": "gaomin"})
    assert stage.deliver(row_id).status == OutboxStatus.SENT
    assert stage.world.ledger("notice")[0]["who"] == "gaomin"


def test_a_notice_to_nobody_is_refused(sqlite_stage):
    assert (
        sqlite_stage.deliver(sqlite_stage.put("notice", payload={"text": "您好"})).reason == "没有写明发给谁"
    )


def test_the_thirty_first_line_of_a_minute_waits_instead_of_being_dropped_silently(sqlite_stage):
    stage = sqlite_stage
    stage.clock.stop()
    rows = [stage.deliver(stage.notice(f"第 {n} 条")) for n in range(31)]
    assert [row.status for row in rows].count(OutboxStatus.SENT) == 30
    assert rows[-1].status == OutboxStatus.QUEUED
    assert "每分钟最多" in rows[-1].reason
    assert len(stage.world.ledger("notice")) == 30
    assert stage.world.ledger("dropped") == []


@pytest.mark.parametrize("text", ["", "好" * 683])
def test_an_empty_or_too_long_notice_is_refused_beforehand(sqlite_stage, text):
    row = sqlite_stage.deliver(sqlite_stage.notice(text))
    assert (row.status, row.request) == (OutboxStatus.NOT_SENT, None)
    assert CHANNELS["notice"].label == "应用消息"
