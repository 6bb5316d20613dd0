"""离职交接 in the console: the six numbers, who takes over, the one question, 「换一位再问」."""

import re

import pytest

from models.friends import handover_drafts
from models.friends.handover import Handover, TransferState
from models.org import Guide
from tests import cast
from tests.models.friends import handed
from tests.pages.conftest import NOON, Console, page

PATH = "/console/handovers"


@pytest.fixture
def draft(console: Console) -> int:
    """王芳 has left; nobody else works in her store."""
    with console.db.write() as session:
        wang = session.get_one(Guide, console.ids[cast.WANG])
        for one in handed.customers(3):
            cast.befriend(session, wang, one)
        wang.leave("change_contact", NOON)
        session.flush()
        handover = handover_drafts.draft(session, wang, NOON)
        handover_drafts.write_down(session, handover.id, NOON)
        return handover.id


def choose(console: Console, draft: int, who: str = "chen", **form):
    data = {"rule": "one", "guide": console.ids[cast.ZHOU], **form}
    return console.post(console.signed_in(who), f"{PATH}/{draft}/successors", data)


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_page_says_who_left_and_what_is_missing(console: Console, draft: int) -> None:
    text = plain(page(console, PATH))
    assert "给王芳的 4 位选人" in text and "要选接手的人" in text and "4 等人选接手的" in text
    assert "店里没人能接，要分公司选人" in text
    assert f'href="{PATH}"' in page(console, "/console/"), "it stands in what only a person can solve"


def test_a_branch_chooses_confirms_once_and_only_its_own(console: Console, draft: int) -> None:
    assert console.signed_in("liu").get(f"{PATH}?id={draft}").status_code == 404
    assert choose(console, draft, "liu").status_code == 404
    assert choose(console, draft).status_code == 303
    text = plain(page(console, f"{PATH}?id={draft}", "chen"))
    assert "4 等店长确认" in text and "交接 4 位好友" in text
    question = plain(page(console, f"{PATH}/{draft}/confirm", "chen"))
    assert "把 4 位好友交给 1 位？" in question and "先不交" in question
    assert console.post(console.signed_in("chen"), f"{PATH}/{draft}/confirm").status_code == 303
    text = plain(page(console, f"{PATH}?id={draft}", "chen"))
    assert "陈默" in text and "4 等客户 24 小时" in text
    assert console.post(console.signed_in("chen"), f"{PATH}/{draft}/confirm").status_code == 303


def test_what_cannot_be_chosen_is_said_on_the_page(console: Console, draft: int) -> None:
    for form, words in (
        ({"guide": []}, "先选人"),
        ({"rule": "share", f"parts-{console.ids[cast.ZHOU]}": "0"}, "份数是 1 到 100"),
        ({"guide": [console.ids["sunjiayi"]]}, "先选人"),
    ):
        answer = choose(console, draft, **form)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), form
    assert choose(console, draft, rule="nonsense").status_code == 404
    answer = console.post(console.signed_in("chen"), f"{PATH}/{draft}/confirm")
    assert answer.status_code == 409 and "还没有人接手" in answer.get_data(as_text=True)


def test_people_are_found_by_name_and_store(console: Console, draft: int) -> None:
    text = page(console, f"{PATH}/{draft}/successors?q=周梅")
    assert "周梅" in text and "孙佳怡" not in text
    assert "没有找到在岗的人" in page(console, f"{PATH}/{draft}/successors?q=没有这人")


def test_who_refused_is_asked_again(console: Console, draft: int) -> None:
    choose(console, draft)
    console.post(console.signed_in("chen"), f"{PATH}/{draft}/confirm")
    with console.db.write() as session:
        handover = session.get_one(Handover, draft)
        row = handed.rows(session, handover)[0]
        row.state, row.words = TransferState.REFUSED, "不同意周梅"
        number = row.id
    assert "换一位再问" in page(console, f"{PATH}?id={draft}", "chen")
    again = {"row": number, "successor": console.ids[cast.ZHOU]}
    chen = console.signed_in("chen")
    assert console.post(chen, f"{PATH}/{draft}/again", again).status_code == 303
    second = console.post(chen, f"{PATH}/{draft}/again", again)
    assert second.status_code == 409 and "刚才已经换过了" in second.get_data(as_text=True)


def test_on_the_job_a_draft_is_begun_and_given_up(console: Console) -> None:
    wang = console.ids[cast.WANG]
    chen = console.signed_in("chen")
    assert "王芳" in page(console, f"{PATH}/new?q=王", "chen")
    assert "换好以后客户读到的话" in page(console, f"{PATH}/new?guide={wang}", "chen")
    too_long = console.post(chen, f"{PATH}/new", {"guide": wang, "message": "字" * 201})
    assert too_long.status_code == 422 and "最多 200 个字" in too_long.get_data(as_text=True)
    made = console.post(chen, f"{PATH}/new", {"guide": wang, "message": "以后我来照顾您"})
    assert made.status_code == 303
    assert "没办完" in page(console, f"{PATH}/new?guide={wang}", "chen")
    number = int(made.location.rpartition("=")[2])
    assert "在职换人" in page(console, f"{PATH}?id={number}", "chen")
    assert console.post(chen, f"{PATH}/{number}/stop").status_code == 303
    assert console.post(console.signed_in("ma"), f"{PATH}/new", {"guide": wang}).status_code == 403


def test_a_person_says_that_she_left(console: Console) -> None:
    wang = console.ids[cast.WANG]
    answer = console.post(console.signed_in("chen"), f"{PATH}/new", {"guide": wang, "how": "left"})
    assert answer.status_code == 303
    with console.db.read() as session:
        assert session.get_one(Guide, wang).left_how == "by_hand"
    assert "控制台里有人说她离职了" in page(console, f"/console/guides/{wang}")


def test_with_nothing_to_hand_over_the_page_says_so(console: Console) -> None:
    assert "没有要交接的" in page(console, PATH)
