"""Shifts: written in bulk by userid and day, told by guide, store and days."""

from tests.pages.api.conftest import CSV


def test_days_are_written_found_and_taken_away(shop_api):
    rows = [
        {"userid": "wangfang", "day": "2026-11-19", "off": True, "note": "调休"},
        {"userid": "WANGFANG", "day": "2026-11-20", "opens": "14:00", "closes": "22:00"},
        {"userid": "zhoumei", "day": "2026-11-20", "off": True},
        {"userid": "nobody", "day": "2026-11-20", "off": True},
        {"userid": "wangfang", "day": "soon", "off": True},
    ]
    brought = shop_api.post("/shifts", rows)
    assert (brought["added"], [(one["row"], one["field"]) for one in brought["errors"]]) == (
        3,
        [(4, "userid"), (5, "day")],
    )
    ids = shop_api.ids
    for query, days in (
        (f"guide_id={ids['wangfang']}", ["20", "19"]),
        ("userid=WangFang&since=2026-11-20", ["20"]),
        (f"store_id={ids['zhongjie']}&until=2026-11-19", ["19"]),
        (f"branch_id={ids['east']}", []),
    ):
        found = shop_api.get(f"/shifts?{query}")["items"]
        assert [one["day"][-2:] for one in found] == days, query
    assert (found := shop_api.get("/shifts?userid=zhoumei")["items"][0])["guide"]["userid"] == "zhoumei"
    assert (found["off"], found["opens"]) == (True, "")
    shop_api.post("/shifts", [{"userid": "zhoumei", "day": "2026-11-20"}])
    assert shop_api.get("/shifts?userid=zhoumei")["items"] == []


def test_a_roster_is_taken_as_a_table(shop_api):
    table = "企业微信账号,日期,休息\nwangfang,2026-11-19,是\n".encode()
    brought = shop_api.call("POST", "/shifts", data=table, headers={"Content-Type": CSV})
    assert brought.get_json()["added"] == 1
