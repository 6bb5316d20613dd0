"""Who may come in, how fast, with what, and how often."""

import threading

import pytest
from sqlmodel import select

from models.accounts.api_tokens import ApiToken
from models.accounts.audit import Audit
from models.accounts.idempotency import IdempotencyKey
from models.org import Branch
from pages.api import rate_limit

GROUP = {"name": "南京导购群"}


def test_without_a_token_nothing_is_answered(api):
    answer = api.app.test_client().get("/api/v1/branches")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 401


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic b25ldGFw",
        "Bearer onetap_",
        "Bearer onetap_wrong",
        "onetap_",
        "Bearer \x80",
    ],
)
def test_a_wrong_token_is_a_401(api, given):
    answer = api.app.test_client().get("/api/v1/branches", headers={"Authorization": given})
    assert answer.status_code == 401


def test_a_token_in_the_address_is_no_token_I14(api):
    """Addresses end up in logs."""
    answer = api.app.test_client().get(f"/api/v1/branches?token={api.writing}&access_token={api.writing}")
    assert answer.status_code == 401


def test_a_revoked_token_ends_at_the_next_call_I07(api):
    assert api.call("GET", "/branches", token=api.reading).status_code == 200
    with api.db.write() as session:
        session.exec(select(ApiToken).where(ApiToken.name == "bi")).one().revoked_at = api.clock()
    assert api.call("GET", "/branches", token=api.reading).status_code == 401


def test_tokens_are_stored_hashed_and_know_when_they_were_last_used_I14(shop_api):
    shop_api.get("/branches", token=shop_api.reading)
    first = shop_api.clock()
    shop_api.clock.advance(minutes=5)
    shop_api.get("/branches", token=shop_api.reading)
    with shop_api.db.read() as session:
        row = session.exec(select(ApiToken).where(ApiToken.name == "bi")).one()
    assert row.used_at == first  # written at most every ten minutes
    assert shop_api.reading not in str(row.model_dump())


def test_a_reading_token_cannot_write(api):
    for path in ("/groups", "/branches", "/campaigns", f"/campaigns/{api.ids['campaign']}/cancel", "/robots"):
        answer = api.call("POST", path, token=api.reading, json={})
        assert answer.status_code == 403, path
    assert api.get("/groups", token=api.reading)["items"]


def test_every_call_is_behind_the_door(api):
    """Deny by default: each rule of the address map refuses a stranger."""
    client = api.app.test_client()
    tried = 0
    for rule in api.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            path = rule.rule.replace("<int:number>", "1")
            if client.open(path, method=method, json={}).status_code == 401:
                tried += 1
                rate_limit.install(api.app, "")
                continue
            pytest.fail(f"{method} {path} let a stranger in")
    assert tried > 40


def test_cookies_open_nothing_and_no_form_token_is_needed(api):
    client = api.app.test_client()
    client.set_cookie("onetap_console", "x")
    assert client.post("/api/v1/groups", json=GROUP).status_code == 401
    assert api.call("POST", "/groups", json=GROUP).status_code == 201


