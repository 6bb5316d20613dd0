"""What is sent as JSON, and what an answer is taken for."""

import json

from tests.wecom.failures import READ, SEND, failure
from tests.wecom.fake_platform import Raw, no
from wecom.errors import Action


def test_the_same_data_makes_the_same_bytes(client, platform):
    for _ in range(2):
        client.call(SEND, {"b": 1, "a": {"d": "店", "c": [1, 2]}})
    assert platform.seen[-1].body == platform.seen[-2].body


def test_text_that_cannot_be_encoded_is_refused_in_words(client, platform):
    error = failure(client.call, SEND, {"text": {"content": "\ud83d"}})
    assert error.action is Action.REFUSED
    assert "字符" in error.words
    assert platform.count(SEND) == 0


def test_a_name_cut_inside_a_character_does_not_spoil_the_answer(client, platform):
    """And what no database column can hold is left out, however deep it stands."""
    platform.on(READ, Raw(b'{"errcode":0,"name":"\xe5\xb0\x8f\xf0\x9f","seen":[{"by":"a\\u0000b\\ud83d"}]}'))
    told = client.call(READ)
    assert (told["name"], told["seen"]) == ("小\ufffd", [{"by": "ab"}])


def test_a_code_counts_whatever_the_status_is(client, platform):
    platform.on(SEND, Raw(json.dumps(no(45033)).encode(), 503))
    assert failure(client.call, SEND, {}).action is Action.SLOWER
