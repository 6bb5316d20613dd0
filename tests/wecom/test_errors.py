"""The table of codes, the words of errors, and what is cut out of them."""

import re
from datetime import UTC, datetime

import pytest

from wecom.endpoints import ENDPOINTS
from wecom.errcodes import CODES, ELSEWHERE, TOKEN_CODES, refusal, verdict
from wecom.errors import Action, BadCallback, PlatformError, broken, redact, window_seconds

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
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


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("GET /cgi-bin/gettoken?corpid=ww&corpsecret=S3CR&x=1", "S3CR"), ("access_token=T0KEN hint", "T0KEN"),
     ('{"access_token": "T0KEN"}', "T0KEN"), ("key=K3Y-1", "K3Y-1"), ("'ticket': 'T1CK'", "T1CK"),
     ("response_code=RC1&a=b", "RC1"), ("code=C0DE", "C0DE"), ("Access_Token=T0KEN", "T0KEN")],
)  # fmt: skip
def test_parameters_that_are_secrets_are_cut_out(text, hidden):
    assert hidden not in redact(text)
    assert "***" in redact(text)


def test_harmless_words_stay():
    assert redact("errcode=0 userid=wang hint: [1_2]") == "errcode=0 userid=wang hint: [1_2]"
    assert redact("a known secret-value here", ["secret-value"]) == "a known *** here"


def test_the_day_ends_at_the_platforms_midnight():
    assert window_seconds("api daily limit", NOW) == 7 * 3600
    assert window_seconds("freq out of limit, hint: [day1hour2]", NOW) == 60


def test_long_answers_are_cut():
    assert len(refusal("message/send", 40058, "x" * 10_000, NOW).detail) == 300


def test_an_error_says_what_when_and_why_and_can_be_told_again():
    error = refusal("message/send", 45009, "freq", NOW)
    assert str(error) == "message/send 45009 [window] 平台说这一段时间太多，已自动等待，没有丢"
    again = error.again()
    assert again is not error
    assert vars(again) == vars(error)
    assert str(PlatformError("x", None, Action.RETRY, "稍后")) == "x [retry] 稍后"


@pytest.mark.parametrize(
    ("effect", "executed", "action"),
    [(True, True, Action.UNKNOWN), (True, False, Action.RETRY), (False, True, Action.RETRY), (False, False, Action.RETRY)],
)  # fmt: skip
def test_only_an_effect_that_may_have_happened_is_unknown(effect, executed, action):
    assert broken("a", effect=effect, executed=executed, words="没有回答").action is action


def test_a_bad_callback_knows_its_status():
    assert {kind: BadCallback(kind, "x").status for kind in
            ("too_big", "malformed", "bad_signature", "stale", "wrong_receiver")} == {
        "too_big": 413, "malformed": 400, "bad_signature": 403, "stale": 403, "wrong_receiver": 403,
    }  # fmt: skip
    assert str(BadCallback("stale", "太旧")) == "stale: 太旧"
