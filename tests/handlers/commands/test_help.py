"""帮助: every command with its line."""

import pytest

from tests.handlers.platform import on_one_database

pytestmark = pytest.mark.usefixtures("people")


@on_one_database
def test_help_lists_every_command_with_its_line(say):
    assert say("@小霁 帮助").split("\n") == [
        "**帮助**　看看可以对我说什么",
        "**今日任务**　今天还有什么要做，打开就能做",
        "**签到**　每天一次，记下你来了",
    ]
