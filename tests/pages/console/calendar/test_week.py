"""The week: lanes of branches for HQ; for a branch HQ's layer, its slots, its own, and what each day costs."""

from tests.pages.conftest import Console, page
from tests.pages.console.calendar.shown import WEEK, bar, open_slot, plan


def test_hq_sees_a_lane_for_each_scope_and_how_many_used_a_slot(console: Console) -> None:
    plan(console, "东北的", scope={"branches": [console.ids["northeast"]]})
    plan(console, "大家的")
    open_slot(console)
    _phone, text = page(console, WEEK).split("data-calendar", 1)
    assert text.index("大家的") < text.index("东北的"), "the whole company first"
    assert "0 / 2 家用了" in text and "11 月 16 日 – 11 月 22 日" in page(console, WEEK)
    assert "东北的" not in page(console, f"{WEEK}?monday=2026-11-25")
    assert console.signed_in("zhou").get(f"{WEEK}?monday=never").status_code == 404


def test_branches_that_begin_later_stand_on_the_bar_and_each_sees_its_own_hour(console: Console) -> None:
    northeast, east = console.ids["northeast"], console.ids["east"]
    scope = {"branches": [northeast, east]}
    plan(console, "错开的", scope=scope, rules={"branch_delays": {str(northeast): 120}})
    whole = bar(page(console, WEEK).split("data-calendar", 1)[1], "错开的")
    assert "14:32" in whole and "东北分公司 16:32" in whole
    hers = bar(page(console, WEEK, "chen").split("data-calendar", 1)[1], "错开的")
    assert "16:32" in hers and "14:32" not in hers


def test_a_branch_sees_three_layers_and_what_its_days_cost(console: Console) -> None:
    here = {"branches": [console.ids["northeast"]]}
    plan(console, "总部的", scope=here)
    plan(console, "自己的", created_by=console.ids["chen"], scope=here)
    open_slot(console)
    open_slot(console, branches=[console.ids["east"]], note="别家的")
    text = page(console, WEEK, "chen")
    assert "locked" in bar(text, "总部的") and "data-move" in bar(text, "自己的")
    order = [text.index(words) for words in ("总部排的", "总部开放的位置", "够不够松")]
    assert order == sorted(order)
    assert "本周 1 个、还空 1 个" in text and "放一件" in text
    assert "到上限的客户" in text and "2 件" in text
    assert "位置还空着" in text, "it waits for the branch"
    assert "总部开放的位置" not in page(console, WEEK, "ma")
