"""签到: once a day, as the shop counts days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models.groups.robots import SignIn
from tests.cast import WANG
from tests.handlers.platform import Platform, on_one_database, robot_message

pytestmark = pytest.mark.usefixtures("people")


def signed_in(database):
    with database.read() as session:
        return [(row.userid, str(row.day)) for row in session.exec(select(SignIn).order_by(SignIn.id))]


@on_one_database
def test_whoever_the_platform_does_not_name_is_not_signed_in(say, database):
    assert "没认出你是谁" in say("签到", "")
    assert signed_in(database) == []


def test_signing_in_counts_once_a_day_H03(say, database):
    assert say("签到") == "王芳，签到好了，10:08。这个月第 1 天"
    assert say("打卡") == "王芳，今天 10:08 已经签到过了，不用再签"
    assert signed_in(database) == [(WANG, "2026-11-19")]


def test_the_day_turns_at_midnight_in_shanghai_H03(say, clock, database):
    clock.now = datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC)
    assert "第 1 天" in say("签到")
    clock.wait(seconds=1)
    assert "第 2 天" in say("签到")
    assert signed_in(database) == [(WANG, "2026-11-19"), (WANG, "2026-11-20")]


def test_two_sign_ins_at_once_are_one_H03(app, clock, database):
    def sign_in(_):
        _, reply = Platform(app.test_client(), clock).say(robot_message("签到", WANG))
        return "签到好了" in reply["stream"]["content"]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sign_in, range(4))) == [False, False, False, True]
    assert len(signed_in(database)) == 1


def test_the_case_of_a_userid_makes_no_second_person_H03(say, database):
    say("签到", "WangFang")
    assert "已经签到过" in say("签到", WANG)
