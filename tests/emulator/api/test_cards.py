"""What each type of template card must have."""

import pytest

from tests.emulator.card import SEND, card
from tests.wecom_world import World


def test_a_card_arrives_and_answers_a_response_code(world):
    answer = world.call(SEND, card())
    assert answer["response_code"]
    (row,) = world.ledger("card")
    assert (row["who"], row["what"]["task_id"]) == ("wangfang", "t1")
    again = card()
    again["template_card"]["main_title"] = {"title": "另一张"}
    assert world.call(SEND, again)["errcode"] == 40058


def test_the_same_card_again_within_the_duplicate_check_is_no_second_use_of_its_task_id(world):
    body = card() | {"enable_duplicate_check": 1}
    assert [world.call(SEND, body)["errcode"] for _ in range(2)] == [0, 0]
    assert len(world.ledger("card")) == 1


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"task_id": "任务"}, 42014),
        ({"task_id": "t" * 129}, 42014),
        ({"task_id": ""}, 42014),
        ({"card_type": "poem"}, 42031),
        ({"button_list": []}, 42038),
        ({"button_list": [{"text": "x", "key": "k"}] * 7}, 40058),
        ({"button_list": [{"text": "x"}]}, 42039),
        ({"button_list": [{"type": 1, "text": "x"}]}, 42028),
        ({"button_list": [{"key": "k"}]}, 42038),
        ({"horizontal_content_list": [{"keyname": "k"}] * 7}, 42035),
        ({"horizontal_content_list": [{"value": "v"}]}, 42027),
        ({"jump_list": [{"type": 0, "title": "t"}] * 4}, 42042),
        ({"sub_titel": "x"}, 40058),
        ({"source": {"desc_color": 9}}, 40058),
        (
            {
                "button_selection": {
                    "question_key": "q",
                    "option_list": [{"id": str(n), "text": "x"} for n in range(11)],
                }
            },
            42037,
        ),
        (
            {
                "action_menu": {
                    "desc": "d",
                    "action_list": [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}],
                }
            },
            42051,
        ),
    ],
)
def test_wrong_cards_are_refused(world, change, errcode):
    assert world.call(SEND, card(**change))["errcode"] == errcode


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"card_type": "text_notice", "main_title": {"title": "t"}}, 42045),
        ({"card_type": "text_notice", "card_action": {"type": 1, "url": "https://a.example"}}, 42033),
        (
            {
                "card_type": "text_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            0,
        ),
        ({"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": {"type": 0}}, 42045),
        ({"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": {"type": 1}}, 42028),
        (
            {
                "card_type": "text_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 2, "pagepath": "p"},
            },
            42030,
        ),
        (
            {
                "card_type": "news_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            42044,
        ),
        (
            {
                "card_type": "news_notice",
                "card_image": {"url": "https://a.example/a.png", "aspect_ratio": 2.26},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            40058,
        ),
        (
            {
                "card_type": "news_notice",
                "card_image": {"url": "https://a.example/a.png", "aspect_ratio": 1.3},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            0,
        ),
        (
            {"card_type": "vote_interaction", "task_id": "v", "submit_button": {"text": "交", "key": "s"}},
            42043,
        ),
        (
            {
                "card_type": "vote_interaction",
                "task_id": "v",
                "submit_button": {"text": "交", "key": "s"},
                "checkbox": {"question_key": "q", "option_list": [{"id": "1", "text": "好"}]},
            },
            0,
        ),
        (
            {
                "card_type": "multiple_interaction",
                "task_id": "m",
                "submit_button": {"text": "交", "key": "s"},
                "select_list": [],
            },
            42047,
        ),
    ],
)
def test_the_other_card_types(world, body, errcode):
    message = {"touser": "wangfang", "msgtype": "template_card", "agentid": 1000002, "template_card": body}
    assert world.call(SEND, message)["errcode"] == errcode


def test_an_interactive_card_needs_a_callback_address(receiver):
    content = receiver.content
    content["app"]["callback_url"] = ""
    with World(content) as world:
        assert world.call(SEND, card())["errcode"] == 43012
