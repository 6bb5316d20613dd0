"""Guides agree with the directory, and nobody is dismissed by a mistake of a list."""

import time
from datetime import timedelta

import pytest

from models import org
from models.db import Database
from models.org import directory
from models.org.directory import Member
from tests import cast
from tests.cast import NOW, TAIYUANJIE, WANG, ZHONGJIE, yes_to
from tests.conftest import fresh_database
from tests.wecom.failures import at_once


@pytest.fixture
def sync(database, people):
    def apply(members, complete=True, **more):
        with database.write() as session:
            return directory.apply_directory(session, members, complete, NOW, **more)

    return apply


def everybody(*, without=()):
    return [
        Member(userid, cast.NAMES[userid], (store.department,))
        for userid, store in cast.WORKS_IN.items()
        if userid not in without
    ]


def test_an_equal_directory_changes_nothing(sync, guide):
    change = sync(everybody())
    assert (change.added, change.changed, change.left, change.back) == (0, 0, 0, 0)
    assert guide().synced_at == NOW


def test_new_members_of_stores_become_guides_and_others_do_not(sync, guide, people):
    change = sync(
        [*everybody(), Member("hexiaowen", "何晓雯", (ZHONGJIE.department,)), Member("zhoulan", "周岚", (1,))]
    )
    assert change.added == 1
    assert guide("hexiaowen").store_id == people.zhongjie.id
    assert guide("zhoulan") is None


def test_a_sub_department_belongs_to_the_store_above_it(sync, guide, people):
    parents = {111: ZHONGJIE.department, ZHONGJIE.department: 10, 10: 1, 77: 78, 78: 77}
    change = sync([*everybody(), Member("he", "何", (111,)), Member("loop", "圈", (77,))], parents=parents)
    assert change.added == 1
    assert guide("he").store_id == people.zhongjie.id


def test_a_member_listed_once_per_department_is_one_guide(sync, guide):
    change = sync(
        [*everybody(), Member("HE", "何", (1,)), Member("he", "", (ZHONGJIE.department,)), *everybody()]
    )
    assert change.added == 1
    assert guide("he").userid == "HE"


def test_a_move_a_new_name_and_a_promotion_are_learnt(sync, guide, people):
    moved = Member(WANG.upper(), "王芳芳", (TAIYUANJIE.department,), leads=(True,))
    assert sync([*everybody(without=[WANG]), moved]).changed == 1
    found = guide()
    assert (found.name, found.store_id, found.is_manager) == ("王芳芳", people.taiyuanjie.id, True)


def test_leaving_the_stores_department_leaves_the_store(sync, guide):
    sync([*everybody(without=[WANG]), Member(WANG, "", (1,))])
    assert (guide().store_id, guide().present, guide().name) == (None, True, "王芳")


def test_a_store_without_a_department_keeps_its_imported_guides(sync, guide, database, people):
    with database.write() as session:
        session.get_one(org.Store, people.zhongjie.id).department_id = None
    sync([*everybody(without=[WANG]), Member(WANG, "", (1,))])
    assert guide().store_id == people.zhongjie.id


def test_a_guide_missing_from_a_complete_directory_left(sync, guide):
    assert sync(everybody(without=[cast.ZHOU])).left == 1
    assert (guide(cast.ZHOU).status, guide(cast.ZHOU).left_how) == ("left", "sync")
    assert sync(everybody()).back == 1
    assert guide(cast.ZHOU).present


def test_a_disabled_member_counts_as_missing(sync, guide):
    sync([*everybody(without=[cast.ZHOU]), Member(cast.ZHOU, "周梅", (TAIYUANJIE.department,), active=False)])
    assert not guide(cast.ZHOU).present


def test_an_incomplete_directory_never_dismisses_B12(sync, guide):
    change = sync(everybody(without=[WANG]), complete=False)
    assert (change.left, guide().present) == (0, True)
    assert "没有读全" in change.words


@pytest.mark.parametrize(
    "listed", [[], [Member("zhoulan", "周岚", (1,))], everybody(without=[WANG, cast.ZHAO, cast.GAO])]
)
def test_a_directory_that_suddenly_misses_many_waits_for_a_person_B13(sync, guide, listed, database):
    change = sync(listed)
    assert change.left == 0
    assert "先没有照做" in change.guarded and "由总部确认" in change.guarded
    assert guide().present
    assert sync(listed, confirmed=yes_to(database, change.missing)).left >= 3


def test_a_yes_counts_for_the_very_people_who_were_missing_and_for_no_broken_list_B13(sync, guide, database):
    held = sync([])
    assert (
        sync(everybody(without=[WANG, cast.ZHAO, cast.GAO]), confirmed=yes_to(database, held.missing)).left
        == 0
    )
    assert sync([], complete=False, confirmed=yes_to(database, held.missing)).left == 0
    assert guide().present
    assert (sync([], confirmed=yes_to(database, held.missing)).left, guide().left_how) == (4, "sync")


def test_the_removal_guard_is_the_brands_choice(sync, guide, database, people):
    with database.write() as session:
        for number in range(16):
            cast.add(session, cast.guide(f"g{number:02}", people.zhongjie, NOW - timedelta(days=1)))
    listed = [*everybody(), *(Member(f"g{number:02}", "", (ZHONGJIE.department,)) for number in range(13))]
    assert sync(listed, removal_guard_percent=10).guarded
    assert sync(listed, removal_guard_percent=20).left == 3


