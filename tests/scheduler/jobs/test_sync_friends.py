"""Comparing friends with the platform: what events did not tell is found, and nobody disappears by a broken list."""

from datetime import timedelta

from limits import RateLimitItemPerSecond
from sqlmodel import select

from models.friends import Customer, Friend, LostHow, friendship
from models.org import Guide
from models.preferences import Preference
from scheduler.jobs import sync_friends
from tests import cast
from tests.cast import CHEN, LIN, WANG, XU
from tests.scheduler.conftest import scripted_platform
from tests.scheduler.jobs.test_sync_directory import say_yes, still_held
from tests.wecom.fake_platform import OK
from wecom.rate_limits import RATES

LIST = "externalcontact/list"


def friends(stage, userid: str) -> dict[str, str]:
    with stage.db.read() as session:
        rows = session.exec(
            select(Customer.external_userid, Friend.status)
            .join(Friend, Friend.customer_id == Customer.id)
            .join(Guide, Guide.id == Friend.owner_id)
            .where(Guide.userid == userid)
        )
        return dict(rows.all())


def test_friends_missing_in_numbers_wait_for_a_yes_to_their_guide_s_list_B13(stage):
    with stage.db.write() as session:
        wang = session.get_one(Guide, stage.cast.wang.id)
        for number in range(8):
            cast.befriend(session, wang, f"wmGONE{number}")
    assert "王芳：8 位好友里一下少了 8 位，先没有照做" in sync_friends.friend_lists(stage.runtime, stage.now)
    assert set(friends(stage, "wangfang").values()) == {"friend"}
    assert still_held(stage) == ["friends"]
    say_yes(stage, "friends")
    words = sync_friends.friend_lists(stage.runtime, stage.now)
    assert "不再是好友 8 位" in words
    assert "王芳少了 8 位（周岚确认过）" in words
    assert friends(stage, "wangfang")["wmGONE1"] == "lost"
    assert still_held(stage) == []


def test_friends_that_no_event_told_of_are_found_and_lost_ones_are_seen(stage):
    with stage.db.write() as session:
        cast.befriend(session, session.get_one(Guide, stage.cast.wang.id), "wmGONE")
    words = sync_friends.friend_lists(stage.runtime, stage.now)
    assert "补上 5 位" in words
    assert friends(stage, "wangfang") == {XU: "friend", LIN: "friend", "wmGONE": "lost"}
    assert friends(stage, "zhoumei") == {CHEN: "friend"}
    assert "补上 0 位" in sync_friends.friend_lists(stage.runtime, stage.now)


def test_friends_whose_list_could_not_be_read_stay_B12(stage):
    sync_friends.friend_lists(stage.runtime, stage.now)
    stage.world.chaos({"api": LIST, "errcode": -1})
    assert "4 位没有读到，好友不变" in sync_friends.friend_lists(stage.runtime, stage.now)
    assert friends(stage, "wangfang") == {XU: "friend", LIN: "friend"}


def test_a_guide_whose_list_is_odd_counts_as_unread_and_the_others_go_on(stage, caplog):
    lists = {"wangfang": 7, "zhaoqian": [XU, "wm" * 40], "zhoumei": [CHEN]}
    with scripted_platform(stage) as platform:
        platform.on(LIST, lambda seen: {**OK, "external_userid": lists.get(seen.query["userid"], [])})
        words = sync_friends.friend_lists(stage.runtime, stage.now)
    assert words == "核对 3 位导购的好友，补上 2 位，不再是好友 0 位。1 位没有读到，好友不变"
    assert [friends(stage, userid) for userid in lists] == [{}, {XU: "friend"}, {CHEN: "friend"}]
    assert f"friends of guide {stage.cast.wang.id}: TypeError" in caplog.text


def test_a_closed_window_ends_the_run_and_the_next_one_goes_on(stage):
    stage.world.chaos({"api": LIST, "errcode": 45009, "times": 1})
    sync_friends.friend_lists(stage.runtime, stage.now)
    assert len(stage.calls(LIST)) == 1
    assert friends(stage, "wangfang") == {}


