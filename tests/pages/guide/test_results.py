"""Her results on her phone: what our data can honestly say, and one thing to do next."""

from datetime import timedelta

from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import Give, page


def test_her_week_is_read_beside_the_picture_of_it(console: Console, give: Give) -> None:
    give("昨天的", "mass", confirmed_at=NOON - timedelta(days=1), reached=52)
    give("今天的", "mass", customer_count=3)
    text = page(console, "/g/results")
    assert "我的结果" in text and "52" in text and 'role="img"' in text
    assert "谁看过，平台不说" in text and "人看了" not in text
    assert "做这一件：今天的" in text.partition("<footer")[2]


def test_today_and_results_are_one_tap_from_each_other(console: Console) -> None:
    assert 'href="/g/results"' in page(console, "/g/") and 'href="/g/"' in page(console, "/g/results")