def test_who_comes_too_fast_waits_for_the_next_minute(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    for _ in range(3):
        assert api.call("GET", "/branches").status_code == 200
    answer = api.call("GET", "/branches")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert (
        api.call("GET", "/branches", token=api.reading).status_code == 200
    )  # another token has its own pace
    api.clock.advance(minutes=1)
    assert api.call("GET", "/branches").status_code == 200


def test_strangers_who_guess_tokens_are_slowed_down_I06(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "STRANGERS_PER_MINUTE", 5)
    answers = [api.call("GET", "/branches", token=f"onetap_guess{number}").status_code for number in range(8)]
    assert answers == [401] * 5 + [429] * 3


def test_processes_with_one_redis_count_together(api, redis_url, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    answers = []
    for _process in range(2):
        rate_limit.install(api.app, redis_url)
        answers += [api.call("GET", "/branches").status_code for _ in range(2)]
    assert answers == [200, 200, 200, 429]


def test_while_redis_is_away_each_process_counts_for_itself(api, monkeypatch):
    monkeypatch.setattr(rate_limit, "PER_MINUTE", 3)
    rate_limit.install(api.app, "redis://127.0.0.1:9/0")
    assert [api.call("GET", "/branches").status_code for _ in range(4)] == [200] * 3 + [429]


def test_a_body_that_is_not_json_says_so(api):
    assert api.call("POST", "/groups", data="{", content_type="application/json").status_code == 400
    assert (
        api.call(
            "POST", "/groups", data="name=x", content_type="application/x-www-form-urlencoded"
        ).status_code
        == 415
    )
    assert api.call("POST", "/groups", data=b"\xff\xfe", content_type="application/json").status_code == 400
    assert api.call("POST", "/groups", data="[" * 100_000, content_type="application/json").status_code == 400


def test_a_body_that_is_too_large_is_a_413_in_words(api):
    answer = api.call("POST", "/groups", data=b" " * 1_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert "1,000,000" in answer.get_json()["detail"]


def test_unknown_fields_are_refused_not_ignored_I02(api):
    """Nobody makes himself something by naming a field."""
    assert api.faults("/groups", {**GROUP, "branch_id": 1, "status": "dismissed"}) == {
        "branch_id": "不认识这个字段，没有照收",
        "status": "不认识这个字段，没有照收",
    }
    faults = api.faults("/campaigns", api.plan(status="running", created_by=1, scope={"everybody": True}))
    assert set(faults) == {"status", "created_by", "scope.everybody"}


def test_unknown_filters_and_orders_are_refused_I10(api):
    """Sort and filters come from an allow-list."""
    for query in (
        "sort=name",
        "sort=id;drop table branch",
        "sort=password_hash",
        "colour=red",
        "limit=0",
        "limit=201",
        "limit=x",
        "code=a&code=b",
        "cursor=%00",
        "status=",
    ):
        answer = api.call("GET", f"/guides?{query}")
        assert answer.status_code == 422, query
    assert "只能是 id、-id" in str(api.call("GET", "/branches?sort=name").get_json())
    assert api.call("GET", "/stats?since=x").status_code == 422


def test_a_filter_is_a_value_never_a_pattern_I10(shop_api):
    for value in ("%25", "n_rtheast", "' OR 1=1 --", "northeast%27"):
        assert shop_api.get(f"/branches?code={value}")["items"] == []
    assert [one["code"] for one in shop_api.get("/branches?code=northeast")["items"]] == ["northeast"]


def test_an_unknown_row_or_address_is_a_404(api):
    for path in (
        "/branches/0",
        "/branches/999999",
        "/branches/99999999999999999999",
        "/branches/x",
        "/nothing",
    ):
        answer = api.call("GET", path)
        assert answer.status_code == 404, path
        assert answer.mimetype == "application/problem+json"


def test_the_same_key_and_body_give_the_same_answer_and_do_nothing_twice(shop_api):
    key = {"Idempotency-Key": "a-1"}
    first = shop_api.call("POST", "/groups", json=GROUP, headers=key)
    again = shop_api.call("POST", "/groups", json=GROUP, headers=key)
    assert (
        (again.status_code, again.get_data())
        == (first.status_code, first.get_data())
        == (201, first.get_data())
    )
    assert [one["name"] for one in shop_api.get("/groups")["items"]].count(GROUP["name"]) == 1


def test_the_same_key_with_another_body_is_refused(shop_api):
    key = {"Idempotency-Key": "a-1"}
    shop_api.post("/groups", GROUP, headers=key)
    answer = shop_api.call("POST", "/groups", json={"name": "另一个群"}, headers=key)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.get_json()["detail"]
    assert shop_api.call("POST", "/groups?x=1", json=GROUP, headers=key).status_code == 422


def test_a_refused_call_leaves_its_key_free(shop_api):
    """What was not done may be asked again, put right."""
    key = {"Idempotency-Key": "a-1"}
    assert (
        shop_api.call("POST", "/groups", json={"name": "群", "store": "nowhere"}, headers=key).status_code
        == 422
    )
    shop_api.post("/groups", GROUP, headers=key)


def test_keys_of_two_tokens_do_not_meet(api):
    key = {"Idempotency-Key": "a-1"}
    first = api.post("/assignments/dry-run", {"userid": "wang"}, headers=key)
    assert first["guide"]["userid"] == "wang"
    other = api.post("/assignments/dry-run", {"userid": "sun"}, headers=key, token=api.reading)
    assert other["guide"]["userid"] == "sun"


@pytest.mark.parametrize("key", ["", "x" * 129, "schlüssel"])
def test_a_key_has_a_shape(api, key):
    assert api.call("POST", "/groups", json=GROUP, headers={"Idempotency-Key": key}).status_code == 422


def test_two_equal_calls_at_one_moment_do_it_once(shop_api):
    answers = []
    together = threading.Barrier(4)

    def call():
        together.wait()
        answers.append(
            shop_api.call("POST", "/groups", json=GROUP, headers={"Idempotency-Key": "at-once"}).get_data()
        )

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    with shop_api.db.read() as session:
        assert len(session.exec(select(IdempotencyKey)).all()) == 1
        assert len(session.exec(select(Audit).where(Audit.verb == "group.add")).all()) == 1


def test_what_is_refused_half_way_is_undone_whole(shop_api):
    with shop_api.db.read() as session:
        before = len(session.exec(select(Audit)).all())
    shop_api.post(f"/campaigns/{shop_api.ids['campaign']}/submit", status=409)
    with shop_api.db.read() as session:
        assert len(session.exec(select(Audit)).all()) == before


def test_every_change_is_in_the_audit_under_the_token_s_name(shop_api):
    shop_api.post("/groups", GROUP)
    shop_api.post("/branches", [{"code": "south", "name": "华南"}])
    found = shop_api.get("/audit?actor=api:crm")["items"]
    assert [(one["actor"], one["verb"]) for one in found] == [("api:crm", "import"), ("api:crm", "group.add")]


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
