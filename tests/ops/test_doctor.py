"""The doctor on a real installation: all good lines when it works, and the right cure when it does not."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.db import Database
from models.encryption import Encryption
from models.groups import robots
from models.job_runs import JobRun
from ops import administration, doctor, wiring
from settings import Settings
from tests.cast import internal_group
from tests.disks import full_disk
from tests.stories.house import House
from tests.wecom_world import AES_KEYS

OLD, NEW = "the key of last year", "the key of this year"


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path):
    with House(sqlite_url, tmp_path / "data") as running:
        yield running


def findings(house: House, **changes) -> dict[str, doctor.Finding]:
    runtime = house.parts.runtime
    patient = doctor.Patient(
        house.settings, house.parts.db, runtime.client, runtime.contacts, changes.pop("now", wiring.clock)
    )
    return {finding.name: finding for finding in doctor.examine(patient)}


def test_a_working_installation_has_only_good_lines(house: House):
    house.until(lambda: findings(house)["时间表"].grade == doctor.GOOD)
    bad = [str(one) for one in findings(house).values() if one.grade != doctor.GOOD]
    assert not bad


@pytest.mark.parametrize(
    ("api", "code", "line", "cure"),
    [
        ("externalcontact/get_follow_user_list", 48002, "客户联系权限", "可调用接口的应用"),
        ("getcallbackip", 60020, "应用凭证", "可信"),
        ("user/list_id", 48009, "通讯录同步", "ONETAP_CONTACTS_SECRET"),
    ],
)
def test_each_refusal_of_the_platform_names_its_cure(house: House, api: str, code: int, line: str, cure: str):
    house.world.chaos({"api": api, "errcode": code, "times": 5})
    found = findings(house)[line]
    assert found.grade == doctor.BAD
    assert cure in found.words and str(code) in found.words


def test_a_disk_that_takes_nothing_more_is_noticed_D04(house: House):
    found = findings(house)["磁盘"]
    assert found.grade == doctor.GOOD
    with full_disk():
        found = doctor.disk(doctor.patient(house.parts))
    assert found.grade == doctor.BAD and "腾出地方" in found.words


def test_a_wrong_clock_is_noticed(house: House):
    late = findings(house, now=lambda: wiring.clock() + timedelta(minutes=9))
    assert late["时钟"].grade == doctor.BAD and "时间同步" in late["时钟"].words


def test_a_callback_that_a_proxy_spoils_is_noticed(house: House):
    house.settings.public_url = house.url + "/elsewhere"
    found = findings(house)["回调地址"]
    assert found.grade == doctor.BAD and "404" in found.words


def alone(url: str, **settings) -> dict[str, doctor.Finding]:
    """The doctor's lines where nothing runs and no platform is near."""
    found = Settings(
        database_url=url, public_url="http://127.0.0.1:9", wecom_api_url="http://127.0.0.1:9/", **settings
    )
    database = Database(url)
    try:
        patient = doctor.Patient(found, database, None, None, wiring.clock)
        return {finding.name: finding for finding in doctor.examine(patient)}
    finally:
        database.close()


def test_a_fresh_installation_is_told_what_to_fill_in_N02(sqlite_url: str):
    """Every line that is not good says what to do."""
    lines = alone(sqlite_url)
    grades = {
        grade: {name for name, one in lines.items() if one.grade == grade}
        for grade in (doctor.BAD, doctor.WARN)
    }
    assert grades[doctor.BAD] == {"签名密钥", "回调密钥", "应用凭证"}
    assert grades[doctor.WARN] == {
        "回调地址",
        "反向代理",
        "客户联系权限",
        "通讯录可见范围",
        "通讯录同步",
        "时钟",
        "时间表",
    }
    assert (
        "ONETAP_WECOM_TOKEN" in lines["回调密钥"].words and "ONETAP_WECOM_SECRET" in lines["应用凭证"].words
    )
    assert "ONETAP_CONTACTS_SECRET" in lines["通讯录同步"].words and "run" in lines["时间表"].words


