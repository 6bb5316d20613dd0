"""节假日: HQ adds a day and takes it away; a fault stands beside its field."""

from sqlmodel import select

from models.public_holidays import OwnDay
from tests.pages.conftest import Console, page

PATH = "/console/calendar/days"


def test_hq_adds_a_day_that_the_calendar_shows_and_takes_it_away(console: Console) -> None:
    browser = console.signed_in("zhou")
    assert "2027 年的调休还没收录" in page(console, PATH)
    answer = console.post(browser, PATH, {"day": "2026-11-20", "name": "会员日", "rest": ""})
    assert answer.status_code == 303
    assert "会员日" in page(console, "/console/calendar")
    with console.db.read() as session:
        number = session.exec(select(OwnDay.id).where(OwnDay.name == "会员日")).one()
    assert console.post(browser, f"{PATH}/{number}/remove").status_code == 303
    assert console.post(browser, f"{PATH}/{number}/remove").status_code == 409
    assert "会员日" not in page(console, "/console/calendar")


def test_what_is_no_day_is_said_and_only_hq_comes_here(console: Console) -> None:
    browser = console.signed_in("zhou")
    for day in ("x", "9999-12-31", "2025-12-31"):
        assert "请选一个日期，从今年起" in console.post(browser, PATH, {"day": day, "name": "会员日"}).text
    assert "叫什么" in console.post(browser, PATH, {"day": "2026-11-20", "name": ""}).text
    assert console.signed_in("chen").get(PATH).status_code == 403
