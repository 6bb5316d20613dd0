"""Campaigns from outside: every complaint at save time, the verbs of their life, and what became of them."""

import pytest
from pyroaring import FrozenBitMap

from models import preferences
from models.accounts import api_tokens
from models.campaigns import CampaignAudience
from tests import cast
from tests.pages.api.conftest import NOON
from tests.posters.samples import BOOTS


def test_a_campaign_is_planned_submitted_paused_resumed_and_cancelled(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan(scope={"branches": [shop_api.ids["northeast"]]}))
    assert (made["status"], made["launch_at"]) == ("draft", "2026-11-20T02:00:00Z")
    assert made["scope"]["branches"] == [shop_api.ids["northeast"]]
    path = f"/campaigns/{made['id']}"
    for verb, status in (
        ("submit", "scheduled"),
        ("pause", "paused"),
        ("resume", "scheduled"),
        ("cancel", "cancelled"),
    ):
        assert shop_api.post(f"{path}/{verb}")["status"] == status
    assert shop_api.get(path)["status_words"].startswith("api:crm 停止")
    verbs = [one["verb"] for one in shop_api.get(f"/audit?noun=campaign:{made['id']}&sort=id")["items"]]
    assert verbs == [
        "campaign.create",
        "campaign.schedule",
        "campaign.pause",
        "campaign.resume",
        "campaign.cancel",
    ]


def test_a_campaign_is_taken_back_copied_and_its_draft_deleted(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan())
    path = f"/campaigns/{made['id']}"
    shop_api.post(f"{path}/submit")
    assert shop_api.call("DELETE", path).status_code == 409
    assert shop_api.post(f"{path}/unschedule")["status"] == "draft"
    copied = shop_api.post(f"{path}/copy")
    assert (copied["name"], copied["status"], copied["text"]) == (
        f"{made['name']} 副本",
        "draft",
        made["text"],
    )
    assert shop_api.call("DELETE", path).get_json()["name"] == made["name"]
    assert shop_api.call("GET", path).status_code == 404
    assert shop_api.get(f"/campaigns/{copied['id']}")["status"] == "draft"


def test_what_needs_approval_is_submitted_and_approved_by_another_token_F12(shop_api):
    with shop_api.db.write() as session:
        for name in ("zhou", "he"):
            cast.account(session, name, now=NOON)
        flow = api_tokens.create(session, "flow", writes=True, who="周岚", now=NOON)
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}"
    assert shop_api.post(f"{path}/submit")["status"] == "submitted"
    assert "要请总部另一位" in shop_api.post(f"{path}/approve", {}, status=409)["detail"]
    returned = shop_api.post(f"{path}/return", {"reason": "价格写错了"}, token=flow)
    assert (returned["status"], returned["status_words"]) == ("draft", "api:flow退回：价格写错了")
    shop_api.call("PATCH", path, json={"text": "雪地靴到店了。"})
    shop_api.post(f"{path}/submit")
    assert (
        "现在等着批的是第 2 版" in shop_api.post(f"{path}/approve", {"version": 1}, 409, token=flow)["detail"]
    )
    assert shop_api.post(f"{path}/approve", {"version": 2}, token=flow)["status"] == "scheduled"
    assert shop_api.call("PATCH", path, json={"text": "雪地靴都到店了。"}).get_json()["status"] == "draft"
    shop_api.post(f"{path}/submit")
    versions = shop_api.get(f"{path}/versions")["items"]
    assert [(one["version"], one["decision"], one["decided_by"]) for one in versions] == [
        (3, "waiting", ""),
        (2, "approved", "api:flow"),
        (1, "returned", "api:flow"),
    ]
    assert (versions[0]["changed"], versions[2]["reason"]) == (["text"], "价格写错了")


def test_how_it_runs_is_chosen_and_said_and_only_a_pilot_can_go_on(shop_api):
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}"
    assert shop_api.get(path)["rules"] == {
        "grace_minutes": 30,
        "stop_percent": None,
        "pilot": None,
        "branch_delays": {},
    }
    pilot = {
        "by": "branch",
        "number": shop_api.ids["northeast"],
        "by_rule": True,
        "minutes": 60,
        "failed_percent": 5,
    }
    delays = {str(shop_api.ids["northeast"]): 90}
    rules = {"grace_minutes": 5, "stop_percent": 40, "pilot": pilot, "branch_delays": delays}
    assert shop_api.post(f"{path}/rules", rules)["rules"] == rules
    assert "截止以前" in str(shop_api.faults(f"{path}/rules", {"branch_delays": {**delays, "1": 4711}}))
    assert "分公司编号" in str(shop_api.faults(f"{path}/rules", {"branch_delays": {"东北": 90}}))
    assert shop_api.faults(f"{path}/rules", {"pilot": {"by": "store", "number": 99_999}})["pilot"]
    assert shop_api.faults(f"{path}/rules", {"stop_percent": 101})["stop_percent"]
    for huge in ({"by": "store", "number": 10**30}, {"by_rule": True, "minutes": 10**30}):
        assert "不能大于" in str(shop_api.faults(f"{path}/rules", {"pilot": huge}))
    assert "没有先试一小批" in shop_api.post(f"{path}/go-on", status=409)["detail"]


