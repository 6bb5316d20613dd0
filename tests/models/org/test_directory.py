"""Guides agree with the directory, and nobody is dismissed by a mistake of a list."""

from datetime import timedelta

import pytest

from models import org
from models.db import Database
from models.org import directory
from models.org.directory import Member
from tests import cast
from tests.cast import NOW, TAIYUANJIE, WANG, ZHONGJIE, yes_to
from tests.conftest import fresh_database


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
    moved = Member(WANG.upper(), "王芳芳", (TAIYUANJIE.department,), is_manager=True)
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
        org.seen_gone(session, WANG, "change_contact", at)
    change = sync(everybody())
    assert (change.added, change.changed, change.left, change.back) == (0, 0, 0, 0)
    assert guide("hexiaowen").present
    assert (guide().left_at, guide().left_how) == (at, "change_contact")


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
