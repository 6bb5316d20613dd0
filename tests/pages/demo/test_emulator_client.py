"""Hands on the built-in WeCom: what it refuses is said, its book is read to the end."""

import pytest

from pages.demo.emulator_client import EmulatorClient, NotPressed
from tests.cast import XU
from tests.wecom_world import World


def test_a_refusal_of_the_phone_is_said_in_its_own_words(world: World):
    with pytest.raises(NotPressed, match="没有这个任务"):
        EmulatorClient(world.url).press("/phone/guide/wangfang/confirm", msgid="none")


def test_the_book_is_read_to_its_end_and_its_last_row_is_known(world: World):
    hands = EmulatorClient(world.url)
    before = hands.last()
    hands.press(f"/phone/customer/{XU}/delete", userid="wangfang", wait=True)
    rows = hands.ledger(before, "callback")
    assert [row["what"]["event"] for row in rows] == ["change_external_contact.del_follow_user"]
    assert hands.last() == rows[-1]["id"]
