"""The same key does a thing once."""

import threading

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.accounts.idempotency import IdempotencyKey
from tests.pages.api.test_endpoint import GROUP


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
    first = api.post("/assignments/dry-run", {"userid": "wangfang"}, headers=key)
    assert first["guide"]["userid"] == "wangfang"
    other = api.post("/assignments/dry-run", {"userid": "sunjiayi"}, headers=key, token=api.reading)
    assert other["guide"]["userid"] == "sunjiayi"


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
