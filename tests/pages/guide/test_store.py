"""The store manager's phone: her store alone, names with what each lacks, a reminder with one tap."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from models.campaigns import Task
from models.friends import Friend
from models.org import Guide, Store
from pages.web import csrf
from tests import cast
from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import phone


def tap(console: Console, client: FlaskClient, verb: str = "remind", **form: str):  # type: ignore[no-untyped-def]
    cookie = client.get_cookie("onetap_guide")
    assert cookie is not None
    with console.app.test_request_context("/g/", headers={"Cookie": f"onetap_guide={cookie.value}"}):
        token = csrf.token("guide")
    return client.post(f"/g/store/{verb}", data={"csrf": token, **form})


@pytest.fixture
def boots(console: Console) -> str:
    """王芳 manages her store; 赵倩 there has opened her task and not sent it. The task's code."""
    with console.db.write() as session:
        wang = session.get_one(Guide, console.ids["wangfang"])
        wang.is_manager = True
        zhao = cast.guide(cast.ZHAO, session.get(Store, wang.store_id))
        session.add(zhao)
        session.flush()
        one = cast.campaign(session, name="初雪雪地靴", now=NOON)
        one.ends_at = NOON.replace(hour=10)
        return cast.task(session, one, zhao, card_sent_at=NOON, opened_at=NOON, now=NOON).code


def test_she_reads_who_is_not_done_and_reminds_with_one_tap(console: Console, boots: str) -> None:
    client = phone(console, "wangfang")
    text = client.get("/g/store").get_data(as_text=True)
    assert "打开了，还没发 · 没提醒过" in " ".join(text.split()) and "提醒 1 位" in text
    assert "本店今日" in client.get("/g/").get_data(as_text=True)
    answer = tap(console, client, task=boots)
    assert answer.status_code == 303
    after = client.get(answer.location).get_data(as_text=True)
    assert "正在提醒 1 位" in after and "刚提醒过" in after and f'value="{boots}"' not in after
    with console.db.read() as session:
        assert session.exec(select(Task).where(Task.code == boots)).one().remind_at == NOON
    again = tap(console, client, task=boots)
    assert again.status_code == 409 and "刚提醒过" in again.get_data(as_text=True)


def test_who_manages_no_store_has_no_such_page_and_reminds_nobody_J01_I01(
    console: Console, boots: str
) -> None:
    client = phone(console, cast.ZHOU)
    assert client.get("/g/store").status_code == 404
    assert tap(console, client, task=boots).status_code == 404
    assert "本店今日" not in client.get("/g/").get_data(as_text=True)


def test_a_manager_of_another_store_reminds_nobody_here_J01(console: Console, boots: str) -> None:
    with console.db.write() as session:
        home = session.get_one(Guide, console.ids["wangfang"]).store_id
        other = session.exec(select(Guide).where(Guide.store_id != home)).first()
        assert other is not None
        other.is_manager, console.ids["other"] = True, other.id or 0
    client = phone(console, "other")
    assert "赵倩" not in client.get("/g/store").get_data(as_text=True)
    assert tap(console, client, task=boots).status_code == 409
    with console.db.read() as session:
        assert session.exec(select(Task).where(Task.code == boots)).one().remind_at is None


def test_who_is_no_manager_any_more_sees_nothing_from_the_next_tap_on(console: Console, boots: str) -> None:
    client = phone(console, "wangfang")
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).is_manager = False
    assert client.get("/g/store").status_code == 404


def test_a_stranger_is_sent_to_the_messenger(console: Console) -> None:
    assert console.stranger().get("/g/store").status_code == 403


def test_a_friend_who_waits_is_taken_with_one_tap_and_a_second_tap_says_who_was_quicker(
    console: Console, boots: str
) -> None:
    with console.db.write() as session:
        friend = session.get_one(Friend, console.ids["friend_northeast"])
        friend.guide_id, friend.rule, friend.unclaimed_at = None, "queue", NOON - timedelta(minutes=3)
    client = phone(console, "wangfang")
    assert "等了 3 分" in client.get("/g/store").get_data(as_text=True)
    answer = tap(console, client, "claim", friend=str(friend.id))
    assert answer.status_code == 303
    after = client.get(answer.location).get_data(as_text=True)
    assert "这位好友归你服务了" in after and "新好友待领" not in after
    again = tap(console, client, "claim", friend=str(friend.id))
    assert again.status_code == 409 and "王芳已经在服务这位好友了" in again.get_data(as_text=True)
    assert tap(console, phone(console, cast.ZHOU), "claim", friend=str(friend.id)).status_code == 404
