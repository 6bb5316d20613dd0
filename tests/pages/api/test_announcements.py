"""Announcements through the API."""

SOON = "2026-11-19T20:00:00+08:00"


def test_an_announcement_is_planned_for_both_kinds_of_groups(shop_api, customers):
    made = shop_api.post(
        "/announcements",
        {
            "title": "双十二",
            "text": "明天 9 点开会",
            "groups": [shop_api.ids["group_east"], customers],
            "launch_at": SOON,
        },
    )
    assert (made["status"], made["launch_at"]) == ("scheduled", "2026-11-19T12:00:00Z")
    assert {one["way"] for one in made["states"]} == {"robot", "owner"}
    assert all(one["words"] == "还没到时间" for one in made["states"])
    path = f"/announcements/{made['id']}"
    assert shop_api.get(path) == made
    assert [
        one["id"] for one in shop_api.get("/announcements?status=scheduled&sort=-launch_at")["items"]
    ] == [made["id"]]
    assert shop_api.post(f"{path}/cancel")["status"] == "cancelled"


def test_a_robot_for_a_customer_group_is_refused_with_the_reason(shop_api, customers):
    answer = shop_api.post(
        "/announcements",
        {
            "title": "双十二",
            "text": "好消息",
            "groups": [customers],
            "by_robot": [customers],
            "launch_at": SOON,
        },
        status=409,
    )
    assert "「南京会员群」是客户群" in answer["detail"]


def test_an_announcement_s_text_has_the_limit_of_where_it_goes(shop_api, customers):
    def body(text, *groups):
        return {"title": "双十二", "text": text, "groups": list(groups), "launch_at": SOON}

    words = shop_api.faults("/announcements", body("雪" * 683, shop_api.ids["group_east"]))["text"]
    assert "2,049 字节" in words
    assert "2,048 字节" in words
    shop_api.post("/announcements", body("雪" * 682, shop_api.ids["group_east"]))
    shop_api.post("/announcements", body("雪" * 683, customers))
    assert "4,000 字节" in shop_api.faults("/announcements", body("雪" * 1334, customers))["text"]


def test_an_announcement_names_what_is_missing(api):
    good = {"title": "双十二", "text": "好", "groups": [api.ids["group_east"]], "launch_at": SOON}
    assert set(api.faults("/announcements", {})) == {"title", "text", "groups", "launch_at"}
    assert api.faults("/announcements", {**good, "groups": []}) == {"groups": "至少 1 个，现在 0 个"}
    assert api.faults("/announcements", {**good, "groups": [99999]}) == {"groups": "没有编号是 99999 的群"}
    assert api.faults("/announcements", {**good, "by_robot": [99999]}) == {"by_robot": "99999 不在 groups 里"}
    assert api.faults("/announcements", {**good, "title": "  "}) == {"title": "不能空着"}
    assert api.faults("/announcements", {**good, "text": "坏\ud800"[:1] + "\u0007"}) == {
        "text": "里面有看不见的字符"
    }
