"""What an error says, and what is cut out of it."""

from datetime import UTC, datetime

import pytest

from wecom.errcodes import refusal
from wecom.errors import Action, BadCallback, PlatformError, broken, redact, window_seconds

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


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
