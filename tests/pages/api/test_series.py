"""Repeated campaigns from outside: made, changed, stopped."""


def test_a_campaign_is_repeated_changed_and_stopped(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan())
    series = shop_api.post(f"/campaigns/{made['id']}/repeat", {"every": "day", "count": 5})
    assert series["words"] == "每天 10:00，一共 5 次" and len(series["next"]) == 5
    assert [one["campaign_id"] for one in series["made"]] == [made["id"]]
    path = f"/series/{series['id']}"
    changed = shop_api.post(f"{path}/rule", {"every": "week"})
    assert changed["repeat"]["every"] == "week"
    assert shop_api.post(f"{path}/pattern", {"campaign_id": made["id"]})["id"] == series["id"]
    assert shop_api.post(f"{path}/stop")["stopped_at"]
    assert shop_api.get("/series")["items"][0]["next"] == []
    assert "已经停下" in shop_api.post(f"{path}/rule", {"every": "day"}, status=409)["detail"]


def test_a_rule_that_makes_no_sense_names_its_field(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan())
    answer = shop_api.post(f"/campaigns/{made['id']}/repeat", {"every": "day", "count": 1}, status=422)
    assert "repeat.count" in str(answer)


def test_what_is_no_day_is_said_to_be_none(api):
    made = api.post("/campaigns", api.plan())
    faults = api.faults(f"/campaigns/{made['id']}/repeat", {"every": "day", "until": "明天"})
    assert faults == {"until": "要是日期，例如 2026-12-31"}
