"""A new userid: what she had stays hers, and the old one still means her."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import org
from models.accounts import Account, Role
from models.campaigns import Campaign, CampaignStatus
from models.friends import Friend
from models.friends.entry_codes import EntryCode
from models.groups.robots import SignIn, sign_in
from models.org import Guide, directory, entries, imports, renames
from tests import cast
from tests.cast import NOW, WANG, XU, ZONE

LATER = NOW + timedelta(hours=1)


def test_a_name_taken_by_somebody_else_is_not_given_twice(database, guide, people):
    with database.write() as session:
        assert renames.renamed(session, WANG, cast.ZHAO, NOW) is None
        assert renames.current(session, WANG, NOW) == WANG
        assert renames.renamed(session, WANG, WANG.upper(), NOW).userid == WANG.upper()
    assert guide().userid == WANG.upper()


def test_a_leaver_makes_way_for_who_has_her_userid_now_and_keeps_what_is_hers_A05(database, people):
    with database.write() as session:
        directory.gone(session, cast.ZHOU, "change_contact", NOW)
        sign_in(session, cast.ZHOU, "wr1", NOW, ZONE)
        assert renames.renamed(session, WANG, cast.ZHOU, LATER).id == people.wang.id
        assert directory.joined(session, entries.Member(cast.ZHOU, name="王芳芳"), LATER).id == people.wang.id
        assert renames.guide_called(session, cast.ZHOU, NOW - timedelta(hours=1)).id == people.zhou.id
        assert directory.met(session, WANG, NOW).id == people.wang.id
    with database.read() as session:
        wang, zhou = (session.get_one(Guide, one.id) for one in (people.wang, people.zhou))
        assert (wang.userid, wang.name, wang.present, wang.store_id) == (
            cast.ZHOU,
            "王芳芳",
            True,
            people.zhongjie.id,
        )
        assert (zhou.name, zhou.present, zhou.store_id) == ("周梅", False, people.taiyuanjie.id)
        assert session.exec(select(SignIn.userid)).one() == zhou.userid_key


def test_account_sign_ins_and_codes_go_by_the_new_userid(database, guide, people):
    with database.write() as session:
        cast.add(session, Account(role=Role.MANAGER, name="王芳", userid=WANG, created_at=NOW))
        code = cast.ready_code(session, guide=people.wang)
        code.userids = [WANG]
        for userid in (WANG, "wang.fang"):
            sign_in(session, userid, "wr1", NOW, ZONE)
        sign_in(session, WANG, "wr1", NOW - timedelta(days=1), ZONE)
        renames.renamed(session, WANG, "wang.fang", LATER)
    with database.read() as session:
        assert session.exec(select(Account.userid)).one() == "wang.fang"
        assert session.exec(select(EntryCode.userids)).one() == ["wang.fang"]
        assert list(session.exec(select(SignIn.userid))) == ["wang.fang"] * 2
        assert renames.guide_called(session, WANG, NOW).id == people.wang.id


def test_a_login_that_stands_for_a_name_follows(database, people):
    with database.write() as session:
        session.get_one(Guide, people.wang.id).name = WANG
        assert renames.renamed(session, WANG, "wang.fang", NOW).customer_name == ""


@pytest.fixture
def twice(database, people):
    """王芳, and the second row that events under her new userid have made before word of the rename."""
    with database.write() as session:
        return cast.add(session, cast.guide("wang.fang", None, LATER))


def test_two_rows_of_one_person_become_one_with_all_that_they_had(database, people, twice):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, status="lost")
        cast.befriend(session, twice, XU, at=LATER)
        cast.befriend(session, twice, cast.LIN, at=LATER)
        cast.customer_group(session, twice)
        of = cast.campaign(session)
        cast.task(session, of, twice)
        cast.ready_code(session, guide=twice, state="hers")
        assert renames.renamed(session, WANG, "wang.fang", LATER).id == people.wang.id
    with database.read() as session:
        assert session.get(Guide, twice.id) is None
        friends = session.exec(select(Friend).order_by(Friend.customer_id)).all()
        assert [(one.owner_id, one.status, one.store_id) for one in friends] == [
            (people.wang.id, "friend", people.zhongjie.id)
        ] * 2
        assert org.find_guide(session, "wang.fang").id == people.wang.id
        assert session.exec(select(EntryCode.guide_id)).one() == people.wang.id


def test_where_both_have_a_task_of_one_campaign_hers_of_then_stays_with_a_leaver(database, people, twice):
    with database.write() as session:
        of = cast.campaign(session)
        for guide in (people.wang, twice):
            cast.task(session, of, guide)
        renames.renamed(session, WANG, "wang.fang", LATER)
    with database.read() as session:
        assert org.find_guide(session, "wang.fang").id == people.wang.id
        other = session.get_one(Guide, twice.id)
        assert (other.present, other.left_how) == (False, "renamed")


@pytest.mark.parametrize("status", CampaignStatus)
def test_a_campaign_that_names_the_second_row_means_the_first(sqlite_database, status):
    with sqlite_database.write() as session:
        people = cast.play(session)
        second = cast.add(session, cast.guide("wang.fang", None, LATER))
        of = cast.campaign(session)
        of.status, of.scope = status, {"stores": [], "guides": [second.id, people.wang.id, people.gao.id]}
        renames.renamed(session, WANG, "wang.fang", LATER)
    with sqlite_database.read() as session:
        assert session.exec(select(Campaign.scope)).one()["guides"] == [people.wang.id, people.gao.id]


def test_a_list_that_knows_her_by_her_old_userid_means_her(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        renames.renamed(session, WANG, "wang.fang", NOW)
    rows = [
        {"userid": WANG.upper(), "name": "王芳芳", "store": "zhongjie"},
        {"userid": "wang.fang", "name": "王芳", "store": "zhongjie"},
    ]
    looked = imports.look(sqlite_database, imports.sheet_of("guides", list(enumerate(rows, 1))), LATER)
    done = imports.import_rows(sqlite_database, "guides", rows, "周岚", LATER)
    for said in (looked, done):
        assert (said.added, said.updated) == (0, 1), said
        [note] = said.notes
        assert (note.row, note.words) == (1, "「WANGFANG」是原来的账号，现在是「wang.fang」，记在她名下")
        assert [one.words for one in said.errors] == ["「wang.fang」和第 1 行重复"]
    with sqlite_database.read() as session:
        assert org.find_guide(session, WANG) is None
        assert org.find_guide(session, "wang.fang").name == "王芳芳"


def test_the_old_userid_after_the_new_one_is_the_same_row_again(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        renames.renamed(session, WANG, "wang.fang", NOW)
    rows = [{"userid": userid, "name": "王芳", "store": "zhongjie"} for userid in ("Wang.Fang", WANG)]
    [error] = imports.import_rows(sqlite_database, "guides", rows, "周岚", LATER).errors
    assert error.words == "「wangfang」现在是「wang.fang」，和第 1 行重复"


def test_an_old_userid_that_somebody_else_has_now_is_hers(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        renames.renamed(session, WANG, "wang.fang", NOW)
        newcomer = cast.add(session, cast.guide(WANG, None, LATER))
    row = {"userid": WANG, "name": "王二", "store": "zhongjie"}
    done = imports.import_rows(sqlite_database, "guides", [row], "周岚", LATER)
    assert (done.updated, done.notes) == (1, [])
    with sqlite_database.read() as session:
        assert session.get_one(Guide, newcomer.id).name == "王二"


def test_a_member_who_was_renamed_before_she_was_a_guide_is_added_under_her_new_userid(
    sqlite_database, sqlite_people
):
    with sqlite_database.write() as session:
        assert renames.renamed(session, "sunli", "sun.li", NOW) is None
    row = {"userid": "SunLi", "name": "孙丽", "store": "zhongjie"}
    assert imports.import_rows(sqlite_database, "guides", [row], "周岚", LATER).added == 1
    with sqlite_database.read() as session:
        assert org.find_guide(session, "sun.li").name == "孙丽"