def test_who_came_or_left_while_the_list_was_read_stays_so(sync, guide, database):
    at = NOW + timedelta(minutes=1)
    with database.write() as session:
        directory.joined(session, Member("hexiaowen", "何晓雯", (ZHONGJIE.department,)), at)
        directory.gone(session, WANG, "change_contact", at)
    change = sync(everybody())
    assert (change.added, change.changed, change.left, change.back) == (0, 0, 0, 0)
    assert guide("hexiaowen").present
    assert (guide().left_at, guide().left_how) == (at, "change_contact")


def test_the_first_word_about_leaving_counts(database, guide, people):
    with database.write() as session:
        assert directory.gone(session, WANG.upper(), "platform_60111", NOW)
        assert not directory.gone(session, WANG, "sync", NOW + timedelta(hours=1))
        assert not directory.gone(session, "stranger", "sync", NOW)
    assert (guide().left_how, guide().left_at) == ("platform_60111", NOW)


def test_word_from_before_she_joined_does_not_end_her_job(database, guide, people):
    with database.write() as session:
        assert not directory.gone(session, WANG, "change_contact", NOW - timedelta(days=300))
    assert guide().present


def test_the_main_department_decides_and_the_store_that_she_leads_is_hers(sync, guide, people):
    both = (ZHONGJIE.department, TAIYUANJIE.department)
    moved = Member(WANG, "", both, main_department=TAIYUANJIE.department, leads=(False, True))
    other = Member(cast.ZHAO, "", both, leads=(False, True))
    sync([*everybody(without=[WANG, cast.ZHAO]), moved, other])
    assert (guide().store_id, guide().is_manager) == (people.taiyuanjie.id, True)
    assert (guide(cast.ZHAO).store_id, guide(cast.ZHAO).is_manager) == (people.zhongjie.id, False)


def test_word_from_before_the_comparison_changes_nothing_A05(sync, guide, database, people):
    """Also where the comparison found everything as it was."""
    sync(everybody())
    sync(everybody())
    old = Member(WANG, "王小芳", (TAIYUANJIE.department,), leads=(True,), active=False)
    with database.write() as session:
        directory.joined(session, old, NOW - timedelta(seconds=1))
    assert (guide().name, guide().store_id, guide().is_manager, guide().present) == (
        "王芳",
        people.zhongjie.id,
        False,
        True,
    )


def test_a_list_that_tells_no_names_is_no_word_on_them_A05(sync, guide, database):
    sync([Member(one.userid, "", one.departments) for one in everybody()], fully=False)
    with database.write() as session:
        directory.joined(session, Member(WANG, "王小芳"), NOW - timedelta(seconds=1))
    assert guide().name == "王小芳"


def test_a_department_that_moves_takes_its_guides_along(database, guide, people):
    with database.write() as session:
        directory.joined(session, Member("hexiaowen", "何晓雯", (111,)), NOW)
        assert directory.department_moved(session, 112, 1, NOW) == {}
        assert directory.department_moved(session, 111, ZHONGJIE.department, NOW) == {
            org.find_guide(session, "hexiaowen").id: None
        }
        assert directory.department_moved(session, 111, 1, NOW - timedelta(seconds=1)) is None
    assert (guide("hexiaowen").store_id, guide("hexiaowen").name) == (people.zhongjie.id, "何晓雯")


def test_an_event_that_adds_somebody_during_the_comparison_does_not_undo_it(request, tmp_path):
    """Two transactions, one newcomer: on PostgreSQL they run side by side."""
    with fresh_database(request, "postgres", tmp_path) as url:
        change, present = compared_while_she_comes(Database(url))
    assert (change.added, change.left) == (1, 0)
    assert present == [True, True]


def compared_while_she_comes(database):
    with database.write() as session:
        cast.play(session)

    def listed():
        with database.write() as other:
            directory.joined(other, Member("liumei", "刘梅", (ZHONGJIE.department,)), NOW)
        newcomers = (("liumei", "刘梅"), ("sunli", "孙丽"))
        yield from [*everybody(), *(Member(*who, (ZHONGJIE.department,)) for who in newcomers)]

    with database.write() as session:
        change = directory.apply_directory(session, listed(), True, NOW)
    with database.read() as session:
        present = [org.find_guide(session, userid).present for userid in ("liumei", "sunli")]
    database.close()
    return change, present


def test_a_member_and_her_department_told_at_the_same_moment_see_each_other(request, tmp_path):
    """Two transactions: on PostgreSQL they run side by side, and neither reads what the other has not committed."""
    with fresh_database(request, "postgres", tmp_path) as url:
        database = Database(url)
        with database.write() as session:
            cast.play(session)
        words = iter((_department_comes, _member_comes))
        failed = at_once(2, lambda: database.run(next(words)))
        with database.read() as session:
            found = org.find_guide(session, "luojia")
        database.close()
    assert failed == [None, None] and found is not None and found.store_id


def _department_comes(session):
    directory.department_moved(session, 2101, ZHONGJIE.department, NOW)
    time.sleep(0.3)


def _member_comes(session):
    directory.joined(session, Member("luojia", "罗佳", (2101,)), NOW)
    time.sleep(0.3)
