"""The book of everything that was called and received."""

import json


def test_every_call_is_in_the_book_without_token_or_secret(world):
    world.call("user/get", userid="nobody")
    rows = world.ledger("call")
    assert [(row["what"]["api"], row["what"]["errcode"]) for row in rows] == [
        ("gettoken", 0),
        ("user/get", 60111),
    ]
    text = json.dumps(rows)
    assert world.token() not in text
    assert world.content["app"]["secret"] not in text
