"""What stands below the calendar: a number on the bars, a sentence, one way out."""

from datetime import timedelta

from models import preferences
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import DAY, PATH, bar, plan


def test_what_stands_in_each_other_s_way_has_a_number_a_sentence_and_one_way_out(console: Console) -> None:
    with console.db.write() as session:
        preferences.change(session, "周岚", NOON, contacts_per_day="0", contacts_per_week="1")
    plan(console, "早的")
    later = plan(console, "晚的", launch_at=NOON + DAY + timedelta(minutes=5))
    text = page(console, PATH)
    assert "「晚的」联系太多" in text and "会是 7 天内第 2 次" in text
    assert f"/console/campaigns/{later}/audience" in text
    assert "两件撞在一起" in text and "把「晚的」错开到 16:00" in text
    assert 'class="warn-dot"' in bar(text, "早的") and 'class="warn-dot"' in bar(text, "晚的")
    assert "2027 年的放假安排还没有" in text and "/console/calendar/days" in text
    assert "2027 年" not in page(console, PATH, "chen"), "what a branch cannot mend is not its warning"
