"""A call whose end nobody knows, or which the platform refuses: said in words, decided by a person, never sent twice."""

from sqlmodel import col, select

from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast
from tests.stories.house import House

WELCOME, NEW_CODE = "externalcontact/send_welcome_msg", "externalcontact/add_contact_way"


def welcome_of(house: House, external_userid: str, status: str) -> Outbox:
    """Her welcome's row, as soon as it has come to this."""

    def look() -> Outbox | None:
        friend = house.friend(external_userid)
        row = (
            house.row(lambda session: session.get(Outbox, friend.welcome_id))
            if friend and friend.welcome_id
            else None
        )
        return row if row and row.status == status else None

    return house.until(look)


def code_call(house: House, name: str, status: str) -> Outbox:
    """The call for this guide's code, as soon as it has come to this."""
    query = select(Outbox).where(
        Outbox.channel == "contact_way", Outbox.status == status, col(Outbox.target).contains(name)
    )
    return house.until(lambda: house.row(lambda session: session.exec(query).first()))


def test_a_welcome_without_an_answer_is_settled_by_a_person_and_never_repeated_B08_G04(house: House):
    """The platform took it, the connection broke, the customer has it once."""
    house.world.chaos({"api": WELCOME, "reset": "after", "times": 1})
    house.world.scan("wmDOUBT", house.code_of("wangfang").payload, name="方晓")
    row = welcome_of(house, "wmDOUBT", OutboxStatus.UNKNOWN)
    page = f"/console/deliveries/{row.id}"
    assert "所以没有重发" in house.office().page(page) and "请王芳看一眼" in house.office().page(page)
    line = house.until(
        lambda: [
            one for one in house.world.ledger("notice", who="wangfang") if "没有回音" in str(one["what"])
        ]
    )
    assert len(line) == 1
    assert "已记为送达，写上了你的名字" in house.office().press(f"{page}/delivered", at=page, back=page)
    assert "周岚 核对后记为已送达" in house.office().page(page)
    late = house.office().send_form(f"{page}/failed", at="/console/settings")
    assert "什么都没有改" in late.text and welcome_of(house, "wmDOUBT", OutboxStatus.SENT)
    assert len(house.world.ledger("welcome", who="wmDOUBT")) == 1
    assert "记为已送达" in house.office().page(f"/console/audit?q=delivery:{row.id}")


def test_a_welcome_that_the_platform_had_sent_itself_is_not_sent_again_G02(house: House):
    house.world.chaos({"api": WELCOME, "errcode": 41051, "times": 1})
    house.world.scan("wmADMIN", house.code_of("zhaoqian").payload, name="钱多")
    row = welcome_of(house, "wmADMIN", OutboxStatus.NOT_SENT)
    assert "平台先发了那一条" in house.office().page(f"/console/deliveries/{row.id}")
    friend = house.friend("wmADMIN")
    assert "没有收到欢迎语" in house.office().page(f"/console/friends/{friend.id}")
    assert not house.world.ledger("welcome", who="wmADMIN")


def test_a_code_that_the_platform_refused_is_asked_for_again_once_the_cause_is_gone_B05(house: House):
    """The store's page says why, and its button tries again."""
    house.world.chaos({"api": NEW_CODE, "errcode": 40098})
    house.world.hire("fushan", "傅珊", cast.TAIYUANJIE.department)
    row = code_call(house, "傅珊", OutboxStatus.NOT_SENT)
    page = f"/console/guides/{row.guide_id}"
    assert "没有生成" in house.office().page(page)
    house.world.chaos()
    assert "已向平台要码" in house.office().press(f"{page}/code", at=page)
    assert house.code_of("fushan").payload


def test_a_code_whose_answer_got_lost_is_found_again_by_its_state_B08(house: House):
    """Asked back at the platform, not made twice."""
    house.world.chaos({"api": NEW_CODE, "reset": "after", "times": 1})
    house.world.hire("gusheng", "顾笙", cast.ZHONGJIE.department)
    row = code_call(house, "顾笙", OutboxStatus.UNKNOWN)
    assert "向平台查实" in house.office().page(f"/console/deliveries/{row.id}")
    house.until(
        lambda: (
            house.run_job("ask", minutes=1) is not None
            and house.row(lambda session: session.get_one(Outbox, row.id).status == OutboxStatus.SENT)
        )
    )
    ways = [way for way in house.world.state()["contact_ways"] if way["user"] == ["gusheng"]]
    assert len(ways) == 1 and house.code_of("gusheng").payload == ways[0]["payload"]


def test_a_closed_window_lets_everybody_wait_and_names_itself_B02(house: House):
    """Nobody is asked twice; the rows wait together, and the timetable's page says until when."""
    house.world.chaos({"api": "externalcontact/get", "errcode": 45009})
    house.world.scan("wmWINDOW", house.code_of("zhoumei").payload, name="窗前")
    friend = house.until(lambda: house.friend("wmWINDOW"))
    assert house.until(lambda: house.world.ledger("welcome", who="wmWINDOW"))
    house.until_page("/console/timetable", "externalcontact/get")
    assert "还没读到名字" in house.office().page(f"/console/friends/{friend.id}")
