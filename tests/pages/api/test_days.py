"""HQ's own days from outside: added, said anew, taken away."""

import pytest


def test_a_day_is_added_said_anew_and_taken_away(shop_api):
    made = shop_api.post("/days", {"day": "2027-02-14", "name": "店庆"}, 201)
    assert (made["rest"], made["added_by"]) == (None, "api:crm")
    again = shop_api.post("/days", {"day": "2027-02-14", "name": "加班", "rest": False}, 201)
    assert (again["id"], again["name"], again["rest"]) == (made["id"], "加班", False)
    later = shop_api.post("/days", {"day": "2027-05-01", "name": "放假", "rest": True}, 201)
    assert shop_api.get("/days")["items"] == [later, again]
    assert shop_api.get("/days?since=2027-03-01")["items"] == [later]
    path = f"/days/{made['id']}"
    assert [shop_api.call("DELETE", path).status_code for _ in range(2)] == [200, 404]
    assert shop_api.get("/days")["items"] == [later]


def test_a_repeat_on_workdays_goes_by_it_at_once(api):
    """20 November 2026 is a Friday."""
    campaign = api.post("/campaigns", api.plan())
    api.post("/days", {"day": "2026-11-23", "name": "停电", "rest": True})
    daily = api.post(f"/campaigns/{campaign['id']}/repeat", {"every": "day", "workdays": True})
    assert [one[8:10] for one in daily["next"][:2]] == ["20", "24"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"day": "2027-02-30", "name": "店庆"}, "day"),
        ({"day": "9999-12-31", "name": "店庆"}, "day"),
        ({"day": 20270214, "name": "店庆"}, "day"),
        ({"day": "2027-02-14", "name": " "}, "name"),
        ({"day": "2027-02-14", "name": "长" * 13}, "name"),
        ({"day": "2027-02-14", "name": "店庆", "rest": "yes"}, "rest"),
        ({"name": "店庆"}, "day"),
    ],
)
def test_what_is_no_day_is_said_at_its_field(api, body, field):
    assert list(api.faults("/days", body)) == [field]
