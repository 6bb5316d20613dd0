"""How a campaign's scope and time are said."""

from datetime import timedelta

import pytest

from models.campaigns import CampaignStatus
from pages.console.campaigns.wording import scope_words, span, when
from tests import cast
from tests.pages.conftest import NOON, Console

NAMES = {1: "沈阳", 2: "大连", 3: "长春", 4: "哈尔滨"}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({}, "全部导购"),
        ({"branches": [], "stores": [], "guides": []}, "全部导购"),
        ({"branches": [1, 2, 3]}, "沈阳、大连、长春"),
        ({"branches": [1, 2, 3, 4]}, "沈阳等 4 个分公司"),
        ({"branches": [2], "stores": [7, 8, 9], "guides": [5]}, "大连、3 家门店、1 位导购"),
        ({"branches": [99]}, "?"),
    ],
)
def test_a_scope_names_few_and_counts_many(scope: dict[str, list[int]], words: str) -> None:
    assert scope_words(scope, NAMES) == words


@pytest.mark.parametrize(
    ("status", "ends_at", "words"),
    [
        (CampaignStatus.SCHEDULED, NOON + HOUR, "今天 13:32 开始"),
        (CampaignStatus.RUNNING, NOON + HOUR, "15:32 结束"),
        (CampaignStatus.RUNNING, NOON + 24 * HOUR, "明天 14:32 结束"),
        (CampaignStatus.FINISHED, NOON - 24 * HOUR, "昨天 14:32 结束"),
    ],
)
def test_it_says_what_comes_next_or_came_last(bare: Console, status, ends_at, words: str) -> None:
    with bare.db.write() as session, bare.app.test_request_context("/console/"):
        one = cast.campaign(session, status=status, launch_at=NOON - HOUR, ends_at=ends_at)
        assert when(one, NOON) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "今天 13:32 – 14:32"),
        (1, "今天 13:32 – 明天 14:32"),
        (3, "11 月 19 日 13:32 – 11 月 22 日 14:32"),
    ],
)
def test_a_span_names_its_days_once_each(bare: Console, days: int, words: str) -> None:
    with bare.db.write() as session, bare.app.test_request_context("/console/"):
        ends = NOON + timedelta(days=days)
        assert span(cast.campaign(session, launch_at=NOON - HOUR, ends_at=ends), NOON) == words
