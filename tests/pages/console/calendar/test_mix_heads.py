"""The head of a week: pieces by kind, and where it holds more deals than the brand wants."""

from datetime import date

from models.campaigns import mix
from models.kinds import MaterialKind
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import PATH, WEEK, bar, plan

MONDAY = date(2026, 11, 23)
NEXT = f"{WEEK}?monday={MONDAY}"


def piece(console: Console, name: str, kind: MaterialKind, day: int = 5, **fields: object) -> int:
    """In the next week, in which there is nothing else."""
    return plan(console, name, day, kind=kind, **fields)


def test_a_week_with_too_many_deals_says_so_and_which_to_change(console: Console) -> None:
    for day, name in ((5, "暖脚"), (6, "雨靴")):
        piece(console, name, MaterialKind.CONTENT, day)
    deal = piece(console, "早鸟尾货", MaterialKind.DEAL, 7)
    text = page(console, PATH)
    assert "销售 33%" in text and "2 · 0 · 1" in text and "目标 50 / 30 / 20，销售每周不超过 20%" in text
    assert "11.23 – 29 销售 33%，上限 20%" in text and "1 件销售里改 1 件不带价的就够，降到 0%" in text
    assert f"/console/campaigns/{deal}/edit" in text and "去改「早鸟尾货」" in text
    assert "warn-dot" in bar(text, "早鸟尾货") and "warn-dot" not in bar(text, "暖脚")
    assert "销售 33%" in page(console, NEXT)


def test_hq_hears_of_the_branch_that_is_worst_off_where_the_whole_week_is_not(console: Console) -> None:
    northeast, east = console.ids["northeast"], console.ids["east"]
    for name in ("一", "二", "三", "四"):
        piece(console, name, MaterialKind.CONTENT, scope={"branches": [east]})
    piece(console, "五", MaterialKind.BRAND, scope={"branches": [northeast]})
    piece(console, "东北的券", MaterialKind.DEAL, scope={"branches": [northeast]})
    text = page(console, PATH)
    assert "11.23 – 29 东北分公司销售 50%，上限 20%" in text and "销售 17%" in text


def test_where_hq_allowed_more_nothing_is_too_much(console: Console) -> None:
    piece(console, "雨靴", MaterialKind.CONTENT)
    piece(console, "早鸟尾货", MaterialKind.DEAL)
    with console.db.write() as session:
        mix.allow(session, MONDAY, None, 60, who="周岚", reason="双十一", now=NOON)
    text = page(console, PATH)
    assert "周岚 放宽到 60%" in text and "上限 60%" not in text


def test_a_branch_sees_what_is_of_which_kind_and_what_one_more_deal_would_mean(console: Console) -> None:
    for name in ("暖脚", "快闪", "雨靴"):
        piece(console, name, MaterialKind.CONTENT)
    piece(console, "围巾", MaterialKind.BRAND)
    text = page(console, NEXT, "chen")
    assert "客户看到 4 件，总部的也算" in text and "暖脚、快闪、雨靴" in text and "3 件 · 75%" in text
    assert "再排 1 件销售是 1 / 5，20%" not in text, "one fits"
    piece(console, "回店券", MaterialKind.DEAL)
    assert "再排 1 件销售是 2 / 6，33%，超过 20% 的上限，提交时会提醒。" in page(console, NEXT, "chen")
    assert "这一周的内容比例" not in page(console, f"{WEEK}?monday=2026-12-14", "chen")