def test_a_huge_audience_is_submitted_approved_and_resumed_only_with_its_number_F13(shop_api):
    with shop_api.db.write() as session:
        preferences.change(session, "周岚", NOON, confirm_above="1")
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}"
    asked = shop_api.faults(f"{path}/submit", {})["customers"]
    number = int(asked.split("发给 ")[1].split(" 位")[0])
    assert "你输入的是 20000" in shop_api.faults(f"{path}/submit", {"customers": 20000})["customers"]
    assert shop_api.post(f"{path}/submit", {"customers": number})["status"] == "scheduled"
    assert shop_api.call("PATCH", path, json={"text": "换了一句"}).get_json()["status"] == "draft"
    shop_api.post(f"{path}/submit", {"customers": number})
    assert shop_api.post(f"{path}/pause")["status"] == "paused"
    assert shop_api.faults(f"{path}/resume", {})["customers"] == asked
    assert shop_api.post(f"{path}/resume", {"customers": number})["status"] == "scheduled"


def test_whoever_approves_a_huge_audience_writes_its_number_F13(shop_api):
    with shop_api.db.write() as session:
        preferences.change(session, "周岚", NOON, confirm_above="1")
        for name in ("zhou", "he"):
            cast.account(session, name, now=NOON)
        flow = api_tokens.create(session, "flow", writes=True, who="周岚", now=NOON)
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}"
    assert shop_api.post(f"{path}/submit")["status"] == "submitted", "nothing starts yet"
    refused = shop_api.post(f"{path}/approve", {}, status=422, token=flow)
    number = int(str(refused).split("发给 ")[1].split(" 位")[0])
    assert shop_api.post(f"{path}/approve", {"customers": number}, token=flow)["status"] == "scheduled"


def test_two_texts_are_kept_and_compared_once_it_was_launched(api):
    made = api.post("/campaigns", api.plan(second_text="雪地靴，最后三天。", second_percent=30))
    assert (made["second_text"], made["second_percent"]) == ("雪地靴，最后三天。", 30)
    assert api.get(f"/campaigns/{made['id']}/funnel")["split"] is None
    with api.db.write() as session:
        members, second = FrozenBitMap([1, 2, 3, 4]), FrozenBitMap([4])
        reached = FrozenBitMap([1, 2])
        session.add(CampaignAudience(campaign_id=made["id"], members=members, second=second, reached=reached))
    found = api.get(f"/campaigns/{made['id']}/funnel")["split"]
    assert (found["first"], found["second"]) == (
        {"customers": 3, "reached": 2},
        {"customers": 1, "reached": 0},
    )
    assert found["low"] < 0 < found["high"] and "可能只是碰巧" in found["words"]
    assert "second_text" in api.faults("/campaigns", api.plan(channel="notice", second_text="x"))


def test_a_verb_that_is_too_late_is_a_409_in_words(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan())
    path = f"/campaigns/{made['id']}"
    assert "草稿" in shop_api.post(f"{path}/pause", status=409)["detail"]
    shop_api.post(f"{path}/cancel")
    for verb in ("submit", "pause", "resume"):
        assert "已停止" in shop_api.post(f"{path}/{verb}", status=409)["detail"]
    assert shop_api.call("PATCH", path, json={"name": "改名"}).status_code == 409


def test_a_text_is_measured_in_the_platform_s_bytes_when_it_is_saved(shop_api):
    assert shop_api.post("/campaigns", shop_api.plan(text="雪" * 1333))["status"] == "draft"
    words = shop_api.faults("/campaigns", shop_api.plan(text="雪" * 1334))["text"]
    assert "4,002 字节" in words
    assert "4,000 字节" in words


def test_a_card_s_title_is_measured_in_characters(shop_api):
    shop_api.post("/campaigns", shop_api.plan(card_title="雪" * 36))
    assert "36 个字" in shop_api.faults("/campaigns", shop_api.plan(card_title="雪" * 37))["card_title"]
    assert "44 个字" in shop_api.faults("/campaigns", shop_api.plan(card_note="雪" * 45))["card_note"]


