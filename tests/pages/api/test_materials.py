"""Materials through the API: the same verbs as the console, the same reasons."""

LINK = {"form": "link", "url": "https://shop.example/size", "title": "尺码怎么选"}
PIECE = {"name": "尺码怎么选", "text": "量一下脚长", "attachments": [LINK]}


def test_a_piece_goes_from_draft_to_a_campaign(shop_api):
    made = shop_api.post("/materials", PIECE)
    path = f"/materials/{made['id']}"
    assert (made["status"], made["version"], made["approved_version"]) == ("draft", 1, None)
    assert shop_api.post(f"{path}/submit")["status"] == "approved", "one account of HQ: nobody else could"
    copy = LINK | {"material_id": made["id"], "version": 1}
    plan = shop_api.post("/campaigns", shop_api.plan(attachments=[copy]))
    assert plan["attachments"][0]["material_id"] == made["id"]
    faults = shop_api.faults("/campaigns", shop_api.plan(attachments=[copy | {"title": "怎么选尺码"}]))
    assert "素材库的那一版不一样" in faults["attachments.0.material_id"]
    assert shop_api.get("/materials?status=approved&kind=content")["items"] == [shop_api.get(path)]


def test_an_edit_names_what_it_changes_and_a_price_is_a_deal(shop_api):
    made = shop_api.post("/materials", PIECE)
    path = f"/materials/{made['id']}"
    edited = shop_api.call("PATCH", path, json={"text": "先量脚长"}).get_json()
    assert (edited["text"], edited["name"], edited["version"]) == ("先量脚长", "尺码怎么选", 1)
    assert "销售" in shop_api.faults(path, {"text": "只要 199 元"}, method="PATCH")["kind"]
    deal = shop_api.call("PATCH", path, json={"text": "只要 199 元", "kind": "deal"})
    assert deal.get_json()["kind"] == "deal"


def test_the_goods_are_counted_and_a_piece_retires(shop_api):
    made = shop_api.post("/materials", PIECE | {"stock": "in", "stock_left": 9, "stock_floor": 5})
    path = f"/materials/{made['id']}"
    assert shop_api.post(f"{path}/stock", {"left": 4})["stock_left"] == 4
    assert set(shop_api.faults(f"{path}/stock", {"left": -1})) == {"left"}
    assert shop_api.post(f"{path}/retire")["status"] == "retired"
    assert set(shop_api.faults("/materials", {"attachments": [{"form": "gif"}]})) >= {
        "name",
        "attachments.0.form",
    }


def test_a_poster_that_cannot_hold_its_words_is_said_when_the_piece_is_written_F16(api):
    """Not when a campaign takes it over, where nobody would look at it again."""
    poster = {"form": "poster", "design": "headline", "words": {"headline": "初雪"}}
    made = api.post("/materials", {"name": "初雪", "attachments": [poster]}, 201)
    long = [poster | {"words": {"headline": "九个字的标题太长了"}}]
    for path, method in (("/materials", "POST"), (f"/materials/{made['id']}", "PATCH")):
        faults = api.faults(path, {"name": "初雪", "attachments": long}, method)
        assert "最多 8 个" in faults["attachments.0.words.headline"]


def test_what_a_design_does_not_show_is_no_word_of_its_poster(api):
    unseen = {"form": "poster", "design": "guide_card", "words": {"price": "¥699"}}
    faults = api.faults("/materials", {"name": "搭配", "kind": "deal", "attachments": [unseen]})
    assert "这个版式上没有这一项" in faults["attachments.0.words.price"]
