"""Who left the company is out of every page of hers; nobody else is."""

from datetime import timedelta

from sqlmodel import Session, select

from models.accounts import Account, LoginSession, Role, leaving
from models.accounts.audit import Audit
from models.db import Database
from models.org import Guide
from tests import cast
from tests.cast import GAO, NOW, WANG

LATER = NOW + timedelta(hours=1)


def sits(session: Session, name: str, **whose: int | None) -> None:
    """A browser that is signed in."""
    session.add(
        LoginSession(
            realm="guide" if "guide_id" in whose else "console",
            token_hash=name,
            csrf="c",
            created_at=NOW,
            expires_at=NOW + timedelta(days=7),
            **whose,
        )
    )


def open_pages(session: Session) -> tuple[Guide, Account, Account]:
    """高敏 leads a store: her phone and her desk are open; so is 陈默's desk of the branch, who is no guide."""
    people = cast.play(session)
    gao = session.exec(select(Guide).where(Guide.userid == GAO)).one()
    accounts = [
        Account(role=Role.MANAGER, name="高敏", userid="GaoMin", store_id=people.zhongjie.id, created_at=NOW),
        Account(role=Role.BRANCH, name="陈默", userid="chenmo", created_at=NOW),
    ]
    session.add_all(accounts)
    session.flush()
    sits(session, "her phone", guide_id=gao.id)
    sits(session, "her desk", account_id=accounts[0].id)
    sits(session, "his desk", account_id=accounts[1].id)
    session.flush()
    return gao, *accounts


def still_open(session: Session) -> set[str]:
    return set(session.exec(select(LoginSession.token_hash)))


def test_a_store_manager_who_is_removed_is_out_on_phone_and_desk_and_her_account_off_I05(
    database: Database,
) -> None:
    with database.write() as session:
        gao, account, _ = open_pages(session)
        gao.leave("change_contact", LATER)
        session.flush()
        leaving.left(session, GAO, LATER, LATER, removed=True)
        assert still_open(session) == {"his desk"} and not account.active
        line = session.exec(select(Audit)).one()
        assert (line.actor, line.verb, line.detail) == ("系统", "account.off", "高敏，离开了企业微信")


def test_somebody_of_a_branch_who_is_no_guide_is_out_as_well_I05(database: Database) -> None:
    with database.write() as session:
        _, _, account = open_pages(session)
        leaving.left(session, "CHENMO", LATER, LATER, removed=False)
        assert still_open(session) == {"her phone", "her desk"}
        assert account.active, "only out of the visible range: she may come back"


def test_old_word_ends_nothing(database: Database) -> None:
    with database.write() as session:
        _, _, account = open_pages(session)
        leaving.left(session, "chenmo", NOW - timedelta(days=1), LATER, removed=True)
        leaving.left(
            session, GAO, LATER, LATER, removed=True
        )  # she is there: it was about an earlier leaving
        leaving.left(session, WANG, LATER, LATER, removed=True)
        assert len(still_open(session)) == 3 and account.active


def test_the_comparison_ends_what_no_event_told_of(database: Database) -> None:
    with database.write() as session:
        gao, _, _ = open_pages(session)
        gao.leave("sync", LATER)
        session.flush()
        leaving.end_leavers(session)
        assert still_open(session) == {"his desk"}


def test_a_new_userid_is_the_one_she_signs_in_with(database: Database) -> None:
    with database.write() as session:
        _, account, other = open_pages(session)
        leaving.renamed(session, "gaomin", "gaomin2")
        leaving.renamed(session, "chenmo", "GAOMIN2")
        assert (account.userid, other.userid) == ("gaomin2", "chenmo")
        assert leaving.by_userid(session, "") is None
