"""Numbers of another branch's rows in a query or a form: they open nothing, change nothing and tell no name."""

import pytest
from sqlmodel import func, select

from models.groups import Group
from models.groups.robots import Robot
from tests.pages.conftest import Console

FOREIGN = {"owner": "sunjiayi", "guide": "sunjiayi", "store": "xinjiekou", "branch": "east", "campaign": "campaign_east",
           "group": "group_east", "open": "delivery_east"}  # fmt: skip
"""Names of fields, and a row of 华东 for each"""
LISTS = (
    "/console/friends?guide", "/console/friends?owner", "/console/friends?store", "/console/guides?store",
    "/console/stores?branch",
    "/console/deliveries?guide", "/console/deliveries?campaign", "/console/deliveries?group", "/console/deliveries?open",
    "/console/campaigns/poster.jpg?guide",
)  # fmt: skip
SECRETS = ("孙佳怡", "新街口", "华东", "· east", "wm-east", "sunjiayi")


@pytest.mark.parametrize("who", ["chen", "ma"])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_narrowed_to_somebody_elses_row_tells_nothing_of_it_I01(
    console: Console, who: str, address: str
):
    path, _, name = address.partition("?")
    answer = console.signed_in(who).get(f"{path}?{name}={console.ids[FOREIGN[name]]}&days=all")
    assert answer.status_code in (200, 403, 404)
    assert not [one for one in SECRETS if one in answer.get_data(as_text=True)]


@pytest.mark.parametrize("name", ["branch", "store"])
@pytest.mark.parametrize("who", ["chen", "ma"])
def test_the_guides_of_a_campaign_narrowed_to_somebody_elses_place_are_nobody_I01(
    console: Console, who: str, name: str
):
    path = f"/console/campaigns/{console.ids['campaign_northeast']}/tasks"
    answer = console.signed_in(who).get(f"{path}?{name}={console.ids[FOREIGN[name]]}")
    assert answer.status_code == 404


@pytest.mark.parametrize("store", ["南京新街口店", "xinjiekou"])
def test_a_group_is_given_to_no_store_of_another_branch_I01(console: Console, store: str):
    form = {
        "name": "店内群",
        "store": store,
        "robot": "播报",
        "webhook": "2e7c1f4a-77aa-4c0e-9d51-0f6a7d1b9c11",
    }
    with console.db.read() as session:
        before = session.exec(select(func.count()).select_from(Group)).one()
    answer = console.post(console.signed_in("chen"), "/console/groups/new", form)
    assert answer.status_code == 422 and "没有叫" in answer.get_data(as_text=True)
    with console.db.read() as session:
        assert session.exec(select(func.count()).select_from(Group)).one() == before


def test_a_robot_of_another_groups_number_is_not_taken_out_through_ones_own_group_I01(console: Console):
    own, foreign = console.ids["group_northeast"], console.ids["robot_east"]
    console.post(console.signed_in("chen"), f"/console/groups/{own}/robots/{foreign}/disable")
    with console.db.read() as session:
        assert session.get_one(Robot, foreign).status == "active"
