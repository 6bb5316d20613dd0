"""The doctor on a real installation: all good lines when it works, and the right cure when it does not."""

from datetime import timedelta
from pathlib import Path

import pytest

from ops import doctor, wiring
from tests.stories.house import House


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path):
    with House(sqlite_url, tmp_path / "data") as running:
        yield running


def findings(house: House, **changes) -> dict[str, doctor.Finding]:
    runtime = house.parts.runtime
    patient = doctor.Patient(house.settings, house.parts.db, runtime.client, runtime.contacts, changes.pop("now", wiring.clock))
    return {finding.name: finding for finding in doctor.examine(patient)}


def test_a_working_installation_has_only_good_lines(house: House):
    house.until(lambda: findings(house)["时间表"].grade == doctor.GOOD)
    bad = [str(one) for one in findings(house).values() if one.grade != doctor.GOOD]
    assert not bad


@pytest.mark.parametrize(("api", "code", "line", "cure"), [
    ("externalcontact/get_follow_user_list", 48002, "客户联系权限", "可调用接口的应用"),
    ("getcallbackip", 60020, "应用凭证", "可信"),
    ("user/list_id", 48009, "通讯录同步", "ONETAP_CONTACTS_SECRET"),
])
def test_each_refusal_of_the_platform_names_its_cure(house: House, api: str, code: int, line: str, cure: str):
    house.world.chaos({"api": api, "errcode": code, "times": 5})
    found = findings(house)[line]
    assert found.grade == doctor.BAD
    assert cure in found.words and str(code) in found.words


def test_a_wrong_clock_is_noticed(house: House):
    late = findings(house, now=lambda: wiring.clock() + timedelta(minutes=9))
    assert late["时钟"].grade == doctor.BAD and "时间同步" in late["时钟"].words


def test_a_callback_that_a_proxy_spoils_is_noticed(house: House):
    house.settings.public_url = house.url + "/elsewhere"
    found = findings(house)["回调地址"]
    assert found.grade == doctor.BAD and "404" in found.words
