"""The brand's choices have defaults, limits in words, and replace nothing but names."""

import pytest
from sqlmodel import select

from models import preferences
from models.accounts.audit import Audit
from models.errors import Refused
from models.preferences import Preference
from tests.cast import NOW


@pytest.fixture
def session(sqlite_database):
    with sqlite_database.write() as session:
        yield session


def test_without_a_choice_everything_has_a_default(session):
    assert preferences.read(session) == preferences.Preferences()
    assert preferences.welcome_text(session, "王芳", "沈阳中街店").startswith("您好，我是沈阳中街店的王芳。")


@pytest.mark.parametrize(
    ("welcome", "said"),
    [
        ("您好，我是{门店名}的{导购名}", "您好，我是大连店的导购"),
        ("{导购名}为您服务", "大连店的导购为您服务"),
    ],
)
def test_the_welcome_of_a_guide_without_a_name_is_her_stores_F17(session, welcome, said):
    preferences.change(session, "周岚", NOW, welcome=welcome)
    assert preferences.welcome_text(session, "", "大连店") == said


def test_a_choice_stays(session):
    changed = preferences.change(session, "周岚", NOW, name=" 霁野 ", keep_bodies_days="90")
    assert (changed.name, changed.keep_bodies_days, changed.robot_name) == ("霁野", 90, "小助手")
    assert preferences.read(session) == changed


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"keep_bodies_days": 0}, "在 1 到 3650 之间"),
        ({"fresh_seconds": "many"}, "现在是「many」"),
        ({"name": " "}, "品牌名不能空着"),
        ({"robot_name": "小" * 17}, "最多 16 个字，现在 17 个"),
        ({"welcome": "字" * 1300}, "最多 3616 字节.*现在 3900 字节"),
        ({"colour": "red"}, "没有叫 colour 的设置"),
    ],
)
def test_what_cannot_be_is_refused_whole(session, values, words):
    with pytest.raises(Refused, match=words):
        preferences.change(
            session, "周岚", NOW, name="霁野", **values
        ) if "name" not in values else preferences.change(session, "周岚", NOW, **values)
    assert preferences.read(session) == preferences.Preferences()


def test_every_field_that_cannot_be_says_so_at_once(session):
    with pytest.raises(Refused) as refused:
        preferences.change(session, "周岚", NOW, name="", keep_bodies_days="0")
    assert set(refused.value.faults) == {"name", "keep_bodies_days"}


def test_a_choice_is_written_down_with_what_it_was_about_and_an_old_one_is_not(session):
    for _tap in range(2):
        preferences.change(session, "周岚", NOW, name="霁野", robot_name="小助手")
    line = session.exec(select(Audit)).one()
    assert (line.actor, line.verb, line.noun, line.detail) == ("周岚", "brand.change", "brand", "品牌名")


def test_a_damaged_number_reads_as_its_default(session):
    session.add(Preference(key="brand.removal_guard_percent", value="lots"))
    assert preferences.read(session).removal_guard_percent == 5


def test_a_welcome_with_something_else_in_braces_is_refused_F17(session):
    with pytest.raises(Refused) as refused:
        preferences.change(session, "周岚", NOW, welcome="{客户名}您好，我是{导购名}")
    assert "「{客户名}」" in refused.value.faults["welcome"]


def test_without_a_store_the_brands_name_stands_for_it(session):
    preferences.change(session, "周岚", NOW, name="霁野")
    assert "霁野的王芳" in preferences.welcome_text(session, "王芳", "")
