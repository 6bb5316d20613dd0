"""Whom a task reaches, what it says in her name, and why somebody gets nothing to send."""

from datetime import timedelta

import pytest
from pyroaring import FrozenBitMap
from sqlmodel import select

from models.campaigns import Campaign, audience
from models.friends import FriendStatus
from models.groups import Group, GroupStatus
from models.ledger.channels import GROUP_MASS, MASS
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU

HOUR = timedelta(hours=1)


def planned(**fields) -> Campaign:
    return Campaign(name="初雪", launch_at=NOW, ends_at=NOW + HOUR, created_at=NOW, **fields)


@pytest.mark.parametrize(
    "literal",
    [
        "{昵称}",
        "{{7*7}}",
        "%s %d",
        "{0.__class__}",
        "{门店名!r}",
        "🎁👩‍👩‍👧",
        "\u202eRTL",
        "a\u200bb",
        "第一行\n第二行",
        "{ 门店名 }",
    ],
)
def test_only_the_three_names_are_filled_in_all_else_is_literal_F17(sqlite_people, literal):
    text = audience.fill(f"{literal}|{{门店名}}|{{导购名}}", sqlite_people.wang, sqlite_people.zhongjie)
    assert text == f"{literal}|沈阳中街店|王芳"


def test_names_are_filled_in_once_and_missing_ones_read_naturally_F17(sqlite_people):
    sqlite_people.wang.name = "{门店名}\n小王"
    assert (
        audience.fill("{导购名}在{门店名}", sqlite_people.wang, sqlite_people.zhongjie)
        == "{门店名} 小王在沈阳中街店"
    )
    sqlite_people.wang.name = ""
    assert audience.fill("来{门店名}找{导购名}{门店地址}", sqlite_people.wang, None) == "来门店找我"


def test_a_login_name_reaches_no_customer_F17(sqlite_people):
    sqlite_people.wang.name = sqlite_people.wang.userid.upper()
    said = "我是{门店名}的{导购名}，来找{导购名}"
    assert audience.fill(said, sqlite_people.wang, sqlite_people.zhongjie) == "我是沈阳中街店的导购，来找我"


def test_whoever_became_a_friend_later_or_is_none_is_not_in_it_F11(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for customer, at, status in (
            (XU, NOW, "friend"),
            (LIN, NOW + timedelta(seconds=1), "friend"),
            (CHEN, NOW, FriendStatus.LOST),
            ("wmHalf", NOW, FriendStatus.HALF),
        ):
            cast.befriend(session, sqlite_people.wang, customer, at=at, status=status)
        cast.befriend(session, sqlite_people.zhou, XU, at=NOW)
        found = audience.targets(
            session, planned(channel=MASS), [sqlite_people.wang.id, sqlite_people.zhao.id], NOW
        )
        assert found == {sqlite_people.wang.id: cast.customers(session, XU)}


def test_a_friend_is_reached_through_the_account_that_has_her_whoever_serves_her(
    sqlite_database, sqlite_people
):
    with sqlite_database.write() as session:
        cast.befriend(session, sqlite_people.zhou, XU, guide=sqlite_people.wang)
        found = audience.targets(
            session, planned(channel=MASS), [sqlite_people.wang.id, sqlite_people.zhou.id], NOW
        )
        assert found == {sqlite_people.zhou.id: cast.customers(session, XU)}


def test_a_customer_group_is_its_owners_while_it_exists(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for chat, owner, at, status in (
            ("wr1", sqlite_people.wang, NOW, "active"),
            ("wr2", sqlite_people.wang, NOW, GroupStatus.DISMISSED),
            ("wr3", sqlite_people.wang, NOW + HOUR, "active"),
            ("wr4", sqlite_people.zhao, NOW, "active"),
        ):
            cast.customer_group(session, owner, chat, now=at, status=status)
        cast.internal_group(session)
        found = audience.targets(session, planned(channel=GROUP_MASS), [sqlite_people.wang.id], NOW)
        first = session.exec(select(Group.id).where(Group.chat_id == "wr1")).one()
    assert found == {sqlite_people.wang.id: FrozenBitMap([first])}


@pytest.mark.parametrize(
    ("fields", "customers", "text", "coded", "words"),
    [
        ({"channel": MASS}, [], "雪", True, "没有可以群发的好友"),
        ({"channel": GROUP_MASS}, [], "雪", True, "没有客户群"),
        ({"channel": MASS, "attachments": cast.poster()}, [XU], "雪", False, "还没有能用的渠道码"),
        ({"channel": MASS}, [XU], "雪" * 1334, True, "正文有 4,002 字节"),
    ],
)
def test_who_gets_nothing_to_send_is_told_why(fields, customers, text, coded, words):
    assert words in audience.obstacle(planned(**fields), customers, text, coded)


def test_nothing_stands_in_the_way_of_a_text_without_a_code():
    assert audience.obstacle(planned(channel=MASS), [XU], "雪" * 1333, coded=False) == ""


@pytest.mark.parametrize(("customers", "calls"), [(0, 1), (1, 1), (10_000, 1), (10_001, 2), (20_001, 3)])
def test_a_call_holds_ten_thousand_customers_and_the_calls_hold_each_once(customers, calls):
    everybody = FrozenBitMap(range(7, 7 + 3 * customers, 3))
    assert audience.parts(MASS, customers) == calls
    assert [one for part in range(calls) for one in audience.part_of(MASS, everybody, part)] == list(
        everybody
    )
