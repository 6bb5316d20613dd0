"""Guides join, move and leave by events; whichever word comes first counts."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts import Account, LoginSession, Role
from models.friends import entry_codes
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW, WANG, ZHONGJIE
from tests.handlers.platform import event, member_event, on_one_database

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def told(happen):
    """One event of change_contact; its row."""

    def tell(change, userid=WANG, after=0, **fields):
        return happen(member_event(change, userid, at=NOW + timedelta(seconds=after), **fields), "contacts")

    return tell


def asked(database):
    with database.read() as session:
        return [row.target for row in session.exec(select(Outbox).where(Outbox.channel == "contact_way"))]


def test_a_new_member_of_a_store_becomes_a_guide_with_a_code(told, guide, people, database):
    row = told(
        "create_user", "HeXiaowen", Name="何晓雯", Department=f"1,{ZHONGJIE.department}", IsLeaderInDept="0,1"
    )
    found = guide("hexiaowen")
    assert (found.name, found.store_id, found.is_manager) == ("何晓雯", people.zhongjie.id, True)
    assert row.decision == "何晓雯来了，在沈阳中街店"
    assert asked(database) == ["何晓雯 沈阳中街店"]


@on_one_database
def test_headquarters_people_are_not_guides(told, guide):
    row = told("create_user", "zhoulan", Name="周岚", Department="1")
    assert guide("zhoulan") is None
    assert "不算导购" in row.decision


def test_a_guide_who_moves_changes_store_and_both_codes(told, guide, people, database):
    with database.write() as session:
        cast.ready_code(session, store=people.zhongjie)
        other = cast.ready_code(session, store=people.taiyuanjie)
        other.userids = [cast.ZHOU]
    told("update_user", Department=str(cast.TAIYUANJIE.department))
    assert guide().store_id == people.taiyuanjie.id
    with database.read() as session:
        assert entry_codes.of_store(session, people.zhongjie.id).userids == [cast.ZHAO, cast.GAO]
        assert entry_codes.of_store(session, people.taiyuanjie.id).userids == [WANG, cast.ZHOU]


def test_a_renamed_account_keeps_its_friends(told, guide, people, database):
    with database.write() as session:
        cast.befriend(session, people.wang, cast.XU)
    row = told("update_user", NewUserID="wang.fang")
    assert guide("wang.fang").id == people.wang.id
    assert guide(WANG) is None
    assert row.decision.startswith("账号改为 wang.fang")


@on_one_database
def test_a_name_that_is_left_out_stays(told, guide):
    told("update_user", Position="店长")
    assert guide().name == "王芳"


@pytest.mark.parametrize(("first", "how"), [("contacts", "change_contact"), ("app", "unsubscribe")])
def test_the_first_word_that_she_left_counts(happen, guide, first, how):
    words = {
        "contacts": member_event("delete_user", WANG, at=NOW),
        "app": event("unsubscribe", at=NOW + timedelta(seconds=1), actor=WANG, AgentID=1000002),
    }
    row = happen(words.pop(first), first)
    assert (guide().present, guide().left_how) == (False, how)
    assert "不再给她派任务" in row.decision
    ((source, other),) = words.items()
    assert "早就知道" in happen(other, source).decision
    assert guide().left_how == how


def test_her_stores_code_forgets_a_leaver(told, people, database):
    with database.write() as session:
        cast.ready_code(session, store=people.zhongjie)
    told("delete_user")
    with database.read() as session:
        assert entry_codes.of_store(session, people.zhongjie.id).userids == [cast.ZHAO, cast.GAO]
    assert asked(database) == ["沈阳中街店"]


def test_an_older_creation_does_not_bring_a_leaver_back_A05(told, guide):
    told("delete_user", after=60)
    told("create_user", after=5, Name="王芳", Department=str(ZHONGJIE.department))
    assert not guide().present


def test_an_older_deletion_does_not_end_a_newer_job_A05(told, guide):
    told("delete_user", after=10)
    told("create_user", after=20, Name="王芳", Department=str(ZHONGJIE.department))
    row = told("delete_user", after=5)
    assert guide().present
    assert "来晚了" in row.decision


@on_one_database
def test_a_guide_who_leaves_the_stores_departments_works_in_none(told, guide):
    row = told("update_user", Department="1")
    assert guide().present and guide().store_id is None
    assert row.decision == "王芳的资料变了，现在不在任何门店"


@on_one_database
def test_a_stranger_who_leaves_is_noted_and_nothing_else(told):
    assert told("delete_user", "zhoulan").decision == "一位成员从通讯录里移除了，不是导购"


@on_one_database
def test_disabled_counts_as_gone(told, guide):
    told("update_user", Status="2")
    assert not guide().present
    told("update_user", after=9, Status="1")
    assert guide().present


@on_one_database
def test_subscribe_brings_a_guide_back_and_makes_no_strangers(happen, guide):
    happen(event("unsubscribe", at=NOW, actor=WANG))
    happen(event("subscribe", at=NOW + timedelta(hours=1), actor=WANG))
    assert guide().present
    row = happen(event("subscribe", at=NOW, actor="stranger"))
    assert guide("stranger") is None
    assert "下次对账" in row.decision


@on_one_database
@pytest.mark.parametrize(
    "xml",
    [
        event("enter_agent", at=NOW, actor=WANG),
        event("LOCATION", at=NOW, actor=WANG, Latitude="41"),
        event("close_inactive_agent", at=NOW),
        event("reopen_inactive_agent", at=NOW),
        member_event("update_tag", "", at=NOW),
        member_event("create_party", "", at=NOW, Id="7", Name="新部门"),
        event("change_external_tag", "delete", at=NOW, Id="etXXXX", TagType="tag"),
        event("change_external_tag", "shuffle", at=NOW, TagType="tag_group"),
        f"<xml><FromUserName>{WANG}</FromUserName><MsgType>text</MsgType><Content>在吗</Content>"
        "<MsgId>CAIQg/PKxgYY2sC9tpuAgAMg9/zKaw==</MsgId></xml>",
    ],
)
def test_known_events_without_consequence_are_handled(happen, xml):
    row = happen(xml)
    assert (row.status, row.trace) == ("handled", "")
    assert row.decision


def desk_of(database, userid):
    """An account of the console with a browser that is signed in; whether it still is."""
    with database.write() as session:
        account = Account(role=Role.BRANCH, name="高敏", userid=userid, created_at=NOW)
        cast.add(session, account)
        session.add(
            LoginSession(
                realm="console",
                token_hash=userid,
                csrf="c",
                account_id=account.id,
                created_at=NOW,
                expires_at=NOW + timedelta(hours=12),
            )
        )

    def is_open():
        with database.read() as session:
            return session.exec(select(LoginSession.id)).first() is not None

    return is_open


@on_one_database
@pytest.mark.parametrize("userid", [cast.GAO, "chenmo"])
@pytest.mark.parametrize("how", ["delete_user", "disabled", "unsubscribe"])
def test_leaving_ends_the_console_s_sessions_too_I05(told, happen, database, userid, how):
    still_open = desk_of(database, userid)
    if how == "unsubscribe":
        happen(event("unsubscribe", at=NOW + timedelta(seconds=9), actor=userid))
    elif how == "disabled":
        told("update_user", userid, after=9, Status="2")
    else:
        told("delete_user", userid, after=9)
    assert not still_open()