@pytest.mark.parametrize(("changes", "field"), [
    ({"name": ""}, "name"), ({"name": "雪" * 41}, "name"), ({"text": ""}, "text"), ({"channel": "pigeon"}, "channel"),
    ({"attachments": [{"form": "picture"}]}, "attachments.0.picture_id"),
    ({"attachments": [{"form": "picture", "picture_id": 99}]}, "attachments.0.picture_id"),
    ({"attachments": [{"form": "gif"}]}, "attachments.0.form"), ({"attachments": "poster"}, "attachments"),
    ({"attachments": [{"form": "link", "url": "https://a.b", "version": 10**30}]}, "attachments.0.version"),
    ({"attachments": [{"form": "poster"}]}, "attachments.0.design"),
    ({"attachments": [{"form": "poster", "design": "nothing-like-it"}]}, "attachments.0.design"),
    ({"attachments": [{"form": "link", "url": "https://a.example", "title": "x"}] * 10}, "attachments"),
    ({"ends_at": "2026-11-20T09:00:00+08:00"}, "ends_at"), ({"ends_at": "2027-11-20T09:00:00+08:00"}, "ends_at"),
    ({"ends_at": "2026-11-01T09:00:00+08:00", "launch_at": "2026-11-01T08:00:00+08:00"}, "ends_at"),
    ({"launch_at": "2026-11-20T10:00:00"}, "launch_at"), ({"launch_at": 1763600000}, "launch_at"),
    ({"launch_at": None}, "launch_at"),
    ({"scope": {"stores": [99999]}}, "scope.stores"), ({"scope": {"guides": ["wangfang"]}}, "scope.guides.0"),
    ({"scope": {"branches": [0]}}, "scope.branches.0"), ({"scope": {"branches": [True]}}, "scope.branches.0"),
    ({"scope": []}, "scope"),
    ({"text": "a\u0000b"}, "text"),
])  # fmt: skip
def test_each_complaint_names_its_field(api, changes, field):
    faults = api.faults("/campaigns", api.plan(**changes))
    assert field in faults, faults
    assert faults[field]


def test_a_poster_campaign_hears_what_its_design_needs(shop_api):
    def poster(**fields):
        return shop_api.plan(attachments=[{"form": "poster", **fields}])

    faults = shop_api.faults("/campaigns", poster(design="artwork"))
    assert "海报图" in faults["attachments.0.picture_id"]
    assert "attachments.0.words.headline" in shop_api.faults("/campaigns", poster(design="headline"))
    words = {"headline": "初雪，先暖脚。", "price": "¥699", "occasion": "2026 冬"}
    with shop_api.db.write() as session:
        picture = cast.picture(session, BOOTS, now=NOON).id
    made = shop_api.post("/campaigns", poster(design="artwork", picture_id=picture))["attachments"][0]
    assert (made["design"], made["picture_id"]) == ("artwork", picture)
    made = shop_api.post("/campaigns", poster(design="headline", words=words))["attachments"][0]
    assert made["words"] == words


def test_an_edit_changes_what_it_names_and_checks_the_whole(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan(card_note="请尽快发"))
    path = f"/campaigns/{made['id']}"
    changed = shop_api.call(
        "PATCH", path, json={"name": "初雪", "scope": {"guides": [shop_api.ids["wangfang"]]}}
    ).get_json()
    assert (changed["name"], changed["card_note"], changed["scope"]["guides"]) == (
        "初雪",
        "请尽快发",
        [shop_api.ids["wangfang"]],
    )
    assert changed["text"] == made["text"]
    assert "ends_at" in shop_api.faults(path, {"launch_at": "2026-11-21T10:00:00+08:00"}, "PATCH")
    assert shop_api.faults(path, {"launch_at": None}, "PATCH") == {"launch_at": "不能空着"}
    assert "name" in shop_api.faults(path, {"name": None}, "PATCH")
    assert shop_api.get(path) == changed


def test_a_draft_that_has_grown_old_is_refused_when_submitted(shop_api):
    made = shop_api.post("/campaigns", shop_api.plan())
    shop_api.clock.advance(days=3)
    answer = shop_api.call("POST", f"/campaigns/{made['id']}/submit")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0] == {"field": "ends_at", "words": "截止时间已经过去"}


def test_an_action_takes_no_body(api):
    path = f"/campaigns/{api.ids['campaign']}/pause"
    assert api.call("POST", path, json={"force": True}).status_code == 422
    assert api.call("POST", path, json={}).status_code == 200


def test_campaigns_are_found_by_state_and_time(shop_api):
    shop_api.post("/campaigns", shop_api.plan())
    assert [one["name"] for one in shop_api.get("/campaigns?status=running&channel=mass")["items"]] == [
        "周末九折"
    ]
    assert [one["name"] for one in shop_api.get("/campaigns?sort=-launch_at")["items"]] == [
        "初雪雪地靴",
        "周末九折",
    ]
    assert [one["name"] for one in shop_api.get("/campaigns?launch_since=2026-11-20T00:00:00Z")["items"]] == [
        "初雪雪地靴"
    ]
    assert [
        one["name"] for one in shop_api.get("/campaigns?launch_before=2026-11-20T00:00:00Z")["items"]
    ] == ["周末九折"]


def test_what_belongs_to_no_campaign_is_a_404(api):
    for name in ("", "/funnel", "/tasks", "/recipients"):
        assert api.call("GET", f"/campaigns/99999{name}").status_code == 404
    for verb in ("submit", "pause", "resume", "cancel"):
        assert api.call("POST", f"/campaigns/99999/{verb}").status_code == 404
