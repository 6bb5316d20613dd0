"""Comparing with the directory: who came and who left is found, and nobody goes or comes back by a broken list."""

import pytest
from sqlmodel import select

from models.org import Guide, directory, removal_guard
from scheduler.jobs import sync_directory
from tests import cast


def guides(stage) -> dict[str, Guide]:
    with stage.db.read() as session:
        return {guide.userid: guide for guide in session.exec(select(Guide))}


def hire(stage, userid: str, name: str, *departments: int, **more) -> None:
    where = list(departments) or [cast.ZHONGJIE.department]
    stage.world.post(
        "/control/members", {"add": {"userid": userid, "name": name, "department": where, **more}}
    )


@pytest.fixture(params=["app", "directory secret"])
def either(stage, request):
    """With the app's own secret, and with the directory-sync secret."""
    if request.param != "app":
        stage.runtime.contacts = stage.contacts()
    return stage


def test_the_directory_tells_who_came_and_who_left(either):
    stage = either
    hire(stage, "sunli", "孙丽")
    stage.world.leave("zhaoqian")
    words = sync_directory.compare(stage.runtime, stage.now)
    assert "新来 1 位" in words and "离开 1 位" in words
    found = guides(stage)
    assert (found["sunli"].name, found["sunli"].store_id) == ("孙丽", stage.cast.zhongjie.id)
    assert (found["zhaoqian"].status, found["zhaoqian"].left_how) == ("left", "sync")
    assert found["wangfang"].name == "王芳"


@pytest.mark.parametrize("broken", [{"errcode": -1}, {"html": 502}, {"reset": "before"}])
def test_a_directory_that_was_not_read_to_its_end_makes_nobody_leave_B12(either, broken):
    stage = either
    stage.world.leave("zhaoqian")
    api = "user/list_id" if stage.runtime.contacts else "user/list"
    stage.world.chaos({"api": api} | broken)
    assert "没有读全" in sync_directory.compare(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}


def test_a_directory_that_suddenly_lists_nobody_waits_for_a_person_B13(stage):
    for userid in (cast.WANG, cast.ZHAO, cast.GAO, cast.ZHOU):
        stage.world.leave(userid)
    assert "先没有照做" in sync_directory.compare(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}


def say_yes(stage, plan) -> None:
    with stage.db.write() as session:
        removal_guard.confirm(
            session, plan, removal_guard.mark_of(removal_guard.waiting(session, plan)), "周岚", stage.now
        )


def still_held(stage) -> list[str]:
    with stage.db.read() as session:
        return [one.plan for one in removal_guard.waiting(session)]


def test_hq_s_yes_lets_the_held_guides_go_once_and_names_who_said_so_B13(stage):
    for userid in (cast.WANG, cast.ZHAO, cast.GAO, cast.ZHOU):
        stage.world.leave(userid)
    sync_directory.compare(stage.runtime, stage.now)
    say_yes(stage, "directory")
    assert "离开 4 位，回来 0 位（周岚确认过）" in sync_directory.compare(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"left"}
    assert still_held(stage) == []


def test_a_yes_is_no_yes_to_a_list_that_changed_or_broke_meanwhile_B13(stage):
    for userid in (cast.WANG, cast.ZHAO, cast.GAO):
        stage.world.leave(userid)
    sync_directory.compare(stage.runtime, stage.now)
    say_yes(stage, "directory")
    stage.world.leave(cast.ZHOU)
    assert "先没有照做" in sync_directory.compare(stage.runtime, stage.now)
    say_yes(stage, "directory")
    stage.world.chaos({"api": "user/list", "errcode": -1})
    assert "没有读全" in sync_directory.compare(stage.runtime, stage.now)
    stage.world.chaos()
    assert "先没有照做" in sync_directory.compare(stage.runtime, stage.now)
    assert {guide.status for guide in guides(stage).values()} == {"active"}
    assert still_held(stage) == ["directory"]


@pytest.fixture
def by_secret(sqlite_stage):
    """With the directory-sync secret, which lists also who is disabled or out of the app's sight."""
    sqlite_stage.runtime.contacts = sqlite_stage.contacts()
    return sqlite_stage


def test_who_left_by_day_does_not_come_back_by_night_while_the_directory_still_lists_her(by_secret):
    stage = by_secret
    stage.world.change_member(cast.ZHAO, visible=False)
    stage.world.change_member(cast.GAO, status=2)
    with stage.db.write() as session:
        directory.gone(session, cast.ZHAO, "unsubscribe", stage.now)
        directory.gone(session, cast.GAO, "change_contact", stage.now)
    stage.clock.move(hours=12)
    assert "回来 0 位" in sync_directory.compare(stage.runtime, stage.now)
    stage.world.change_member(cast.ZHAO, visible=True)
    stage.clock.move(hours=12)
    assert "回来 1 位" in sync_directory.compare(stage.runtime, stage.now)
    assert {userid for userid, guide in guides(stage).items() if not guide.present} == {cast.GAO}


def test_somebody_new_whom_the_app_may_not_see_is_no_guide(by_secret):
    hire(by_secret, "sunli", "孙丽", visible=False)
    assert "新来 0 位" in sync_directory.compare(by_secret.runtime, by_secret.now)
    assert "sunli" not in guides(by_secret)


def test_headquarters_do_not_use_up_the_look_ups_of_new_guides(by_secret, monkeypatch):
    monkeypatch.setattr(sync_directory, "LOOK_UPS", 2)
    for userid, department in (("aahq1", 1), ("aahq2", 1), ("sunli", cast.ZHONGJIE.department)):
        hire(by_secret, userid, f"{userid}的名字", department)
    sync_directory.compare(by_secret.runtime, by_secret.now)
    assert guides(by_secret)["sunli"].name == "sunli的名字"


def test_who_left_stays_away_while_others_are_looked_up_first(by_secret, monkeypatch):
    monkeypatch.setattr(sync_directory, "LOOK_UPS", 0)
    with by_secret.db.write() as session:
        directory.gone(session, cast.GAO, "change_contact", by_secret.now)
    by_secret.clock.move(hours=12)
    assert "回来 0 位" in sync_directory.compare(by_secret.runtime, by_secret.now)


def test_the_night_reads_departments_main_department_and_leaders_as_events_do(either):
    """A department inside a store's, two departments with a main one, and who leads another one."""
    stage, here, there = either, cast.ZHONGJIE.department, cast.TAIYUANJIE.department
    stage.world.post("/control/departments", {"add": {"id": 2101, "name": "中街二组", "parentid": here}})
    hire(stage, "sunli", "孙丽", 2101)
    hire(stage, "heping", "何平", here, there, main_department=there, leads=[here])
    stage.world.change_member(cast.ZHAO, department=[1, here], leads=[1])
    sync_directory.compare(stage.runtime, stage.now)
    found, stores = guides(stage), (stage.cast.zhongjie.id, stage.cast.taiyuanjie.id)
    assert [found[one].store_id for one in ("sunli", "heping", cast.ZHAO)] == [
        stores[0],
        stores[1],
        stores[0],
    ]
    assert not any(found[one].is_manager for one in ("sunli", "heping", cast.ZHAO))
    stage.clock.move(hours=24)
    stage.world.post("/control/departments", {"move": {"id": 2101, "parentid": there}})
    sync_directory.compare(stage.runtime, stage.now)
    assert guides(stage)["sunli"].store_id == stores[1]
