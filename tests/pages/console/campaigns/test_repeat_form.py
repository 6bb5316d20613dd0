"""The rule as the form brings it: what each input means, and what is no number or day."""

import pytest
from werkzeug.datastructures import MultiDict

from models.campaigns.repeat import Every, Repeat
from pages.console.campaigns import repeat_form


def read(**typed: str) -> tuple[Repeat | None, dict[str, str]]:
    faults: dict[str, str] = {}
    return repeat_form.read(MultiDict(typed), faults), faults


def test_nothing_chosen_is_no_rule() -> None:
    assert read() == (None, {}) and read(repeat="", times="3") == (None, {})


def test_only_what_belongs_to_the_choice_is_read() -> None:
    rule, faults = read(repeat="day", weekday="2", month_day="5", times="4", workdays="1")
    assert rule == Repeat(every=Every.DAY, count=4, workdays=True) and faults == {}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"times": "x"}, "repeat.count"),
        ({"until": "x"}, "repeat.until"),
        ({"month_day": "x"}, "repeat.month_day"),
    ],
)
def test_what_cannot_be_read_is_named(typed: dict[str, str], field: str) -> None:
    _, faults = read(repeat="month", **typed)
    assert list(faults) == [field]
