"""排班 on a store's page: who may change a day, and what is shown of it."""

import pytest

from tests.pages.conftest import Console, page


def save(console: Console, who: str, **typed: str):
    path = f"/console/stores/{console.ids['zhongjie']}/shifts"
    form = {"guide": str(console.ids["wangfang"]), "day": "2026-11-20", "way": "off", **typed}
    return console.post(console.signed_in(who), path, form)


@pytest.mark.parametrize("who", ["zhou", "chen", "ma"])
def test_hq_the_branch_and_the_manager_change_a_day_and_the_store_s_page_shows_it(
    console: Console, who: str
) -> None:
    assert "休息" not in page(console, f"/console/stores/{console.ids['zhongjie']}")
    assert save(console, who, note="调休").status_code == 303
    shown = page(console, f"/console/stores/{console.ids['zhongjie']}", who)
    assert "休息" in shown and "调休" in shown and "10:00 – 22:00" in shown


def test_hours_of_her_own_are_shown_and_stand_in_the_form(console: Console) -> None:
    save(console, "ma", way="own", opens="14:00", closes="22:00")
    shown = page(
        console,
        f"/console/stores/{console.ids['zhongjie']}/shifts?guide={console.ids['wangfang']}&day=2026-11-20",
        "ma",
    )
    assert "14:00 – 22:00" in shown and 'value="14:00"' in shown
    assert save(console, "ma", way="store").status_code == 303
    assert "14:00" not in page(console, f"/console/stores/{console.ids['zhongjie']}", "ma")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"way": "own"}, "写上几点上班、几点下班"),
        ({"way": "own", "opens": "22:00", "closes": "9:00"}, "下班要晚于上班"),
        ({"note": "长" * 41}, "最多 40 个字"),
    ],
)
def test_what_cannot_be_a_day_is_said_beside_the_field(
    console: Console, typed: dict[str, str], words: str
) -> None:
    answer = save(console, "ma", **typed)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_another_branch_sees_and_changes_nothing(console: Console) -> None:
    assert save(console, "liu").status_code == 404
    path = f"/console/stores/{console.ids['zhongjie']}/shifts"
    assert console.signed_in("liu").get(path).status_code == 404
