"""分配规则: HQ puts the rules in order, sees what a draft would change, publishes it, and goes back."""

import re

import pytest
from sqlmodel import select

from models.friends import Friend, rule_sets
from models.friends.rule_sets import RuleSet
from models.org import Guide, shifts
from tests.pages.conftest import NOON, Console, page

PATH = "/console/friends/rules"
ORDER = ["before", "code", "least", "owner", "store_pool", "branch_pool", "queue"]


def send(console: Console, do: str = "", order: list[str] | None = None, who: str = "zhou", **more: str):
    form = {"rule": order or ORDER, "do": do, **more}
    return console.post(console.signed_in(who), PATH, form)


def drafted(console: Console) -> list[str]:
    with console.db.read() as session:
        row = rule_sets.of_place(session, None, "draft")
        return [one["rule"] for one in row.rules] if row else []


def order_of(text: str) -> list[str]:
    return re.findall(r'name="rule"\s+value="(\w+)"', text)


def test_the_rules_from_the_beginning_are_shown_until_somebody_changes_them(console: Console) -> None:
    text = page(console, PATH)
    assert order_of(text) == ORDER
    assert "现在用的是一开始就有的规则" in text and "不能拿掉" in text and "上线草稿" not in text


@pytest.mark.parametrize(
    ("do", "order"),
    [
        (
            "in:on_shift",
            ["before", "code", "on_shift", "least", "owner", "store_pool", "branch_pool", "queue"],
        ),
        ("in:turns", ["before", "code", "turns", "owner", "store_pool", "branch_pool", "queue"]),
        ("down:before", ["code", "before", "least", "owner", "store_pool", "branch_pool", "queue"]),
        ("up:code", ["code", "before", "least", "owner", "store_pool", "branch_pool", "queue"]),
        ("out:owner", ["before", "code", "least", "store_pool", "branch_pool", "queue"]),
        ("", ORDER),
    ],
)
def test_a_button_moves_one_rule_and_nothing_is_live(console: Console, do: str, order: list[str]) -> None:
    assert send(console, do).status_code == 303
    assert drafted(console) == order
    with console.db.read() as session:
        assert rule_sets.live(session, None).version == 0
    assert "草稿，" in page(console, PATH)


def test_numbers_are_kept_and_one_branch_may_have_its_own(console: Console) -> None:
    order = ["code", "cap", "least", "queue"]
    numbers = {"cap.per_day": "20", f"cap.of.{console.ids['northeast']}": "30", "queue.minutes": "10"}
    assert send(console, order=order, **numbers).status_code == 303
    text = page(console, PATH)
    assert "每人每天 20 位" in text and "30 位" in text and "10 分钟没人领" in text
    assert send(console, order=order, **numbers | {"cap.per_day": "many"}).status_code == 422


@pytest.mark.parametrize(
    ("order", "words"),
    [(["least", "code", "queue"], "要排在"), (["code", "least"], "最后一条要是待领")],
)
def test_an_order_that_cannot_hold_is_said_and_not_kept(
    console: Console, order: list[str], words: str
) -> None:
    answer = send(console, order=order)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert drafted(console) == []


def test_the_queue_cannot_be_taken_out(console: Console) -> None:
    assert send(console, "out:queue").status_code == 422


def test_what_a_draft_would_change_is_shown_with_the_rule_that_caused_it(console: Console) -> None:
    with console.db.write() as session:
        wang = session.get_one(Guide, console.ids["wangfang"])
        shifts.change(session, wang, NOON.date(), off=True, who="马骁", now=NOON)
        friend = session.exec(select(Friend).where(Friend.guide_id == wang.id)).first()
        assert friend is not None
    send(console, "in:on_shift", order=["code", "least", "queue"])
    for query in ("try=last&number=1000", "try=invented&number=1000", f"try=friend&friend={friend.id}"):
        text = page(console, f"{PATH}?{query}")
        assert "会归另一个人" in text and "换来什么" in text, query
    answer = console.signed_in("zhou").get(f"{PATH}/differences.csv?try=invented&number=1000")
    assert answer.mimetype == "text/csv" and "草稿归" in answer.get_data(as_text=True)


def test_a_draft_goes_live_in_one_branch_then_everywhere_and_an_earlier_one_comes_back(
    console: Console,
) -> None:
    client = console.signed_in("zhou")
    assert console.post(client, f"{PATH}/publish").status_code == 409
    send(console, order=["code", "least", "queue"])
    northeast = str(console.ids["northeast"])
    assert console.post(client, f"{PATH}/publish", {"first": northeast}).status_code == 303
    assert "自己的顺序" in page(console, PATH)
    assert console.post(client, f"{PATH}/publish").status_code == 303
    send(console, order=["code", "turns", "queue"])
    console.post(client, f"{PATH}/publish")
    assert console.post(client, f"{PATH}/back", {"version": "1"}).status_code == 303
    console.post(client, f"{PATH}/back", {"branch": northeast, "to": "hq"})
    with console.db.read() as session:
        held = rule_sets.live(session, console.ids["northeast"])
        versions = session.exec(select(RuleSet.version)).all()
    assert [one["rule"] for one in held.rules] == ["code", "least", "queue"]
    assert held.version == max(versions)


def test_a_branch_looks_at_its_own_order_and_changes_nothing(console: Console) -> None:
    text = page(console, PATH, "chen")
    assert order_of(text) == ORDER and "试算" not in text and "往上移" not in text
    assert send(console, who="chen").status_code == 403
    assert console.signed_in("ma").get(PATH).status_code == 403
