"""An account's way: opened by the printed link or by HQ, switched off and on, another password."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.accounts import Account, LoginSession, Role, lifecycle
from models.accounts.audit import Audit
from models.accounts.lifecycle import AccountFields, LinkUsed
from models.accounts.passwords import hash_password
from models.db import Database
from models.errors import Refused
from models.org import renames
from tests import cast
from tests.cast import NOW

PASSWORD = "correct-horse"
HASHED = hash_password(PASSWORD)
LATER = timedelta(hours=12)


def hq(login: str, **changes: str) -> AccountFields:
    return AccountFields(**{"name": "周岚", "login": login, "password": PASSWORD, **changes})


def kept(session: Session, login: str) -> Account:
    """An account with a browser that is signed in."""
    account = Account(role=Role.HQ, name=login, login=login, password_hash=HASHED, created_at=NOW)
    cast.add(session, account)
    opened = {"realm": "console", "csrf": "c", "created_at": NOW, "expires_at": NOW + LATER}
    session.add(LoginSession(token_hash=login, account_id=account.id, **opened))
    session.flush()
    return account


def signed_in(session: Session) -> set[str]:
    return set(session.exec(select(LoginSession.token_hash)))


def lines(session: Session) -> list[tuple[str, str]]:
    return list(session.exec(select(Audit.actor, Audit.verb).order_by(Audit.id)).all())


def test_of_two_people_with_the_printed_link_one_opens_the_first_account(database: Database) -> None:
    link, outcomes = lifecycle.make_setup_link(database, NOW), []

    def use(login: str) -> None:
        try:
            outcomes.append(lifecycle.open_account(database, hq(login), login, NOW, link=link).login)
        except LinkUsed:
            outcomes.append("link used")

    threads = [threading.Thread(target=use, args=(login,)) for login in ("zhou", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        [account] = session.exec(select(Account)).all()
    assert sorted(outcomes) == sorted([account.login, "link used"])


def test_who_is_refused_leaves_the_link_good(sqlite_database: Database) -> None:
    link = lifecycle.make_setup_link(sqlite_database, NOW)
    with pytest.raises(Refused) as refused:
        lifecycle.open_account(sqlite_database, hq("zhou", again="other-horse"), "zhou", NOW, link=link)
    assert list(refused.value.faults) == ["again"]
    assert lifecycle.open_account(sqlite_database, hq("zhou"), "zhou", NOW, link=link).id


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"role": "owner", "name": "某"}, ["role"]),
        ({"name": "", "login": "a b", "password": "short"}, ["name", "login", "password"]),
        ({"name": "周岚", "login": "zhou", "password": PASSWORD}, ["login"]),
        ({"role": "manager", "name": "高敏", "userid": "GaoMin", "place": "沈阳中街店"}, ["userid"]),
        ({"role": "manager", "name": "王芳", "userid": "", "place": "没有的店"}, ["userid", "place"]),
        ({"role": "branch", "name": "陈默", "userid": "chen", "place": "沈阳中街店"}, ["place"]),
    ],
)
def test_every_fault_is_said_at_its_field_and_nothing_is_kept(
    sqlite_database: Database, fields: dict[str, str], faults: list[str]
) -> None:
    with sqlite_database.write() as session:
        cast.play(session)
        kept(session, "zhou").userid = "gaomin"
    with pytest.raises(Refused) as refused:
        lifecycle.open_account(sqlite_database, AccountFields(**fields), "周岚", NOW)
    assert list(refused.value.faults) == faults
    with sqlite_database.read() as session:
        assert len(session.exec(select(Account)).all()) == 1 and lines(session) == []


def test_hq_is_reached_by_a_userid_that_nobody_else_has_and_signs_in_by_password_still(
    sqlite_database: Database,
) -> None:
    with sqlite_database.write() as session:
        cast.play(session)
        account, other = kept(session, "zhou"), kept(session, "he")
        assert lifecycle.name_userid(session, account, " HqZhou ", "周岚", NOW)
        assert not lifecycle.name_userid(session, account, "hqzhou", "周岚", NOW), "the same, spelt otherwise"
        with pytest.raises(Refused, match="「HQZHOU」已经有账号了"):
            lifecycle.name_userid(session, other, "HQZHOU", "周岚", NOW)
        assert lifecycle.name_userid(session, account, "", "周岚", NOW)
        assert (account.userid, account.login) == (None, "zhou")
        assert lines(session) == [("周岚", "account.userid")] * 2


def test_a_userid_by_which_somebody_signs_in_is_not_changed(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        people = cast.play(session)
        manager = Account(
            role=Role.MANAGER, name="高敏", userid="gaomin", store_id=people.zhongjie.id, created_at=NOW
        )
        with pytest.raises(Refused, match="请停用这个"):
            lifecycle.name_userid(session, cast.add(session, manager), "wangfang", "周岚", NOW)


def test_a_manager_oversees_her_store_and_its_branch(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        people = cast.play(session)
    fields = AccountFields(role=Role.MANAGER, name=" 高敏 ", userid="gaomin", place=cast.ZHONGJIE.code)
    made = lifecycle.open_account(sqlite_database, fields, "周岚", NOW)
    assert (made.name, made.store_id, made.branch_id) == ("高敏", people.zhongjie.id, people.northeast.id)
    assert (made.login, made.password_hash) == (None, ""), "she comes through the platform alone"


def test_of_two_stores_of_one_name_the_code_is_asked_for(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        people = cast.play(session)
        session.add(cast.store(cast.XINJIEKOU._replace(code="zhongjie-2", name="沈阳中街店"), people.east.id))
    fields = AccountFields(role=Role.MANAGER, name="高敏", userid="gaomin", place="沈阳中街店")
    with pytest.raises(Refused, match="请写编号"):
        lifecycle.open_account(sqlite_database, fields, "周岚", NOW)


def test_of_two_accounts_of_one_member_at_once_only_one_is_opened_however_she_is_spelt(
    database: Database,
) -> None:
    with database.write() as session:
        cast.play(session)
    together, outcomes = threading.Barrier(4), []

    def open_for(userid: str) -> None:
        fields = AccountFields(role=Role.MANAGER, name="高敏", userid=userid, place=cast.ZHONGJIE.code)
        together.wait()
        try:
            outcomes.append(lifecycle.open_account(database, fields, "周岚", NOW).userid)
        except Refused as refused:
            assert "已经有账号了" in refused.faults["userid"]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_for, ("gaomin", "GaoMin", "GAOMIN", "gaoMin")))
    assert len(outcomes) == 1


def test_an_account_for_an_old_userid_is_one_for_the_new(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        cast.play(session)
        renames.renamed(session, "gaomin", "gao.min", NOW)
    fields = AccountFields(role=Role.MANAGER, name="高敏", userid="GaoMin", place=cast.ZHONGJIE.code)
    assert lifecycle.open_account(sqlite_database, fields, "周岚", NOW).userid == "gao.min"
    with pytest.raises(Refused) as refused:
        lifecycle.open_account(sqlite_database, fields, "周岚", NOW)
    assert list(refused.value.faults) == ["userid"]


def test_whoever_is_switched_off_is_out_at_once_and_the_others_stay(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        zhou, chen = kept(session, "zhou"), kept(session, "chen")
        assert lifecycle.switch(session, chen, False, zhou, NOW)
        assert not lifecycle.switch(session, chen, False, zhou, NOW)
        assert signed_in(session) == {"zhou"} and lines(session) == [("zhou", "account.off")]
        with pytest.raises(Refused, match="不能停用自己的账号"):
            lifecycle.switch(session, zhou, False, zhou, NOW)
        assert zhou.active and not chen.active


def test_a_new_password_ends_all_her_sessions_and_forgets_wrong_ones(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        zhou = kept(session, "zhou")
        kept(session, "chen")
        for _ in range(12):
            lifecycle.changing(zhou).begin(session, NOW)
        lifecycle.change_password(session, zhou, "hashed before", NOW)
        assert (zhou.password_hash, signed_in(session)) == ("hashed before", {"chen"})
        assert lifecycle.changing(zhou).begin(session, NOW) is None
        assert lines(session) == [("zhou", "account.password")]


@pytest.mark.parametrize(
    ("old", "new", "again", "fields"),
    [
        (PASSWORD, "another-horse", "another-horse", set()),
        ("guessed-one", "another-horse", "another-horse", {"old"}),
        (PASSWORD, PASSWORD, PASSWORD, {"password"}),
        (PASSWORD, "short", "shorter", {"password", "again"}),
    ],
)
def test_she_needs_her_old_password_and_another_new_one(
    old: str, new: str, again: str, fields: set[str]
) -> None:
    zhou = Account(role=Role.HQ, name="周岚", login="zhou", password_hash=HASHED, created_at=NOW)
    assert set(lifecycle.password_faults(zhou, old, new, again)) == fields


def test_the_same_account_eight_times_at_once_is_opened_once_and_refused_in_words(database: Database) -> None:
    outcomes: list[str] = []

    def open_it(_number: int) -> None:
        try:
            lifecycle.open_account(database, hq("zhou"), "周岚", NOW)
            outcomes.append("opened")
        except Refused as refused:
            outcomes.append(str(refused.faults["login"]))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(open_it, range(8)))
    assert sorted(outcomes) == ["opened", *["已经有人用「zhou」登录了，请换一个"] * 7]
