"""The removal guard, from a night's comparison to HQ's tap and what came of it (B13)."""

import re

from tests import cast
from tests.cast import GAO, NAMES, WANG, ZHAO, ZHOU
from tests.stories.house import House

QUESTION = "/console/pending-removals/directory"


def test_everybody_vanishes_hq_says_yes_in_one_tap_and_they_come_back_when_they_do_B13(sqlite_house: House):
    house, office = sqlite_house, sqlite_house.office()
    # no event tells of it: the night's comparison is the first to see
    house.world.chaos(callbacks={"drop": 1.0})
    for userid in (WANG, ZHAO, GAO, ZHOU):
        house.world.leave(userid)
    assert "先没有照做" in house.run_job("directory")
    assert "通讯录里一下少了 4 位导购" in office.page("/console/")
    assert "王芳" in office.page("/console/guides")

    question = office.page(QUESTION)
    assert "4 位导购都按离职处理？" in question and all(
        NAMES[one] in question for one in (WANG, ZHAO, GAO, ZHOU)
    )
    mark = re.search(r'name="mark" value="(\w+)"', question)
    assert "已写上你的名字" in office.press(QUESTION, at=QUESTION, mark=mark[1])
    done = house.until_page("/console/timetable", "离开 4 位，回来 0 位（周岚确认过）")
    assert "等总部确认" not in done
    assert "王芳" not in office.page("/console/guides")
    assert "王芳" in office.page("/console/guides?state=left")
    assert "对账先没有照做" not in office.page("/console/")

    house.world.chaos(callbacks={"drop": 1.0})
    for userid, store in cast.WORKS_IN.items():
        house.world.hire(userid, NAMES[userid], store.department)
    assert "回来 4 位" in house.run_job("directory")
    assert "王芳" in office.page("/console/guides")


def test_comparing_again_is_the_other_answer_B13(sqlite_house: House):
    house, office = sqlite_house, sqlite_house.office()
    house.world.chaos(callbacks={"drop": 1.0})
    for userid in (WANG, ZHAO, GAO):
        house.world.leave(userid)
    house.run_job("directory")
    for userid in (WANG, ZHAO, GAO):  # the mistake is mended before anybody believed it
        house.world.hire(userid, NAMES[userid], cast.ZHONGJIE.department)
    assert "已记下" in office.press("/console/timetable/directory/run", at=QUESTION)
    house.until(lambda: "等总部确认" not in office.page("/console/timetable"))
    assert "王芳" in office.page("/console/guides")
