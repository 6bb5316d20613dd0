"""A signed event is never refused for its shape: it is answered, stored, and handled, kept or parked in words.

The events of tests/handlers/shapes/ are as odd as the platform's own: an element stands twice, letters that XML
forbids, blanks in front, kinds that nobody knows, ids that are empty.
"""

from pathlib import Path

import pytest

from tests.cast import CORP_ID, WANG, ZHONGJIE
from tests.handlers.platform import event, friend_event, member_event, on_one_database, stamp

SHAPES = {path.stem: path for path in sorted((Path(__file__).parent / "shapes").glob("*.xml"))}
DIRECTORY = "change_contact"
UNKNOWN = {
    "acquisition_", "app_email", "change_domain", "delete_calendar", "inactive_alert", "kf_", "location_select",
    "low_active", "meeting_", "msgaudit", "REPEAT_", "school_", "share_agent", "taskcard", "unlicensed", "wedrive_",
}  # fmt: skip
"""What no code of ours handles: kept, and shown."""
PARKED = {
    "BARE_add_external", "MISSING_external_add", "MISSING_userid_add", "chat_without_id", "create_user_no_userid",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("people")


def fate(name):
    if name in PARKED:
        return "parked"
    return "unknown_kind" if name.startswith(tuple(UNKNOWN)) else "handled"


def written(name, now):
    text = SHAPES[name].read_bytes().decode()
    return (
        text.replace("{corp}", CORP_ID)
        .replace("{now}", str(stamp(now)))
        .replace("[113]", f"[{ZHONGJIE.department}]")
    )


def test_every_shape_is_taken_and_comes_to_its_end_A14(platform, work, rows, clock):
    """One database for all of them, as the platform would send them."""
    for name in SHAPES:
        xml = written(name, clock())
        for source in ("app", "contacts") if DIRECTORY in xml else ("app",):
            answer = platform.send(xml, source)
            assert (answer.status_code, answer.data) == (200, b"success"), name
    work()
    assert len(rows()) == len(SHAPES)
    found = dict(zip(SHAPES, rows(), strict=True))
    assert {name: row.status for name, row in found.items()} == {name: fate(name) for name in SHAPES}
    assert all(row.trace == "" for row in found.values())
    for name in PARKED:
        assert "缺失" in found[name].error, name


@on_one_database
@pytest.mark.parametrize(
    "letter", ["\x08", "\x0b", "\x10", "\x1f", "\ufffe", "\0", "&#x8;", "&#16;", "&#xD800;", "&#0;"]
)
def test_what_xml_forbids_is_taken_out_of_a_name(happen, guide, letter):
    xml = f"<Name>陆{letter}瑶</Name><Department>{ZHONGJIE.department}</Department>"
    happen(member_event("create_user", "luyao", at=happen.now).replace("</xml>", f"{xml}</xml>"), "contacts")
    assert guide("luyao").name == "陆瑶"


@on_one_database
@pytest.mark.parametrize(
    ("told", "kept"),
    [("陆\u202e瑶", "陆瑶"), ("陆\x85瑶", "陆 瑶"), (" 陆\n瑶 ", "陆 瑶"), ("陆\u200b瑶\ufeff", "陆瑶"),
     ("👩\u200d👧", "👩\u200d👧"),
     ("A&B", "A&B"), ("&amp;#8;", "&#8;"), ("陆" * 3000, "陆" * 64)],
)  # fmt: skip
def test_a_name_is_one_line_without_control_characters(happen, guide, told, kept):
    xml = f"<Name>{told}</Name><Department>{ZHONGJIE.department}</Department>"
    happen(member_event("create_user", "luyao", at=happen.now).replace("</xml>", f"{xml}</xml>"), "contacts")
    assert guide("luyao").name == kept


ENCODINGS = [
    "GBK", "gb2312", "gb18030", "big5", "utf-16", "UTF-16LE", "utf-32", "iso-8859-1", "latin1", "us-ascii", "windows-1252",
    "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp", "utf-7", "utf8", "koi8-r", "cp936", "hz",
    "idna", "rot13", "zlib", "nonsense", "",
]  # fmt: skip


@on_one_database
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_declaration_of_another_encoding_is_not_believed_A14(happen, guide, encoding):
    row = happen(
        f'<?xml version="1.0" encoding="{encoding}"?>'
        + member_event("create_user", "luyao", at=happen.now, Name="陆瑶", Department=ZHONGJIE.department),
        "contacts",
    )
    assert (row.status, guide("luyao").name) == ("handled", "陆瑶")


@on_one_database
def test_bytes_that_are_no_letter_spoil_only_that_letter(happen, guide):
    xml = member_event("create_user", "luyao", at=happen.now, Name="陆瑶", Department=ZHONGJIE.department)
    cut, half = "瑶".encode()[:2], "\ud83d".encode("utf-8", "surrogatepass")
    row = happen(xml.encode().replace("瑶".encode(), b"y" + cut + half), "contacts")
    assert (row.status, guide("luyao").name.rstrip("\ufffd")) == ("handled", "陆y")


@pytest.mark.parametrize("source", ["app", "contacts"])
@pytest.mark.parametrize("wrong", ["w" * 3000, "w" * 65, "w\u200bm", ""])
def test_an_id_that_is_none_parks_its_event_in_words_A20(happen, wrong, source):
    for xml in (
        friend_event("add_external_contact", WANG, wrong, at=happen.now, WelcomeCode="C"),
        friend_event("del_follow_user", wrong, "wm1", at=happen.now),
        friend_event("edit_external_contact", WANG, wrong, at=happen.now),
        event("change_external_chat", "create", at=happen.now, ChatId=wrong),
        member_event("create_user", wrong, at=happen.now, Name="无名", Department=ZHONGJIE.department),
        member_event("delete_user", wrong, at=happen.now),
        event("subscribe", at=happen.now, actor=wrong),
    ):
        row = happen(xml, source)
        assert (row.status, row.trace) == ("parked", ""), xml
        assert "没有照做" in row.error and ("缺失" in row.error or "不是平台的编号" in row.error)


def test_long_values_elsewhere_are_cut_or_harmless(happen):
    long = "长" * 3000
    for xml in (
        friend_event("add_external_contact", WANG, "wm1", at=happen.now, State=long, WelcomeCode=long),
        friend_event("transfer_fail", WANG, "wm1", at=happen.now, FailReason=long),
        member_event("update_user", WANG, at=happen.now, Avatar=long, Name=long, Department="9" * 3000),
        event(
            "template_card_event", at=happen.now, actor=long, TaskId=long, EventKey=long, ResponseCode=long
        ),
        event("subscribe", at=happen.now, actor="wei", EventKey=long),
        event(long, long, at=happen.now),
    ):
        row = happen(xml)
        assert row.status in ("handled", "unknown_kind"), (row.error, row.trace)


@on_one_database
def test_an_event_that_does_not_say_what_it_is_is_kept(happen):
    for xml in (
        "<xml><Event>x</Event></xml>",
        "<xml><MsgType>event</MsgType></xml>",
        "<xml><InfoType>suite_ticket</InfoType></xml>",
        "<xml><a>1</a></xml>",
    ):
        assert happen(xml).status == "unknown_kind"
