"""The older word never wins, on each matter in its own time."""

from datetime import timedelta

import pytest

from models.heard import is_news
from models.org.entries import DirectoryEntry
from tests.cast import NOW


@pytest.mark.parametrize(
    ("later", "news"),
    [(timedelta(seconds=1), True), (timedelta(), True), (timedelta(seconds=-1), False), (timedelta(milliseconds=-1), True)],
)  # fmt: skip
def test_of_two_words_in_one_second_the_one_that_comes_later_counts(later, news):
    heard = NOW.replace(microsecond=500_000)
    assert is_news(heard + later, heard) is news
    assert is_news(NOW, None)


def test_each_matter_has_a_time_of_its_own():
    entry = DirectoryEntry(userid="lu", userid_key="lu")
    assert entry.heard_at("name") is None
    entry.hear("name", NOW)
    assert (entry.heard_at("name"), entry.heard_at("departments")) == (NOW, None)
    entry.listed_at = NOW + timedelta(days=1)
    assert (entry.heard_at("name"), entry.heard_at("departments")) == (NOW, NOW + timedelta(days=1))
