"""The mix through the API: what a week holds, and more for one week."""

PRICE = {"text": "今晚只要 199 元"}


def test_a_campaign_says_what_it_counts_as(shop_api):
    assert shop_api.post("/campaigns", shop_api.plan(kind="brand"))["kind"] == "brand"
    assert shop_api.post("/campaigns", shop_api.plan(**PRICE))["kind"] == "deal"
    assert "kind" in shop_api.faults("/campaigns", shop_api.plan(kind="gift"))


def test_a_week_is_counted_once_it_is_planned_and_hq_allows_it_more(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan(**PRICE))
    at = made["launch_at"].replace("+", "%2B")
    before = shop_api.get(f"/mix?at={at}")
    shop_api.post(f"/campaigns/{made['id']}/submit")
    after = shop_api.get(f"/mix?at={at}")
    assert after["deal"] == before["deal"] + 1 and after["most_percent"] == 20
    said = shop_api.post("/mix/allow", {"at": made["launch_at"], "percent": 35, "reason": "双十一"})
    assert said["most_percent"] == 35 and said["allowances"][0]["reason"] == "双十一"
    assert set(
        shop_api.faults("/mix/allow", {"at": made["launch_at"], "percent": 10, "reason": "少一点"})
    ) == {"percent"}
    assert shop_api.call("GET", "/mix?branch_id=999999").status_code == 404
