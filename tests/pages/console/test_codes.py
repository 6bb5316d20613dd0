"""入口码 in the console: where friends come from, who may see which code, and each code's own page."""

from datetime import timedelta

from sqlmodel import select

from models.friends import Friend, entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, LeadsTo
from models.org import Guide, GuideStatus
from tests.pages.conftest import NOON, Console, page


def put(console: Console, **fields) -> int:
    """A code that works."""
    with console.db.write() as session:
        values = {"kind": EntryCodeKind.SOURCE, "leads_to": LeadsTo.NEAR, "status": EntryCodeStatus.READY}
        values |= {"name": "短信「降温提醒」", **fields}
        kind, name = values.pop("kind"), values.pop("name")
        return entry_codes.new(session, kind, name, NOON, **values).id or 0


def test_the_list_says_whom_a_scan_adds_what_it_cost_and_how_far_it_is(console: Console) -> None:
    number = put(console, cost_cents=150, target=5)
    with console.db.write() as session:
        for friend in session.exec(select(Friend)).all():
            friend.code_id = number
    text = page(console, "/console/codes")
    for words in ("短信「降温提醒」", "按规则分", "¥1.50", "/ 500,000", "要处理的在前"):
        assert words in text, words
    assert "试衣间" in text and "王芳" in text


def test_the_badge_of_who_left_stands_first_and_waits_for_a_handover(console: Console) -> None:
    put(console)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).status = GuideStatus.LEFT
    text = page(console, "/console/codes")
    assert "等交接" in text
    assert text.index("等交接") < text.index("短信「降温提醒」")


def test_a_code_that_is_over_or_behind_its_target_stands_before_what_runs_well(console: Console) -> None:
    put(console, name="慢的码", target=40)
    put(console, name="到期的码", valid_until=NOON.date() - timedelta(days=1))
    put(console, name="好好的码")
    with console.db.write() as session:
        for code in session.exec(select(EntryCode)).all():
            code.created_at = NOON - timedelta(days=10)
    text = page(console, "/console/codes")
    assert text.index("到期的码") < text.index("慢的码") < text.index("好好的码")


def test_each_sees_the_codes_of_her_own(console: Console) -> None:
    """HQ all; a branch its stores', its guides' and its own; a store's manager those of her store."""
    hq = put(console, name="公众号菜单", kind=EntryCodeKind.BRANCH)
    branch = put(console, name="东北短视频", branch_id=console.ids["northeast"])
    other = put(console, name="华东短视频", branch_id=console.ids["east"])
    for who, seen in (("zhou", {hq, branch, other}), ("chen", {branch}), ("ma", set())):
        client = console.signed_in(who)
        for number in (hq, branch, other):
            assert client.get(f"/console/codes/{number}").status_code == (200 if number in seen else 404)
        text = client.get("/console/codes").get_data(as_text=True)
        assert ("公众号菜单" in text) == (hq in seen)
        assert ("/ 500,000" in text) == (who == "zhou")


def test_a_code_that_leads_to_near_is_drawn_without_the_platform(console: Console) -> None:
    number = put(console)
    answer = console.signed_in("zhou").get(f"/console/codes/{number}.svg?download=1")
    assert answer.mimetype == "image/svg+xml" and "code-" in answer.headers["Content-Disposition"]
    with console.db.read() as session:
        state = session.get_one(EntryCode, number).state
    assert f"/near/{state}" in page(console, f"/console/codes/{number}")


def test_retired_codes_have_a_place_of_their_own(console: Console) -> None:
    put(console, status=EntryCodeStatus.RETIRED)
    assert "短信「降温提醒」" not in page(console, "/console/codes")
    assert "短信「降温提醒」" in page(console, "/console/codes?kind=retired")
    assert "短信「降温提醒」" in page(console, "/console/codes?kind=retired&q=降温")
    assert "没有这样的码" in page(console, "/console/codes?q=没有")
