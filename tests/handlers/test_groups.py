"""Customer groups change by events; what they are is read from the platform."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import groups
from models.groups import Group
from tests.cast import NOW
from tests.handlers.platform import event, on_one_database

CHAT = "wrCustomers0001"


@pytest.fixture
def told(happen):
    def tell(change, after=0, chat=CHAT, **fields):
        return happen(
            event("change_external_chat", change, at=NOW + timedelta(seconds=after), ChatId=chat, **fields)
        )

    return tell


@pytest.fixture
def group(database):
    def find():
        with database.read() as session:
            return session.exec(select(Group).where(Group.chat_id == CHAT)).one_or_none()

    return find


def test_a_new_group_is_kept_and_read_soon(told, group):
    row = told("create")
    assert (group().kind, group().status, group().stale) == ("customer", "active", True)
    assert row.decision == "客户群新建了群，稍后重新读取"


@on_one_database
@pytest.mark.parametrize(
    "detail", ["add_member", "del_member", "change_owner", "change_name", "change_notice", "new"]
)
def test_every_update_only_marks_the_group(told, group, database, detail):
    with database.write() as session:
        groups.described(session, CHAT, NOW, name="老客群", owner="", members=12)
    row = told("update", UpdateDetail=detail, MemChangeCnt="1", MemChangeList="wmA,wmB")
    assert (group().stale, group().members, row.status) == (True, 12, "handled")


def test_a_dismissed_group_stays_dismissed(told, group):
    told("create")
    told("dismiss", 60)
    row = told("update", 30, UpdateDetail="add_member")
    assert (group().status, group().stale) == ("dismissed", False)
    assert "来晚了" in row.decision