def test_a_round_that_its_own_rate_cut_goes_on_where_it_was(stage, monkeypatch):
    monkeypatch.setitem(RATES, "sync", (RateLimitItemPerSecond(3, 61, namespace="onetap"),))
    assert "先停在这里" in sync_friends.friend_lists(stage.runtime, stage.now)
    assert len(stage.calls(LIST)) == 3
    stage.clock.move(minutes=2)
    assert "核对 4 位导购的好友，补上 5 位" in sync_friends.go_on(stage.runtime, stage.now)
    assert len(stage.calls(LIST)) == 4, "those before are not read again"
    assert sync_friends.go_on(stage.runtime, stage.now) == ""


def test_a_round_that_somebody_is_at_is_not_begun_twice(stage):
    kept = sync_friends.SyncRound(stage.now, stage.now)
    with stage.db.write() as session:
        sync_friends._keep(session, kept)
    assert sync_friends.friend_lists(stage.runtime, stage.now) == "正在核对，不用再开始"
    assert sync_friends.go_on(stage.runtime, stage.now) == ""
    later = stage.now + timedelta(hours=21)
    assert "核对 4 位" in sync_friends.friend_lists(stage.runtime, later)
    with stage.db.read() as session:
        assert session.get(Preference, sync_friends.KEY) is None


def test_a_customer_who_came_back_without_an_event_is_found(stage):
    sync_friends.friend_lists(stage.runtime, stage.now)
    stage.world.chaos(callbacks={"drop": 1.0})
    stage.world.post(f"/phone/customer/{XU}/delete", {"userid": WANG})
    with stage.db.write() as session:
        friendship.lost(session, WANG, XU, LostHow.CUSTOMER, stage.now, stage.now)
    assert "补上 0 位" in sync_friends.friend_lists(stage.runtime, stage.now)
    assert friends(stage, WANG)[XU] == "lost", "the platform lists her all the same"
    stage.world.advance(60)
    way = stage.world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": [WANG]})
    stage.world.scan(XU, way["config_id"])
    assert "1 位删过又回来的" in sync_friends.friend_lists(stage.runtime, stage.now + timedelta(minutes=2))
    assert friends(stage, WANG)[XU] == "friend"


def test_more_than_a_page_of_doubtful_ones_is_read_page_by_page_not_one_by_one(sqlite_stage):
    stage, began = sqlite_stage, int(sqlite_stage.now.timestamp())
    names = [f"wmBACK{number:03}" for number in range(sync_friends.A_PAGE + 20)]
    ended = stage.now - timedelta(days=1)
    with stage.db.write() as session:
        wang = session.get_one(Guide, stage.cast.wang.id)
        for one in names:
            friend = cast.befriend(session, wang, one)
            friend.status, friend.lost_how = "lost", LostHow.CUSTOMER
            friend.lost_at = friend.changed_at = ended

    def page(seen):
        here = names[100:] if seen.json.get("cursor") else names[:100]
        rows = [
            {"external_contact": {"external_userid": one}, "follow_info": {"createtime": began - 60}}
            for one in here[:-1]
        ]
        odd = {"external_contact": {"external_userid": here[-1]}, "follow_info": {"createtime": 10**18}}
        return {
            **OK,
            "external_contact_list": [*rows, odd],
            "next_cursor": "" if here[0] == names[100] else "2",
        }

    with scripted_platform(stage) as platform:
        platform.on(
            LIST, lambda seen: {**OK, "external_userid": names if seen.query["userid"] == WANG else []}
        )
        platform.on(sync_friends.MANY, page)
        words = sync_friends.friend_lists(stage.runtime, stage.now)
        assert (platform.count(sync_friends.MANY), platform.count(sync_friends.ONE)) == (2, 0)
    assert "118 位删过又回来的" in words
    assert [friends(stage, WANG)[names[place]] for place in (0, 99, 118, 119)] == ["friend", "lost"] * 2
