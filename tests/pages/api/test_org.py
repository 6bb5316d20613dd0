"""Branches, stores and guides."""


def test_branches_stores_and_guides_are_told_with_what_they_belong_to(shop_api):
    store = shop_api.get(f"/stores/{shop_api.ids['zhongjie']}")
    assert (store["code"], store["branch"]["code"], store["latitude"]) == ("zhongjie", "northeast", 41.8016)
    assert shop_api.get(f"/branches/{shop_api.ids['east']}") == {
        "id": shop_api.ids["east"],
        "code": "east",
        "name": "华东分公司",
    }
    guide = shop_api.get(f"/guides/{shop_api.ids['wangfang']}")
    assert (guide["name"], guide["store"]["name"], guide["status"]) == ("王芳", "沈阳中街店", "active")
    assert guide["joined_at"].endswith("Z")
    of_branch = shop_api.get(f"/guides?branch_id={shop_api.ids['northeast']}&status=active&sort=joined_at")[
        "items"
    ]
    assert {one["userid"] for one in of_branch} == {"wangfang", "zhoumei"}
    assert [one["code"] for one in shop_api.get(f"/stores?branch_id={shop_api.ids['east']}")["items"]] == [
        "xinjiekou"
    ]
