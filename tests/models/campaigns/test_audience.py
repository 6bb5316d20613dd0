"""What a task says in her name, and the calls that its customers take."""

from datetime import timedelta

import pytest
from pyroaring import FrozenBitMap

from models.campaigns import Campaign, audience
from models.ledger.channels import MASS
from tests.cast import NOW

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


@pytest.mark.parametrize(("customers", "calls"), [(0, 1), (1, 1), (10_000, 1), (10_001, 2), (20_001, 3)])
def test_a_call_holds_ten_thousand_customers_and_the_calls_hold_each_once(customers, calls):
    everybody = FrozenBitMap(range(7, 7 + 3 * customers, 3))
    assert audience.parts(MASS, customers) == calls
    assert [one for part in range(calls) for one in audience.part_of(MASS, everybody, part)] == list(
        everybody
    )
