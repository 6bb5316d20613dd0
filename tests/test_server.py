"""The command line: one clear line and exit 2 for bad configuration, and errands that say what they did."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import server
from ops.database_lock import lock_database
from tests.disks import full_disk, open_folder, read_only
from tests.waiting import PATIENCE

SECRET = "one for tests of the command line"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def onetap(*arguments: str, **settings: str) -> Result:
    """`python server.py …` with nothing in the environment but these settings."""
    clean = {name: None for name in os.environ if name.startswith("ONETAP_")}
    named = {f"ONETAP_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(server.cli, arguments, env={**clean, **named})


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "ONETAP_SECRET_KEY"),
        ({"secret_key": SECRET, "wecom_token": "t", "wecom_aes_key": "short"}, "ONETAP_WECOM_AES_KEY"),
        ({"secret_key": SECRET, "wecom_token": "t", "wecom_aes_key": KEY}, "ONETAP_WECOM_CORP_ID"),
        ({"secret_key": SECRET, "wecom_token": "a,b", "wecom_aes_key": KEY}, "一一对应"),
        ({"secret_key": SECRET, "timezone": "Asia/Shanghi"}, "ONETAP_TIMEZONE"),
        ({"secret_key_file": "/nowhere/secret"}, "ONETAP_SECRET_KEY_FILE"),
        ({"secret_key": SECRET, "database_url": "nonsense"}, "ONETAP_DATABASE_URL"),
    ],
)
def test_a_wrong_configuration_refuses_to_start_with_one_line_N02(settings: dict[str, str], word: str):
    done = onetap("run", "--port", "0", **settings)
    assert done.exit_code == 2
    assert word in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_separate_processes_want_redis_and_postgresql(role: str):
    done = onetap(role, secret_key=SECRET)
    assert done.exit_code == 2 and "ONETAP_REDIS_URL" in done.stderr
    done = onetap(role, secret_key=SECRET, redis_url="redis://127.0.0.1:1/0")
    assert done.exit_code == 2 and "postgresql+psycopg" in done.stderr


def test_the_demo_refuses_any_platform_that_is_not_local():
    done = onetap("demo", "--port", "0", wecom_api_url="https://qyapi.weixin.qq.com/cgi-bin/")
    assert done.exit_code == 2 and "演示只连本机" in done.stderr


def test_run_refuses_a_demo_database(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    assert onetap("migrate", secret_key=SECRET, database_url=url).exit_code == 0
    with sqlite3.connect(tmp_path / "demo.sqlite3") as connection:
        connection.execute("INSERT INTO preference (key, value) VALUES ('demo', '1')")
    connection.close()
    done = onetap("run", "--port", "0", secret_key=SECRET, database_url=url)
    assert done.exit_code == 2 and "演示用的数据库" in done.stderr


def test_an_admin_is_made_once_and_questions_are_never_asked_without_a_terminal():
    asked = onetap("admin", "create", "--no-input", "--login", "zhou", secret_key=SECRET)
    assert asked.exit_code == 2 and "姓名" in asked.stderr
    words = [
        "admin",
        "create",
        "--no-input",
        "--login",
        "zhou",
        "--name",
        "周岚",
        "--password",
        "a-long-password",
    ]
    assert onetap(*words, secret_key=SECRET).exit_code == 0
    again = onetap(*words, secret_key=SECRET)
    assert again.exit_code == 2 and "已经有人用" in again.stderr


@pytest.mark.parametrize(
    ("login", "name", "words"),
    [
        ("h q", "周岚", "登录名要 2 到 64 个字，不能有空格"),
        ("h" * 65, "周岚", "登录名要 2 到 64 个字"),
        (" ", "周岚", "登录名要 2 到 64 个字"),
        ("hq", "岚" * 21, "姓名要 1 到 20 个字"),
    ],
)
def test_an_admin_who_could_never_sign_in_is_not_made(login: str, name: str, words: str):
    done = onetap(
        "admin",
        "create",
        "--login",
        login,
        "--name",
        name,
        "--password",
        "a-long-password",
        secret_key=SECRET,
    )
    assert done.exit_code == 2
    assert words in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_an_admin_signs_in_with_what_she_was_given_without_the_spaces_around_it(tmp_path: Path):
    words = ("admin", "create", "--login", "hq ", "--name", " 周岚", "--password", "a-long-password")
    assert "用 hq 在" in onetap(*words, "--userid", " ZhouLan", secret_key=SECRET).stdout
    with closing(sqlite3.connect(tmp_path / "var" / "onetap.sqlite3")) as database:
        found = database.execute("SELECT login, name, userid FROM account").fetchall()
        assert found == [("hq", "周岚", "ZhouLan")]


@pytest.mark.parametrize("name", [" ", "B" * 65])
def test_a_token_says_in_1_to_64_letters_who_uses_it(name: str):
    done = onetap("token", "create", "--name", name, secret_key=SECRET)
    assert done.exit_code == 2 and "1 到 64 个字" in done.stderr


def test_a_token_is_shown_once_and_stored_as_a_hash(tmp_path: Path):
    token = onetap("token", "create", "--name", "BI", secret_key=SECRET).stdout.strip()
    assert token.startswith("onetap_")
    stored = (tmp_path / "var" / "onetap.sqlite3").read_bytes()
    assert token.encode() not in stored


def test_an_import_keeps_good_rows_and_names_the_bad_ones(tmp_path: Path):
    (tmp_path / "branches.csv").write_text("code,name\nB1,沈阳\n,没有编号\n", encoding="utf-8")
    done = onetap("import", "branches", "branches.csv", secret_key=SECRET)
    assert done.exit_code == 1
    assert "新增 1 行" in done.stdout and "第 3 行" in done.stdout
    store = {"code": "S1", "name": "中街店", "branch": "B1", "latitude": 41.8, "longitude": 123.4}
    (tmp_path / "stores.json").write_text(json.dumps([store]))
    assert onetap("import", "stores", "stores.json", secret_key=SECRET).exit_code == 0


def test_a_dry_run_says_what_an_import_would_do_and_stores_nothing(tmp_path: Path):
    rows = "本月,,\n编号,名称,备注\nB1,沈阳,x\n,没有编号,\n合计,1,\n"
    (tmp_path / "branches.csv").write_text(rows, encoding="utf-8")
    early = onetap("import", "branches", "branches.csv", "--dry-run", secret_key=SECRET)
    assert early.exit_code == 2 and "先运行 python server.py migrate" in early.stderr
    assert onetap("migrate", secret_key=SECRET).exit_code == 0
    for _ in range(2):
        done = onetap("import", "branches", "branches.csv", "--dry-run", secret_key=SECRET)
        assert done.exit_code == 1
        assert done.stdout.splitlines() == [
            "branches：先看一看，还没有存。新增 1 行，更新 0 行，没变 0 行，有错 1 行，跳过 1 行",
            "  第 3 行  编号 B1  名称 沈阳",
            "  第 4 行  名称 没有编号",
            "  没有用到的列：备注",
            "  第 4 行 编号：这一格不能空着",
            "  第 5 行：是合计",
        ]
    with closing(sqlite3.connect(tmp_path / "var" / "onetap.sqlite3")) as database:
        assert database.execute("SELECT code FROM branch").fetchall() == []
        assert database.execute("SELECT verb FROM audit").fetchall() == []


def test_an_import_that_cannot_be_read_says_why_in_one_line(tmp_path: Path):
    (tmp_path / "stores.json").write_text('[{"code": "S1"', encoding="utf-8")
    done = onetap("import", "stores", "stores.json", secret_key=SECRET)
    assert done.exit_code == 1 and done.stdout == "stores：JSON 不完整，没有导入任何一行\n"


@pytest.mark.parametrize("command", [("run", "--port", "0"), ("migrate",), ("doctor",)])
def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path, command: tuple[str, ...]):
    (tmp_path / "taken").write_text("a file, no folder")
    done = onetap(*command, secret_key=SECRET, data_dir=str(tmp_path / "taken" / "shop"))
    assert done.exit_code == 2
    assert str(tmp_path / "taken") in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--port", "0"),
        ("migrate",),
        ("prune",),
        ("admin", "create", "--login", "li", "--name", "李", "--password", "long-enough-for-all"),
        ("token", "create", "--name", "报表"),
        ("import", "stores", "/dev/null"),
    ],
)
def test_a_command_on_a_folder_that_may_only_be_read_ends_in_one_line_D05(command: tuple[str, ...]):
    with open_folder() as folder:
        settings = {"secret_key": SECRET, "data_dir": str(folder)}
        assert onetap("migrate", **settings).exit_code == 0
        with read_only(folder):
            done = onetap(*command, **settings)
    said = (done.stdout + done.stderr).strip().splitlines()
    assert done.exit_code in (1, 2) and len(said) == 1, said


def test_a_command_on_a_full_disk_ends_in_one_line_D04(tmp_path: Path):
    settings = {"secret_key": SECRET, "data_dir": str(tmp_path)}
    assert onetap("migrate", **settings).exit_code == 0
    with full_disk():
        done = onetap("token", "create", "--name", "报表", **settings)
    assert done.exit_code == 2 and done.stderr == "磁盘：满了，什么都存不下。请腾出地方，腾出后自己恢复\n"


def test_a_backup_is_restored_only_with_a_yes_and_only_while_nobody_works_on_the_database_D08(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    settings = {"secret_key": SECRET, "database_url": url}
    missing = onetap("backup", "night", **settings)
    assert missing.exit_code == 2 and "还没有数据库" in missing.stderr
    assert onetap("migrate", **settings).exit_code == 0
    assert "备份好了" in onetap("backup", "night", **settings).stdout
    asked = onetap("restore", "night", "--no-input", **settings)
    assert asked.exit_code == 2 and "--yes" in asked.stderr
    done = onetap("restore", "night", "--yes", **settings)
    assert done.exit_code == 0 and "0 条投递先扣着" in done.stdout
    held = lock_database(tmp_path / "shop.sqlite3")
    try:
        for command in (("restore", "night", "--yes"), ("run", "--port", "0")):
            refused = onetap(*command, **settings)
            assert refused.exit_code == 2 and "正被另一个 Onetap 使用" in refused.stderr
    finally:
        os.close(held)


def test_the_doctor_ends_with_1_while_something_is_missing():
    done = onetap("doctor", secret_key=SECRET, wecom_api_url="http://127.0.0.1:9/")
    assert done.exit_code == 1
    assert "✓ 数据库" in done.stdout and "✕ 应用凭证" in done.stdout and "server.py migrate" in done.stdout


def test_a_port_that_is_taken_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = onetap("run", "--port", str(taken.getsockname()[1]), secret_key=SECRET)
    assert done.exit_code == 2 and "换一个 --port" in done.stderr


def test_pruning_says_what_it_removed_in_a_database_without_tables_too(tmp_path: Path):
    done = onetap("prune", secret_key=SECRET, data_dir=str(tmp_path))
    assert done.exit_code == 0 and done.stdout.strip()


@pytest.mark.parametrize("command", sorted(server.cli.commands))
def test_help_explains_every_command(command: str):
    assert server.cli.commands[command].help
    assert onetap(command, "--help").exit_code == 0


def spoilt_installation(tmp_path: Path, content: bytes | None = None) -> str:
    """A database that was good once."""
    url, file = f"sqlite:///{tmp_path / 'shop.sqlite3'}", tmp_path / "shop.sqlite3"
    assert onetap("migrate", secret_key=SECRET, database_url=url).exit_code == 0
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    if content is not None:
        file.write_bytes(content)
        return url
    with file.open("r+b") as pages:
        pages.seek(8 * 4096)
        pages.write(b"\xa5" * 40 * 4096)
    return url


@pytest.mark.parametrize("content", [None, b"no database at all" * 1000, b"SQLite format 3\0" + b"\0" * 9000])
@pytest.mark.parametrize("words", [("app", "--socket", "0"), ("migrate",), ("backup", "night"), ("prune",)])
def test_a_damaged_database_ends_any_command_with_one_line_and_2(tmp_path: Path, words, content):
    url = spoilt_installation(tmp_path, content)
    done = onetap(*words, secret_key=SECRET, database_url=url)
    assert done.exit_code == 2, done.output
    assert len(done.stderr.strip().splitlines()) == 1
    assert "restore" in done.stderr and "配置不对" not in done.stderr


@pytest.mark.parametrize("words", [("app", "--socket", "0"), ("migrate",), ("prune",)])
def test_a_folder_in_place_of_the_database_ends_any_command_with_one_line_and_2(tmp_path: Path, words):
    (tmp_path / "onetap.sqlite3").mkdir()
    done = onetap(*words, secret_key=SECRET, database_url=f"sqlite:///{tmp_path / 'onetap.sqlite3'}")
    assert done.exit_code == 2, done.output
    assert "不是一个文件" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_run_ends_with_2_on_a_damaged_database_instead_of_starting_again_for_ever(tmp_path: Path):
    url = spoilt_installation(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONETAP_")}
    done = subprocess.run(
        [sys.executable, server.THIS, "run", "--port", "0"],
        env={**environment, "ONETAP_SECRET_KEY": SECRET, "ONETAP_DATABASE_URL": url},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "坏了" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_the_doctor_finds_a_damaged_database_and_one_that_others_can_read(tmp_path: Path):
    url = spoilt_installation(tmp_path)
    done = onetap("doctor", secret_key=SECRET, database_url=url)
    assert done.exit_code == 1 and "✕ 数据库文件：" in done.stdout and "restore" in done.stdout
    (tmp_path / "shop.sqlite3").unlink()
    assert onetap("migrate", secret_key=SECRET, database_url=url).exit_code == 0
    assert "✓ 数据库文件：" in onetap("doctor", secret_key=SECRET, database_url=url).stdout
    (tmp_path / "shop.sqlite3").chmod(0o644)
    assert "! 数据库文件：" in onetap("doctor", secret_key=SECRET, database_url=url).stdout


def test_whatever_a_command_writes_is_for_this_account_alone(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    assert onetap("migrate", secret_key=SECRET, database_url=url).exit_code == 0
    assert onetap("backup", "night", secret_key=SECRET, database_url=url).exit_code == 0
    for name in ("shop.sqlite3", "night"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
