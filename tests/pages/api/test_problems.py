"""What is refused is told in words, in the language of the request."""

import re

CHINESE = re.compile(r"[\u4e00-\u9fff]")


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


ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


def test_a_refusal_speaks_english_to_whom_asks_for_it(api):
    def told(method, path, body=None, **how):
        return api.call(method, path, json=body, headers=ENGLISH, **how).get_json()

    group = told("POST", "/groups", {"name": "", "odd": 1})
    assert group["title"] == "Something has to be changed"
    assert {one["field"]: one["words"] for one in group["errors"]} == {
        "name": "This cannot be empty",
        "odd": "This field is unknown and was not taken",
    }
    assert (
        told("POST", "/entry-codes", {"userid": "nobody"})["detail"]
        == "There is no guide with the account “nobody”"
    )
    assert told("GET", "/guides?sort=odd")["errors"][0]["words"].startswith("Only ")
    assert told("GET", "/nothing")["title"] == "No such page"
    assert "This token may only read" in told("POST", "/groups", {}, token=api.reading)["detail"]
    # what a rule of the models refuses: its words come with their values
    campaign = told("POST", "/campaigns", api.plan(text="{客户名}，到店了", scope={"all": True}))
    assert "{客户名}" in campaign["detail"] and "总部" not in campaign["detail"]
    assert not CHINESE.search(re.sub(r"\{[^{}]+\}", "", campaign["detail"])), campaign
    assert CHINESE.search(api.call("GET", "/nothing").get_json()["title"]), "Chinese without it"


def test_what_we_say_of_a_row_follows_the_request_too(api):
    def reasons(**headers):
        items = api.call("GET", "/deliveries", headers=headers).get_json()["items"]
        return [one["label"] for one in items] + [one["reason"] for one in items]

    assert any(CHINESE.search(reason) for reason in reasons())
    assert not [reason for reason in reasons(**ENGLISH) if CHINESE.search(reason)]
