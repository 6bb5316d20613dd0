"""好友: the list and its filters, and one friend: why her, what happened, who serves, how fast the welcome was."""

from datetime import timedelta
from typing import Any

import pytest

from models.friends import Customer, Friend
from models.org import Guide, GuideStatus
from tests.pages.conftest import NOON, Console, page
from tests.pages.shop import change

STEPS = [
    {"rule": "before", "question": "以前加过我们的人吗", "answer": "没有。是第一次加", "outcome": "missed"},
    {"rule": "code", "question": "码是谁的", "answer": "扫的是周梅的码", "outcome": "hit"},
    {"rule": "least", "question": "店里谁今天新好友最少", "answer": "", "outcome": "unseen"},
]


def befriend(console: Console, name: str, **values: Any) -> int:
    """A friend in 王芳's account who counts for 周梅."""
    ids = console.ids
    with console.db.write() as session:
        customer = Customer(external_userid=f"wm-{name}", name=name, seen_at=NOON)
        session.add(customer)
        session.flush()
        friend = Friend(
            **{
                "customer_id": customer.id,
                "owner_id": ids["wangfang"],
                "guide_id": ids["zhoumei"],
                "store_id": ids["taiyuanjie"],
                "branch_id": ids["northeast"],
                "rule": "code",
                "reason": "扫的是周梅的码",
                "steps": STEPS,
                "code_id": ids["code_northeast"],
                "added_at": NOON - timedelta(hours=1),
                "changed_at": NOON,
            }
            | values
        )
        session.add(friend)
        session.flush()
        return friend.id or 0


def test_the_newest_friend_stands_first(console: Console) -> None:
    befriend(console, "许静宜", added_at=NOON)
    befriend(console, "陈立冬", added_at=NOON - timedelta(days=1))
    text = page(console, "/console/friends")
    assert text.index("许静宜") < text.index("陈立冬")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=许", True),
        ("q=不存在", False),
        ("q=%25", False),
        ("at=太原", True),
        ("at=周梅", True),
        ("at=王芳", True),
        ("at=南京", False),
        ("added=today", True),
        ("state=lost", False),
        ("state=friend", True),
    ],
)
def test_the_list_is_narrowed(console: Console, query: str, found: bool) -> None:
    befriend(console, "许静宜")
    assert ("许静宜" in page(console, f"/console/friends?{query}")) == found


def test_friends_without_a_guide_are_a_visible_queue(console: Console) -> None:
    befriend(console, "没人管", guide_id=None, reason="等总部指定")
    text = page(console, "/console/friends?state=nobody")
    assert "没人管" in text
    assert "林若溪" not in text


def test_who_waits_is_given_to_somebody_whom_the_viewer_sees(console: Console) -> None:
    waits = NOON - timedelta(minutes=20)
    number = befriend(console, "没人管", guide_id=None, rule="queue", unclaimed_at=waits)
    assert "等了 20 分" in page(console, "/console/friends?state=nobody", "chen")
    path = f"/console/friends/{number}"
    assert "交给她服务" in page(console, path, "chen")
    form = {"guide": str(console.ids["zhoumei"])}
    assert console.post(console.signed_in("liu"), f"{path}/claim", form).status_code == 404
    assert console.post(console.signed_in("chen"), f"{path}/claim", form).status_code == 303
    shown = page(console, path, "chen")
    assert "陈默给了周梅" in shown and "交给她服务" not in shown
    again = console.post(console.signed_in("chen"), f"{path}/claim", form)
    assert again.status_code == 409 and "周梅已经在服务这位好友了" in again.get_data(as_text=True)


def test_another_guide_serves_her_from_now_on_and_the_page_says_who_did(console: Console) -> None:
    number = befriend(console, "许静宜")
    path, form = f"/console/friends/{number}", {"guide": str(console.ids["wangfang"]), "why": ""}
    assert "换归属导购" in page(console, path, "chen") and "为什么换" in page(
        console, f"{path}?move=1", "chen"
    )
    assert console.post(console.signed_in("liu"), f"{path}/move", form).status_code == 404
    bare = console.post(console.signed_in("chen"), f"{path}/move", form)
    assert bare.status_code == 409 and "写上为什么换" in bare.get_data(as_text=True)
    form["why"] = "王芳认识她"
    assert console.post(console.signed_in("chen"), f"{path}/move", form).status_code == 303
    shown = page(console, path, "chen")
    assert shown.count("陈默换给了王芳：王芳认识她") == 2 and "以前归周梅" in shown
    foreign = {"guide": str(console.ids["sunjiayi"]), "why": "不归他管"}
    assert console.post(console.signed_in("chen"), f"{path}/move", foreign).status_code == 404


def test_the_version_of_the_rules_is_named_and_hq_may_try_new_ones_on_her(console: Console) -> None:
    number = befriend(console, "许静宜", rules_version=7)
    text = page(console, f"/console/friends/{number}")
    assert "第 7 版规则" in text and f"try=friend&amp;friend={number}" in text
    assert "用这位好友试算" not in page(console, f"/console/friends/{number}", "chen")


def test_a_store_filter_names_its_store_and_refuses_a_foreign_one(console: Console) -> None:
    befriend(console, "许静宜")
    assert "沈阳太原街店" in page(console, f"/console/friends?store={console.ids['taiyuanjie']}")
    assert (
        console.signed_in("chen").get(f"/console/friends?store={console.ids['xinjiekou']}").status_code == 404
    )


def test_a_branch_sees_no_friends_of_another(console: Console) -> None:
    befriend(console, "许静宜")
    assert "许静宜" not in page(console, "/console/friends", "liu")
    assert "许静宜" in page(console, "/console/friends", "chen")


def test_the_rules_stand_in_order_with_the_hit_and_what_was_not_looked_at(console: Console) -> None:
    text = page(console, f"/console/friends/{befriend(console, '许静宜')}")
    assert "为什么是周梅" in text
    assert text.index("以前加过我们的人吗") < text.index("命中，归周梅") < text.index("没再看")


def test_owner_and_attributed_guide_stand_apart_with_their_consequences(console: Console) -> None:
    text = page(console, f"/console/friends/{befriend(console, '许静宜')}")
    assert "归属导购 · 任务和业绩算她" in text
    assert "好友在她的账号里 · 消息从她这里发" in text
    assert "90 天内最多 2 次" in text


def test_one_guide_who_is_both_is_shown_once(console: Console) -> None:
    text = page(console, f"/console/friends/{befriend(console, '许静宜', guide_id=console.ids['wangfang'])}")
    assert "归属导购，好友也在她的账号里" in text


def test_an_owner_who_left_is_said_with_what_to_do(console: Console) -> None:
    friend = befriend(console, "许静宜", guide_id=console.ids["wangfang"])
    change(console.db, Guide, console.ids["wangfang"], status=GuideStatus.LEFT, left_at=NOON)
    assert "等同事接手" in page(console, f"/console/friends/{friend}")


def test_a_foreign_parameter_is_flagged(console: Console) -> None:
    friend = befriend(console, "许静宜", code_id=None, state="not-ours")
    assert "带来的参数不是我们的码" in page(console, "/console/friends")
    assert "带来的参数不是我们的码" in page(console, f"/console/friends/{friend}")


def test_a_name_with_markup_stays_text(console: Console) -> None:
    friend = befriend(console, "<script>alert(1)</script>")
    for path in ("/console/friends", f"/console/friends/{friend}"):
        assert "<script>alert(1)" not in page(console, path)
