"""What a card says, task by task: never more than we know, and never more than the platform shows."""

import pytest

from models.campaigns import CampaignStatus, Card, card_content
from models.campaigns.card_content import BUTTON, LINE, NOTE, TITLE, CardView
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
                Card(guide_id=sqlite_people.wang.id, period="2026-11-19.a", created_at=NOW),
            )
            for number, (campaign, task) in enumerate(tasks):
                plan = cast.campaign(session, **{"name": f"活动{number}", **campaign})
                cast.task(session, plan, sqlite_people.wang, card_id=card.id, **task)
            return card_content.view(session, card, cast.ZONE)

    return view


@pytest.mark.parametrize(
    ("campaign", "task", "state"),
    [
        ({}, {}, "等你发"),
        ({}, {"opened_at": NOW}, "等你发"),
        ({"channel": NOTICE}, {}, "等你看"),
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
    assert [line.state for line in view.lines] == ["等你发", "等你发", "说已发"]
    assert [line.text for line in view.lines] == [
        "1 活动1 · 11-19 17:00 前",
        "2 活动2 · 11-19 18:00 前",
        "3 活动0 · 11-19 18:00 前",
    ]
    assert [button.text for button in view.buttons] == ["第 1 件我已发", "第 2 件我已发"]


def test_what_hq_marked_urgent_stands_first_and_says_so_while_it_is_to_do(shown):
    view = shown(({}, {}), ({"urgent": True}, {}), ({"urgent": True}, SAID))
    assert [line.text.partition(" · ")[0] for line in view.lines] == ["1 【急件】活动1", "2 活动0", "3 活动2"]


def test_one_alone_says_that_it_is_urgent(shown):
    assert shown(({"urgent": True}, {})).lines[0].text.startswith("【急件】 · 在群发助手点一次发送")


def test_when_she_has_said_everything_the_card_waits_for_the_platform(shown):
    view = shown(({}, SAID), ({}, SAID), ({}, DONE))
    assert (view.title, view.note) == ("等平台确认", "你说已发的 2 件，确认了「今日」里会写")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"channel": NOTICE}, ("这张卡片上的事都结束了", "")),
        ({}, ("等平台确认", "你说已发的 1 件，确认了「今日」里会写")),
    ],
)
def test_a_notice_that_she_knows_of_waits_for_nothing(shown, other, words):
    view = shown(({"channel": NOTICE}, SAID), (other, SAID))
    assert (view.title, view.note) == words


def test_a_card_whose_tasks_have_all_ended_has_no_button_but_leads_to_today(shown):
    view = shown(({}, DONE), ({"status": CampaignStatus.CANCELLED}, {}))
    assert view.title == "这张卡片上的事都结束了"
    assert (view.buttons, view.link.path) == ((), "/g/")


@pytest.mark.parametrize(
    ("campaign", "task", "note"),
    [
        ({}, {}, "18:00 前点一次"),
        ({}, SAID, "你说已发。平台确认后，「今日」里会写"),
        ({}, {**SAID, **DONE}, "这件事完成了"),
        ({"channel": NOTICE}, SAID, "这件事完成了"),
        ({"status": CampaignStatus.CANCELLED}, {}, "总部已停止，不用再做"),
        ({}, {"closed_at": NOW}, "已过截止时间，不用再做"),
    ],
)
def test_a_card_asks_only_while_there_is_something_to_do(shown, campaign, task, note):
    """HQ's own line under the title asks for it: it does not stay when the task is done or stopped."""
    view = shown(({"card_note": "18:00 前点一次", **campaign}, task))
    assert view.note == note and len(view.buttons) == (note == "18:00 前点一次")


def test_a_pause_is_no_business_of_a_card_that_lies_on_her_phone(shown):
    """What waits in her 群发助手 may still be sent, and nothing would take the word back when HQ goes on."""
    assert shown(({"status": CampaignStatus.PAUSED}, {})).lines[0].state == "等你发"


@pytest.mark.parametrize(("tasks", "listed"), [(2, 2), (3, 3), (5, 3)])
def test_up_to_three_tasks_have_their_row_and_their_button_whole(shown, tasks, listed):
    """Beyond them the last row says how many are left out."""
    long = {"name": "名" * 40, "card_title": "题\n" * 60, "card_note": "注" * 200}
    view = shown(*[(long, {})] * tasks)
    assert len(view.title) <= TITLE and len(view.note) <= NOTE and len(view.lines) == listed + (tasks > 3)
    assert all(len(line.text) <= LINE and "\n" not in line.text for line in view.lines)
    assert [button.text for button in view.buttons] == [f"第 {n} 件我已发" for n in range(1, listed + 1)]
    assert len(view.buttons[0].text) <= BUTTON
    assert tasks == listed or view.lines[-1].text == "还有 2 件，在「今日」里看"


def test_two_guides_with_the_same_tasks_read_the_same(sqlite_database, sqlite_people):
    """Nothing on a card is hers alone: so one message may bring it to both."""
    with sqlite_database.write() as session:
        plan = cast.campaign(session)
        cards = []
        for number, guide in enumerate((sqlite_people.wang, sqlite_people.zhao)):
            cards.append(cast.add(session, Card(guide_id=guide.id, period="2026-11-19.a", created_at=NOW)))
            cast.task(session, plan, guide, card_id=cards[-1].id, customer_count=number)
        one, other = card_content.views(session, cards, cast.ZONE).values()
    assert one.content == other.content
