"""What a card says, task by task: never more than we know, and never more than the platform shows."""

import pytest

from models.campaigns import CampaignStatus, Card, card_content
from models.campaigns.card_content import BUTTON, LINE, LINK, NOTE, TITLE, CardView
from models.ledger.channels import NOTICE
from tests import cast
from tests.cast import NOW

DONE = {"confirmed_at": NOW}
SAID = {"opened_at": NOW, "reported_at": NOW}


@pytest.fixture
def shown(sqlite_database, sqlite_people):
    """王芳's card with one task per (campaign's fields, task's fields)."""

    def view(*tasks) -> CardView:
        with sqlite_database.write() as session:
            card = cast.add(
                session,
                Card(guide_id=sqlite_people.wang.id, period="2026-11-19.a", task_key="key", created_at=NOW),
            )
            for number, (campaign, task) in enumerate(tasks):
                plan = cast.campaign(session, **{"name": f"活动{number}", **campaign})
                cast.task(session, plan, sqlite_people.wang, card_id=card.id, **task)
            return card_content.view(session, card, cast.ZONE)

    return view


@pytest.mark.parametrize(
    ("campaign", "task", "state"),
    [
        ({}, {}, "未打开"),
        ({}, {"opened_at": NOW}, "已打开"),
        ({}, SAID, "说已发"),
        ({"channel": NOTICE}, SAID, "说知道了"),
        ({}, {**SAID, **DONE}, "平台已确认"),
        ({"status": CampaignStatus.CANCELLED}, SAID, "已停止"),
        ({"status": CampaignStatus.FINISHED}, {}, "已结束"),
        ({"status": CampaignStatus.CANCELLED}, DONE, "平台已确认"),
        ({}, {"closed_at": NOW}, "已结束"),
    ],
)
def test_a_line_says_how_far_a_task_is_and_never_more(shown, campaign, task, state):
    assert shown((campaign, task)).lines[0].state == state


def test_several_tasks_begin_with_what_is_to_do_first(shown):
    view = shown(({}, SAID), ({"ends_at": NOW.replace(hour=9, minute=0)}, {}), ({}, {}))
    assert (view.title, view.note) == ("还有 2 件事", "先做「活动1」，11-19 17:00 前")
    assert [line.state for line in view.lines] == ["未打开", "未打开", "说已发"]


def test_when_she_has_said_everything_the_card_waits_for_the_platform(shown):
    view = shown(({}, SAID), ({}, SAID), ({}, DONE))
    assert (view.title, view.note) == ("都说已发，等平台确认", "还有 2 件在等，通常 10 分钟内")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"channel": NOTICE}, ("这张卡片上的事都结束了", "")),
        ({}, ("都说已发，等平台确认", "还有 1 件在等，通常 10 分钟内")),
    ],
)
def test_a_notice_that_she_knows_of_waits_for_nothing(shown, other, words):
    view = shown(({"channel": NOTICE}, SAID), (other, SAID))
    assert (view.title, view.note) == words


def test_a_card_whose_tasks_have_all_ended_still_has_a_button(shown):
    view = shown(({}, DONE), ({"status": CampaignStatus.CANCELLED}, {}))
    assert view.title == "这张卡片上的事都结束了"
    assert [(button.text, button.path, button.key) for button in view.buttons] == [("看今日任务", "/g/", "")]


def test_a_paused_task_says_so_in_place_of_its_time(shown):
    assert "总部已暂停" in shown(({"status": CampaignStatus.PAUSED}, {})).note


def test_long_names_are_cut_to_what_the_platform_shows(shown):
    long = {"name": "名" * 40, "card_title": "题\n" * 60, "card_note": "注" * 200}
    view = shown((long, {}), (long, {}), (long, {}), (long, {}))
    assert len(view.title) <= TITLE and len(view.note) <= NOTE and len(view.lines) == 4
    assert all(len(line.text) <= LINE and "\n" not in line.text for line in view.lines)
    assert all(len(link.title) <= LINK for link in view.links)
    assert all(len(button.text) <= BUTTON for button in view.buttons)
    assert len(view.tasks) == 4
