"""The attachments in the form: one more, one less, another order; what is uploaded is hers, and of its kind."""

import re
from html import unescape
from io import BytesIO

import pytest
from sqlmodel import select

from models.campaigns.files import StoredFile
from posters.templates import DESIGNS
from tests.pages.conftest import Console
from tests.pages.plan_form import PLAN, campaigns, pictured, poster, send
from tests.pages.shop import jpeg

MP4 = b"\0\0\0\x18ftypmp42" + b"v" * 20
LINK = {
    "attachments.1.form": "link",
    "attachments.1.url": "https://shop.example/size",
    "attachments.1.title": "尺码怎么选",
}


def shown(answer) -> list[str]:
    """The forms of the attachments on the page, in their order."""
    text = answer.get_data(as_text=True)
    return [part.partition('"')[0] for part in text.split('form" value="')[1:]]


@pytest.mark.parametrize(
    ("do", "forms"),
    [
        ("add:video", ["poster", "link", "video"]),
        ("add:gif", ["poster", "link"]),
        ("remove:0", ["link"]),
        ("remove:9", ["poster", "link"]),
        ("remove:", ["poster", "link"]),
        ("up:1", ["link", "poster"]),
        ("up:0", ["poster", "link"]),
    ],
)
def test_a_button_changes_the_list_with_and_without_script(
    console: Console, do: str, forms: list[str]
) -> None:
    client = console.signed_in("zhou")
    typed = {**PLAN, **poster(headline="初雪"), **LINK, "do": do}
    assert shown(console.post(client, "/console/campaigns/attachments", typed)) == forms
    whole = send(console, client, **poster(headline="初雪"), **LINK, do=do)
    assert shown(whole) == forms and "初雪雪地靴" in whole.get_data(as_text=True)
    assert campaigns(console) == []


def test_what_was_filled_in_is_kept_in_its_order(console: Console) -> None:
    assert send(console, console.signed_in("zhou"), **poster(headline="初雪"), **LINK).status_code == 303
    first, second = campaigns(console)[0].attachments
    assert (first["form"], first["words"]) == ("poster", {"headline": "初雪"})
    assert (second["url"], second["title"]) == ("https://shop.example/size", "尺码怎么选")


@pytest.mark.parametrize("design", DESIGNS)
def test_the_form_asks_for_every_field_of_a_design_and_for_no_other(console: Console, design: str) -> None:
    """With what to write there beside each."""
    typed = {**PLAN, **poster(design=design), "do": "design"}
    page = console.post(console.signed_in("zhou"), "/console/campaigns/attachments", typed)
    text = page.get_data(as_text=True)
    asked = set(re.findall(r'name="attachments\.0\.(?:words\.)?(\w+)"', text))
    assert asked - {"form", "design", "sentence", "upload"} == {
        "picture_id" if name == "picture" else name for name in DESIGNS[design].FIELDS
    }
    assert all(hint in unescape(text) for hint in DESIGNS[design].FIELDS.values())


def test_the_points_of_a_poster_are_kept_as_lines(console: Console) -> None:
    points = "量脚 三十秒，知道该穿几码\r\n留货 您来之前，先放一双"
    card = poster(design="guide_card", headline="有事，找我。", points=points)
    assert send(console, console.signed_in("zhou"), **card).status_code == 303
    [kept] = campaigns(console)[0].attachments
    assert kept["words"]["points"] == points.replace("\r", "")


def test_a_sentence_that_every_poster_would_cut_is_a_fault_of_its_field(console: Console) -> None:
    answer = send(console, console.signed_in("zhou"), **poster(headline="初雪", sentence="长按识别，" * 6))
    assert answer.status_code == 422 and "这句话一行放不下" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "content", "status", "words"),
    [
        ("video", MP4, 200, "a.mp4"),
        ("video", b"GIF89a" + b"x" * 20, 422, "平台只收 MP4 视频"),
        ("file", b"sizes by foot length", 200, "a.mp4"),
        ("file", b"", 422, "没有收到文件"),
    ],
)
def test_a_file_is_kept_at_once_and_its_slot_names_it_K03(
    console: Console, form: str, content: bytes, status: int, words: str
) -> None:
    sent = {"form": form, "slot": "attachments.3.upload", "upload": (BytesIO(content), "../../a.mp4")}
    answer = console.post(console.signed_in("zhou"), "/console/files", sent)
    text = answer.get_data(as_text=True)
    assert answer.status_code == status and words in text
    assert 'name="attachments.3.file_id"' in text


def test_without_script_a_file_travels_with_the_form(console: Console) -> None:
    video = {"attachments.0.form": "video", "attachments.0.upload": (BytesIO(MP4), "走秀.mp4")}
    own = {"to": "some", "branch": str(console.ids["northeast"])}
    assert send(console, console.signed_in("zhou"), **video, **own).status_code == 303
    with console.db.read() as session:
        kept = session.exec(select(StoredFile)).one()
    assert campaigns(console)[0].attachments == [{"form": "video", "file_id": kept.id}]
    assert (kept.name, kept.content) == ("走秀.mp4", MP4)
    client = console.signed_in("zhou")
    answer = client.get(f"/console/files/{kept.id}")
    assert answer.data == MP4 and "attachment" in answer.headers["Content-Disposition"]
    assert console.signed_in("liu").get(f"/console/files/{kept.id}").status_code == 404
    taken = {"attachments.0.form": "video", "attachments.0.file_id": str(kept.id)}
    assert send(console, console.signed_in("liu"), **taken).status_code == 422


def test_more_than_the_platform_takes_is_said_and_none_is_lost_F16(console: Console) -> None:
    client = console.signed_in("zhou")
    console.post(client, "/console/pictures", {"slot": "x", "upload": (BytesIO(jpeg()), "a.jpg")})
    ten = {name: value for n in range(10) for name, value in pictured(1, n).items()}
    answer = send(console, client, **ten)
    assert answer.status_code == 422 and len(shown(answer)) == 10
    assert "附件 10 个，平台上限 9 个" in answer.get_data(as_text=True)


def test_what_another_design_asked_for_goes_with_it(console: Console) -> None:
    """Unseen, a price would still make the campaign a deal."""
    typed = poster("guide_card", headline="今天穿什么", price="¥699", sentence="找我试")
    shown = " ".join(send(console, console.signed_in("zhou"), do="design", **typed).text.split())
    assert 'name="attachments.0.words.headline"' in shown and "¥699" not in shown
    assert 'value="找我试"' in shown
