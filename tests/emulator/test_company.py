"""CORP.json: what cannot be used is said, and a company that lives already is left as it is."""

import copy
import json

import pytest

from emulator.company import BadCorp, Corp, settle
from emulator.database import StoredState
from tests.wecom_world import corp


@pytest.fixture
def content():
    return copy.deepcopy(corp())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda corp: corp.pop("corp_id"), "lacks 'corp_id'"),
        (lambda corp: corp["app"].pop("secret"), "lacks 'secret'"),
        (lambda corp: corp["contacts"].update(aes_key="short"), "contacts: aes_key must have 43 characters"),
        (lambda corp: corp["app"].update(agentid="one"), "invalid literal"),
        (lambda corp: corp["groups"][0].update(kind="secret"), "kind must be internal or customer"),
    ],
)
def test_what_is_missing_or_wrong_is_named(content, spoil, words):
    spoil(content)
    with pytest.raises(BadCorp, match=words):
        Corp.of(content)


def test_a_file_that_is_no_json_is_named_too(tmp_path):
    path = tmp_path / "CORP.json"
    path.write_text("{")
    with pytest.raises(BadCorp, match="CORP.json"):
        Corp.read(path)


def test_only_the_hosts_of_its_home_and_those_it_trusts_may_be_sent_back_to(content):
    content["app"].update(home="http://shop.example:8000/g/", trusted=["https://other.example/x"])
    assert Corp.of(content).trusted == {"shop.example:8000", "other.example"}


def test_who_was_hired_and_renamed_since_stays_so_after_a_restart(content):
    state = StoredState(":memory:")
    settle(Corp.of(content), state, 0.0)
    members = state.value("SELECT COUNT(*) FROM member")
    assert members == len(content["members"])
    state.run("UPDATE member SET name = '王小芳' WHERE userid = 'wangfang'")
    content["members"].append({"userid": "new", "name": "新人"})
    settle(Corp.of(json.loads(json.dumps(content))), state, 1.0)
    assert state.value("SELECT name FROM member WHERE userid = 'WANGFANG'") == "王小芳"
    assert state.value("SELECT COUNT(*) FROM member") == members
    state.close()
