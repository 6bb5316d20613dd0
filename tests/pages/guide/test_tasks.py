"""The guide's pages as they answer her: what is left to do, what became of it, and nothing odd brings them down."""

import re
from datetime import timedelta

import pytest
from flask import url_for
from sqlmodel import select

from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.guide_day import TODAY, task_path
from models.ledger.channels import GROUP_MASS, MASS, NOTICE
from tests.cast import ZHOU
from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import Give, page, phone


def test_a_notice_that_she_has_read_makes_room_for_the_next_task(console: Console, give: Give) -> None:
    code = give("盘点", NOTICE, reported_at=NOON)
    today = page(console, "/g/")
    todo, _, done = today.partition("盘点")
    assert "今天 1 件事" in todo and "你说做完了" in done
    footer = page(console, f"/g/tasks/{code}").partition("<footer")[2]
    assert "回到今日" in footer and "已经结束" not in footer and "<form" not in footer


def test_customer_groups_that_received_it_are_counted_as_groups(console: Console, give: Give) -> None:
    code = give("群里说", GROUP_MASS, confirmed_at=NOON, customer_count=2, reached=2)
    text = page(console, f"/g/tasks/{code}")
    assert "平台已确认，2 个客户群收到" in text and "位客户收到" not in text


def test_cards_and_reminders_lead_to_these_pages(console: Console, give: Give) -> None:
    """They are written where no page is asked for, so they know the paths by heart."""
    give("once", NOTICE)
    with console.db.read() as session, console.app.test_request_context():
        task = session.exec(select(Task).where(Task.code == "once")).one()
        assert [TODAY, task_path(task)] == [url_for("guide.today"), url_for("guide.task", code="once")]


def test_the_one_link_of_a_card_for_many_leads_her_to_her_own_task_and_a_stranger_to_her_day_J01(
    console: Console, give: Give
) -> None:
    code = give("boots", MASS)
    with console.db.read() as session:
        campaign = session.exec(select(Task).where(Task.code == code)).one().campaign_id
    hers, address = phone(console), f"/g/campaigns/{campaign}"
    assert hers.get(address).location == f"/g/tasks/{code}"
    assert hers.get("/g/campaigns/99999").location == "/g/"
    with console.db.write() as session:
        session.exec(select(Task).where(Task.code == code)).one().guide_id = console.ids[ZHOU]
    assert hers.get(address).location == "/g/", "her colleague's"


@pytest.mark.parametrize(
    ("minutes", "confirmed", "status", "words"),
    [
        (9, False, 303, ""),
        (11, False, 409, "说过已发超过 10 分钟，撤不回来了"),
        (1, True, 409, "平台已确认发出，撤不回来了"),
    ],
)
def test_taking_her_word_back_is_refused_in_words_when_it_is_too_late(
    console: Console, give: Give, minutes: int, confirmed: bool, status: int, words: str
) -> None:
    """Also from a second tab, where the button still stands."""
    code = give(
        "雪地靴",
        MASS,
        reported_at=NOON - timedelta(minutes=minutes),
        confirmed_at=NOON if confirmed else None,
    )
    hers = phone(console)
    token = re.search(r'data-csrf="([0-9a-f]+)"', hers.get("/g/").get_data(as_text=True))
    assert token
    answer = hers.post(f"/g/tasks/{code}/unsaid", data={"csrf": token[1]})
    assert answer.status_code == status and words in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("status", "words"), [("cancelled", "总部已停止这件事"), ("finished", "已过截止时间，没有再发")]
)
def test_a_task_that_is_over_promises_no_customer_anything(
    console: Console, give: Give, status: str, words: str
) -> None:
    code = give("停下的", MASS, customer_count=24)
    assert "发给 24 位客户" in page(console, f"/g/tasks/{code}")
    with console.db.write() as session:
        session.exec(select(Campaign).where(Campaign.name == "停下的")).one().status = CampaignStatus(status)
    shown = page(console, f"/g/tasks/{code}")
    assert words in shown and "位客户" not in shown


def test_the_platforms_word_is_not_shown_as_hers(console: Console, give: Give) -> None:
    """「我已发」 is ticked only when she said so."""
    code = give("直接发的", MASS, confirmed_at=NOON, reached=3)
    steps = page(console, f"/g/tasks/{code}").partition('class="card steps"')[2]
    steps = steps.partition("</ol>")[0].split("<li")[1:]
    assert ["done" in step.partition(">")[0] for step in steps] == [False, False, True]
    assert "没点，不要紧" in steps[1]


def test_the_switch_at_the_foot_holds_for_every_page_after_it(console: Console, give: Give) -> None:
    code, hers = give("盘点", NOTICE, text="今晚盘点"), phone(console)
    assert '?lang=en"' in hers.get("/g/").get_data(as_text=True)
    english = hers.get("/g/?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in english and "Good afternoon, 王芳" in english and '?lang=zh"' in english
    task = hers.get(f"/g/tasks/{code}").get_data(as_text=True)
    assert "Opened" in task and "今晚盘点" in task, "what she reads to others stays as it was written"
    assert "回到" not in hers.get("/g/tasks/nobody-s").get_data(as_text=True)
    hers.get("/g/?lang=zh")
    assert "下午好，王芳" in hers.get("/g/?lang=xx").get_data(as_text=True), (
        "no language of ours changes nothing"
    )


def test_outside_the_messenger_a_stranger_reads_it_in_english_too(console: Console) -> None:
    answer = console.stranger().get("/g/?lang=en")
    assert answer.status_code == 403 and "Please open this in WeCom" in answer.get_data(as_text=True)
