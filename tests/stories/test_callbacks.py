"""What arrives is kept whatever becomes of it: parked and replayed, not understood, or refused before it is stored."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import text
from sqlmodel import col, select

from handlers import registry
from models.ledger.inbox import Inbox, InboxStatus
from ops import wiring
from tests.stories.house import House

FULL = """CREATE TRIGGER full BEFORE INSERT ON customer WHEN NEW.external_userid LIKE 'wmPARKED%'
          BEGIN SELECT RAISE(ABORT, 'full'); END"""


def event_about(house: House, whom: str, status: str = "") -> Inbox | None:
    query = select(Inbox).where(col(Inbox.subject).contains(whom))
    return house.row(
        lambda session: session.exec(query.where(Inbox.status == status) if status else query).first()
    )


def try_until_parked(house: House, whom: str) -> Inbox:
    """Its tries happen now instead of over a minute."""
    row, later = house.until(lambda: event_about(house, whom)), wiring.clock()
    for _ in range(registry.MOST_TRIES):
        later += timedelta(minutes=2)
        registry.handle(house.parts.db, row.id, later, house.parts.receiver.handler_context)
    return house.until(lambda: event_about(house, whom, InboxStatus.PARKED))


@pytest.fixture
def house_that_cannot_write(sqlite_house: House) -> House:
    """No new customer of this story fits into the database until its trigger is dropped."""
    with sqlite_house.parts.db.write() as session:
        session.execute(text(FULL))
    return sqlite_house


def test_a_parked_callback_is_replayed_once_its_cause_is_gone_A15(house_that_cannot_write: House):
    """The others go on meanwhile."""
    house = house_that_cannot_write
    house.world.scan("wmPARKED1", house.code_of("wangfang").payload, name="等着")
    house.befriend("wmNOTPARKED", "wangfang", "没事")
    row = try_until_parked(house, "wmPARKED1")
    page = f"/console/callbacks/{row.id}"
    assert "内容都在，别的事件不受影响" in house.office().page(page) and "full" in house.office().page(page)
    assert "没事" in house.office().page("/console/friends?q=没事") and house.friend("wmPARKED1") is None
    with house.parts.db.write() as session:
        session.execute(text("DROP TRIGGER full"))
    assert "马上再处理一遍" in house.office().press(f"{page}/replay", at=page)
    house.until(lambda: event_about(house, "wmPARKED1", InboxStatus.HANDLED))
    assert house.until(lambda: house.friend("wmPARKED1"))
    assert not house.world.ledger("welcome", who="wmPARKED1") or house.friend("wmPARKED1").welcome_id
    late = house.office().send_form(f"{page}/replay", at="/console/settings").text
    assert "再来一次什么也不会变。什么都没有改" in late


def test_an_event_that_cannot_be_handled_stays_visible_after_a_replay_in_vain(sqlite_house: House):
    house, too_long = sqlite_house, "wr" + "X" * 80
    house.world.customer_group(too_long, "名字太长的群", "zhoumei")
    row = try_until_parked(house, too_long)
    assert "已停放" in house.office().page("/console/callbacks?state=parked")
    house.office().press("/console/callbacks/replay", at="/console/callbacks?state=parked")
    assert try_until_parked(house, too_long).id == row.id


def test_an_event_that_nobody_knows_is_kept_for_the_next_version_A14(sqlite_house: House):
    sqlite_house.world.tell(
        "app", "living_room_changed", ChangeType="moved", UserID="wangfang", Note="<b>沙发</b>"
    )
    row = sqlite_house.until(
        lambda: sqlite_house.row(
            lambda session: session.exec(
                select(Inbox).where(Inbox.status == InboxStatus.UNKNOWN_KIND)
            ).first()
        )
    )
    page = sqlite_house.office().page(f"/console/callbacks/{row.id}")
    assert "程序还没有处理这种事件的规则，原文留着" in page and "<b>沙发</b>" not in page


def test_events_from_which_nothing_follows_say_so(sqlite_house: House):
    house = sqlite_house
    house.world.tell("app", "change_external_tag", ChangeType="create", TagType="tag", Id="etTAG")
    house.world.post("/control/departments", {"add": {"id": 77, "name": "仓库", "parentid": 1}})
    house.world.tell_app("wangfang", "在吗")
    house.world.tell("app", "close_inactive_agent", sender="wangfang")
    for words in (
        "管理员新建了标签",
        "部门 77 有变动",
        "王芳给应用发了消息",
        "请管理员在企业微信后台重新启用",
    ):
        house.until_page(f"/console/callbacks?q={words}", words)


def test_what_is_not_the_platforms_is_refused_and_counted_A07(sqlite_house: House):
    forged = {"msg_signature": "0" * 40, "timestamp": str(int(wiring.clock().timestamp())), "nonce": "n"}
    body = "<xml><Encrypt>AAAA</Encrypt></xml>"
    answer = requests.post(f"{sqlite_house.url}/callback/app", params=forged, data=body, timeout=20)
    assert answer.status_code == 403
    numbers = requests.get(f"{sqlite_house.url}/metrics", timeout=20).text
    assert 'onetap_process{name="callbacks_refused_app:bad_signature"} 1.0' in numbers
    assert requests.get(f"{sqlite_house.url}/readyz", timeout=20).json()["queue"] == "ok"


def test_the_platform_finds_every_callback_address_in_order_A16(sqlite_house: House):
    assert all(one["ok"] for one in sqlite_house.world.post("/control/verify").values())