def test_a_database_without_tables_is_told_to_migrate(tmp_path: Path):
    lines = alone(f"sqlite:///{tmp_path / 'empty.sqlite3'}", secret_key="a key that will do")
    assert lines["表结构"].grade == doctor.BAD and "还没建过表" in lines["表结构"].words
    assert "server.py migrate" in lines["表结构"].words
    assert {name: one.grade for name, one in lines.items() if "还没建过表" in one.words} == {
        "表结构": doctor.BAD,
        "签名密钥": doctor.WARN,
        "时间表": doctor.WARN,
    }
    assert not [one.words for one in lines.values() if "没查成" in one.words]


def test_a_database_that_is_away_hides_no_other_line(sqlite_url: str):
    lines = alone("postgresql+psycopg://onetap@127.0.0.1:9/onetap")
    assert list(lines) == list(alone(sqlite_url)), "the same lines in the same order"
    assert "连不上" in lines["数据库"].words
    assert lines["表结构"].grade == doctor.BAD and "没查成：OperationalError" in lines["表结构"].words
    assert lines["海报字体"].grade == doctor.GOOD


def test_a_callback_that_nobody_answers_and_missing_pairs_are_named(sqlite_url: str):
    lines = alone(sqlite_url, wecom_token="t", wecom_aes_key=AES_KEYS["app"], wecom_corp_id="ww1")
    assert (
        lines["回调地址"].grade == doctor.BAD
        and "http://127.0.0.1:9/callback/app 打不开" in lines["回调地址"].words
    )
    assert lines["回调密钥"].grade == doctor.WARN and "通讯录、智能机器人没有配置" in lines["回调密钥"].words


def test_the_doctor_says_when_an_older_secret_key_may_go(sqlite_url: str):
    def says(keys: str) -> tuple[str, str]:
        line = alone(sqlite_url, secret_key=keys)["签名密钥"]
        return line.grade, line.words

    def migrate(keys: str) -> None:
        with wiring.build(Settings(database_url=sqlite_url, secret_key=keys)) as parts:
            administration.upgrade(parts)

    database = Database(sqlite_url)
    with database.write() as session:
        robots.add(
            session,
            internal_group(session),
            name="小霁",
            key="2e7c1f4a-77aa-4c0e-9d51-0f6a7d1b9c11",
            encryption=Encryption(OLD),
            who="周岚",
            now=wiring.clock(),
        )
    database.close()
    assert says("") == (doctor.BAD, "缺 ONETAP_SECRET_KEY")
    assert says(OLD)[0] == doctor.GOOD
    grade, words = says(f"{NEW},{OLD}")
    assert grade == doctor.WARN and "1 个机器人的 key 还要用旧的那一把" in words and "migrate" in words
    grade, words = says(NEW)
    assert grade == doctor.BAD and "1 个机器人的 key 用现在的 ONETAP_SECRET_KEY 解不开" in words
    migrate(f"{NEW},{OLD}")
    grade, words = says(f"{NEW},{OLD}")
    assert grade == doctor.WARN and "后面的可以去掉" in words
    assert says(NEW)[0] == doctor.GOOD


def test_a_redis_that_is_away_and_a_timetable_that_stopped_are_named_C13_E09(sqlite_url: str):
    database = Database(sqlite_url)
    with database.write() as session:
        long_ago = wiring.clock() - timedelta(minutes=6)
        session.add(JobRun(plan="launch", due_at=long_ago, started_at=long_ago, ended_at=long_ago))
    database.close()
    lines = alone(sqlite_url, redis_url="redis://127.0.0.1:9/0")
    assert lines["队列"].grade == doctor.BAD and "ONETAP_REDIS_URL" in lines["队列"].words
    assert lines["时间表"].grade == doctor.BAD and "没有人在跑" in lines["时间表"].words
