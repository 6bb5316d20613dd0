"""Lists go on where they stopped."""

import pytest

from models.org import Branch


def test_lists_go_on_where_they_stopped_while_rows_come_and_go(shop_api):
    with shop_api.db.write() as session:
        session.add_all([Branch(code=f"b{number:02}", name="分公司") for number in range(9)])
    seen, cursor = [], ""
    while True:
        answer = shop_api.get(f"/branches?limit=4{cursor}")
        seen += [one["code"] for one in answer["items"]]
        if not answer["next_cursor"]:
            break
        cursor = f"&cursor={answer['next_cursor']}"
        with shop_api.db.write() as session:
            session.add(Branch(code=f"new{len(seen)}", name="刚来的"))
    assert seen == [*(f"b{number:02}" for number in range(8, -1, -1)), "east", "northeast"]
    upwards = shop_api.get("/branches?limit=2&sort=id")
    assert [one["code"] for one in upwards["items"]] == ["northeast", "east"]
    assert (
        shop_api.get(f"/branches?limit=1&sort=id&cursor={upwards['next_cursor']}")["items"][0]["code"]
        == "b00"
    )


def test_lists_by_time_do_not_lose_rows_of_the_same_moment(shop_api):
    first = shop_api.get("/friends?limit=1&sort=-added_at")
    second = shop_api.get(f"/friends?limit=1&sort=-added_at&cursor={first['next_cursor']}")
    ids = {one["id"] for one in first["items"] + second["items"]}
    assert ids == {shop_api.ids["friend_northeast"], shop_api.ids["friend_east"]}
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "e30",
        "W10",
        "bnVsbA",
        "WyItaWQiLDEsIngiXQ",
        "WyItaWQiLDFlOTksMV0",
        "WyJpZCIsMSwxXQ",
        "%F0%9F%98%80",
        "WyItaWQiLCIyMDI2LTAxLTAxIiwxXQ",
        "W1tbW1tb",
    ],
)
def test_a_foreign_cursor_is_refused(api, cursor):
    assert api.call("GET", f"/branches?cursor={cursor}").status_code == 422
