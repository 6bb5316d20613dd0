"""What people write is read once and kept nowhere; a command's own word is all that stays of a message."""

import json

import pytest

from handlers import registry
from models.db import metadata
from tests import cast
from tests.cast import NOW, WANG
from tests.handlers.platform import event, on_one_database, robot_message

SAID = "退款到13800001111"
"""Nobody's business"""
MESSAGES = {
    "nothing that it knows": {"text": {"content": f"{SAID}，谢谢"}},
    "a command with more": {"text": {"content": f"@小霁 今日任务 {SAID}"}},
    "in several parts": {
        "msgtype": "mixed",
        "mixed": {
            "msg_item": [
                {"msgtype": "text", "text": {"content": f"签到 {SAID}"}},
                {"msgtype": "image", "image": {"url": f"https://example.com/{SAID}"}},
            ]
        },
    },
    "spoken": {"msgtype": "voice", "voice": {"content": f"帮助 {SAID}"}},
    "a file": {"msgtype": "file", "file": {"url": f"https://example.com/{SAID}"}},
    "with a quote": {"text": {"content": "签到"}, "quote": {"msgtype": "text", "text": {"content": SAID}}},
    "a kind of next year": {"msgtype": "hologram", "hologram": {"content": SAID}},
    "a complaint": {
        "msgtype": "event",
        "event": {"eventtype": "feedback_event", "feedback_event": {"id": "1", "type": 2, "content": SAID}},
    },
}


@pytest.fixture
def everything(database):
    """Every value that stands anywhere in the database, as one text."""

    def read():
        with database.read() as session:
            rows = [row for table in metadata.sorted_tables for row in session.execute(table.select()).all()]
        return "\n".join(repr(tuple(row)) for row in rows)

    return read


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("how", MESSAGES)
def test_what_somebody_says_to_the_robot_stands_nowhere(platform, rows, everything, how):
    platform.say({**robot_message("", WANG), **MESSAGES[how]})
    assert len(rows()) == 1 and rows()[0].actor == WANG
    assert (
        SAID not in everything() and "13800001111" not in everything() and "response_code" not in everything()
    )


@pytest.mark.usefixtures("people")
@on_one_database
def test_she_is_answered_with_what_she_said_and_a_copy_is_not(platform, everything):
    message = robot_message(SAID, WANG)
    _, first = platform.say(message)
    _, again = platform.say(message)
    assert f"没听懂「{SAID}」" in first["stream"]["content"]
    assert "没听懂这句话" in again["stream"]["content"] and again["stream"]["id"] == first["stream"]["id"]
    assert SAID not in everything()


@pytest.mark.usefixtures("people")
@on_one_database
@pytest.mark.parametrize("how", ["a command with more", "in several parts", "spoken"])
def test_a_command_that_failed_can_be_handled_again_from_what_is_kept(
    platform, rows, receiver, database, monkeypatch, how
):
    _, meant = platform.say({**robot_message("", WANG), **MESSAGES[how]})
    kept = rows()[0].body
    _, again = platform.say(json.dumps(json.loads(kept) | {"msgid": "once more"}))
    assert again["stream"]["content"].split("，")[0] == meant["stream"]["content"].split("，")[0]


@on_one_database
@pytest.mark.parametrize(
    "parts",
    [
        {"MsgType": "text", "Content": SAID},
        {"MsgType": "image", "PicUrl": f"https://example.com/{SAID}", "MediaId": SAID},
        {"MsgType": "location", "Location_X": "41.79", "Label": SAID},
        {"MsgType": "link", "Title": SAID, "Description": SAID, "Url": SAID},
    ],
)
def test_what_a_member_writes_to_the_app_stands_nowhere(platform, rows, work, everything, parts):
    said = event("", at=NOW, actor="a&b<c", MsgId="77", **parts).replace("<Event><![CDATA[]]></Event>", "")
    assert platform.send(said).status_code == 200
    work()
    [row] = rows()
    assert (row.status, row.actor, row.kind) == ("handled", "a&b<c", f"message.{parts['MsgType']}")
    assert SAID not in everything() and "41.79" not in everything()
    assert platform.send(said).data == b"success" and rows()[0].copies == 2


@on_one_database
def test_an_event_is_kept_as_it_came(platform, rows):
    came = event("change_contact", "update_user", at=NOW, UserID=cast.WANG, Name="王芳")
    platform.send(came)
    assert rows()[0].body == came and registry.handler_of(rows()[0].kind)
