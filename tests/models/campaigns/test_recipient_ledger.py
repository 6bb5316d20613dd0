"""One line per customer, with what became of her: the same numbers as the funnel, whatever the page."""

import pytest
from sqlalchemy import true

from models.campaigns import Task, funnel, recipient_ledger, results
from models.campaigns.looks import PRODUCTION
from models.campaigns.recipient_ledger import Fate, counts, lines, note_export, stream
from models.campaigns.results import Reading
from models.errors import Refused
from tests.cast import CHEN, LIN, SU, XU


@pytest.fixture
def number(stage) -> int:
    """Wang reached Xu, and Lin had enough; Zhao has not sent it; Zhou left before it began to count."""
    number = stage.launch()
    with stage.db.write() as session:
        wang = session.get_one(Task, stage.task(stage.people.wang).id)
        results.learn(session, wang.id, Reading(stage.now, {XU: 1, LIN: 3}), stage.now, PRODUCTION)
        session.get_one(Task, stage.task(stage.people.zhou).id).skipped = "她已离职"
    return number


def told(found) -> list[tuple[str, str, str]]:
    return [(line.known_as, line.guide.userid, line.words) for line in found]


WHOLE = [
    (XU, "wangfang", "已收到"),
    (LIN, "wangfang", "本月群发已收满"),
    (SU, "zhaoqian", "导购还没在群发助手里确认"),
    (CHEN, "zhoumei", "她已离职"),
]


def test_every_customer_stands_in_one_line_with_what_became_of_her(stage, number):
    campaign = stage.campaign(number)
    assert told(stream(stage.db, campaign, [true()], None)) == WHOLE


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_the_pages_make_the_whole_list(stage, number, size):
    campaign, found = stage.campaign(number), []
    with stage.db.read() as session:
        for offset in range(0, 6, size):
            found += lines(session, campaign, [true()], None, limit=size, offset=offset)
    assert told(found) == WHOLE


def test_a_fate_shows_just_its_customers_and_as_many_as_it_counts(stage, number):
    campaign = stage.campaign(number)
    with stage.db.read() as session:
        for fate, (people, _guides) in counts(session, number).items():
            found = lines(session, campaign, [true()], fate, limit=9, offset=0)
            assert len(found) == people and {one.fate for one in found} <= {fate}
            assert told(found) == told(stream(stage.db, campaign, [true()], fate))
        assert lines(session, campaign, [true()], None, limit=9, offset=4) == []


def test_its_numbers_are_those_of_the_funnels_reasons(stage, number):
    with stage.db.read() as session:
        whole = funnel.funnel(session, number)
        sums = counts(session, number)
    assert {one.name: one.customers for one in whole.reasons} == {
        fate: people for fate, (people, _) in sums.items() if people and fate != Fate.REACHED
    }
    assert (whole.reached, whole.limited, whole.not_friend) == (1, 1, 0)


@pytest.mark.parametrize("reason", ["", " 查 ", "查\n账", "长" * 101])
def test_names_leave_only_for_a_reason(stage, number, reason):
    with stage.db.write() as session, pytest.raises(Refused) as refused:
        note_export(session, stage.campaign(number), "导出", reason, "周岚", stage.now)
    assert "写导出来做什么" in refused.value.faults["reason"]


def test_a_long_list_is_read_some_guides_at_a_time_D09(stage, number, monkeypatch):
    monkeypatch.setattr(recipient_ledger, "TASKS_AT_ONCE", 1)
    assert told(stream(stage.db, stage.campaign(number), [true()], None)) == WHOLE
