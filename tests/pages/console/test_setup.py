"""连接企业微信: addresses to paste, what is filled in (never the values), and the doctor's lines when asked."""

from dataclasses import dataclass

from models.db import Database
from tests.pages import shop
from tests.pages.conftest import NOON, Console, add_people, make_console, page


@dataclass(frozen=True)
class Finding:
    grade: str
    name: str
    words: str


def opened(database: Database, **site_fields: object) -> Console:
    console = make_console(database, **site_fields)
    shop.open_shop(console.db, console.ids, NOON)
    add_people(console)
    return console


def test_the_addresses_to_paste_are_those_of_this_installation(sqlite_database: Database) -> None:
    text = page(opened(sqlite_database), "/console/setup")
    assert all(f"http://127.0.0.1:8000/callback/{noun}" in text for noun in ("app", "contacts", "robot"))
    assert text.index("应用的回调") < text.index("可信域名和可信 IP")


def test_settings_are_told_by_name_and_presence_alone(sqlite_database: Database) -> None:
    console = opened(
        sqlite_database, configured=frozenset({"ONETAP_WECOM_TOKEN"}), corp_id="ww0123456789abcdef"
    )
    text = page(console, "/console/setup")
    assert "ONETAP_WECOM_TOKEN 有" in text
    assert "ONETAP_WECOM_AES_KEY 没填" in text
    assert console.site.secret_keys[0] not in text
    assert "ww0123456789abcdef" not in text


def test_a_callback_that_came_is_the_proof(sqlite_database: Database) -> None:
    text = page(opened(sqlite_database), "/console/setup")
    assert text.count("收到过，最近一次 今天 14:32") == 1


def test_a_permission_that_nothing_shows_is_not_called_done(sqlite_database: Database) -> None:
    bare = make_console(sqlite_database)
    add_people(bare)
    assert page(bare, "/console/setup").count("做好了") == 0
    shop.open_shop(bare.db, bare.ids, NOON)
    assert "已有 3 位导购" in page(bare, "/console/setup")


def test_the_doctor_looks_only_when_asked(sqlite_database: Database) -> None:
    asked: list[int] = []

    def examine() -> list[Finding]:
        asked.append(1)
        return [
            Finding("bad", "可信 IP", "这台机器不在可信 IP 里，<b>请添加</b>"),
            Finding("ok", "数据库", "可读可写"),
        ]

    console = opened(sqlite_database, examine=examine)
    assert "现在检查" in page(console, "/console/setup")
    assert asked == []
    text = page(console, "/console/setup?examine=1")
    assert "这台机器不在可信 IP 里，&lt;b&gt;请添加" in text
    assert "重新检查" in text
    assert asked == [1]


def test_without_a_doctor_the_command_is_named(sqlite_database: Database) -> None:
    text = page(opened(sqlite_database), "/console/setup")
    assert "python server.py doctor" in text
    assert "现在检查" not in text
