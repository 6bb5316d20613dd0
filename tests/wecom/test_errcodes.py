"""The table of codes: every one of the contract, in plain Chinese words, and what is to be done."""

import re

import pytest

from wecom.endpoints import ENDPOINTS
from wecom.errcodes import CODES, ELSEWHERE, TOKEN_CODES, verdict
from wecom.errors import Action

CONTRACT = [
    -1, 6000, 40001, 40003, 60111, 40007, 40014, 42001, 41001, 40029, 42003, 42022, 40031, 40032, 40035, 40058, 40063,
    40068, 40093, 40096, 40097, 90500, 40099, 40100, 40129, 40126, 40128, 40130, 40131, 40201, 40204, 40205, 41035,
    *range(41037, 41045), 41045, 41046, 41047, 41048, 41049, 41050, 41051, 41053, 41054, 41055, 41058, 41063, 41064,
    41065, 41072, 41078, 41079, 41080, 41081, 41082, 41091, 41093, 41094, 41095, 41096, *range(42014, 42019),
    *range(42027, 42052), 42052, 43012, 44004, 45001, 45002, 45008, 45009, 45033, 45029, 48001, 48002, 48006, 48009,
    50001, 50003, 60011, 60020, 60021, 60030, 60140, 81013, 81017, 82001, 84061, 84074, 85005, 80001, 90207, 90208,
    90501, 90502, 90507, 90508, 90509, 93000, 93004, 93006, 93008, 301002, 301019, 701008, 40033, 43009,
]  # fmt: skip
"""Every code of contract 4.2."""


def test_every_code_of_the_contract_has_words():
    assert set(CONTRACT) - set(CODES) == set()


@pytest.mark.parametrize("found", [*CODES.values(), *ELSEWHERE.values()], ids=str)
def test_words_are_chinese_and_plain(found):
    assert re.search(r"[\u4e00-\u9fff]", found.words)
    assert not set(found.words) & set("！!亲")
    assert not found.words.endswith("。")
    waits = found.action in (Action.RETRY, Action.WINDOW, Action.SLOWER, Action.STOP)
    assert (found.retry_after is not None) == waits
    assert bool(found.reach) == (found.action in (Action.STOP, Action.WINDOW))


def test_no_code_leaves_open_whether_it_was_done():
    """An answer with a code is an answer: only silence is unknown."""
    assert Action.UNKNOWN not in {found.action for found in CODES.values()}
    assert {CODES[code].action for code in TOKEN_CODES} == {Action.RETRY}


def test_the_same_code_may_mean_something_else_elsewhere():
    assert verdict("externalcontact/cancel_groupmsg_send", 41093).action is Action.DONE
    assert verdict("externalcontact/remind_groupmsg_send", 41093).action is Action.REFUSED
    assert "20 条" in verdict("webhook/send", 45009).words
    assert all(api in ENDPOINTS for api, _ in ELSEWHERE)


def test_an_unknown_code_is_a_permanent_no_that_names_itself():
    found = verdict("message/send", 123456)
    assert found.action is Action.REFUSED
    assert "123456" in found.words
