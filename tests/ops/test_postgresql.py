"""PostgreSQL's own tools: all of a restore or nothing, and no password where others on the machine can read it."""

from pathlib import Path

import pytest

from models.db import Database
from models.ledger.outbox import OutboxStatus
from ops import backup, postgresql
from settings import BadConfiguration
from tests import cast
from tests.ops.backups import fill, statuses

NOW = cast.NOW


@pytest.mark.parametrize(
    "url", ["u:hu%40sh@h:5433/shop?sslmode=require", "u@h:5433/shop?sslmode=require&password=hu%40sh"]
)
def test_a_password_stands_in_no_argument(url: str):
    url = f"postgresql+psycopg://{url}"
    assert postgresql._where(url) == ["--dbname=postgresql://u@h:5433/shop?sslmode=require"]
    assert postgresql._secret(url) == {"PGPASSWORD": "hu@sh"}


def test_a_table_that_somebody_else_built_upon_leaves_a_postgresql_database_as_it_is(
    postgres: Database, tmp_path: Path
):
    """Half of a restore would be worse than none: rows doubled, and nothing held."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    with postgres.write() as session:
        session.connection().exec_driver_sql("CREATE VIEW for_reports AS SELECT * FROM outbox")
    postgres.close()
    with pytest.raises(BadConfiguration, match="什么都没有改；可以恢复到一个空库") as refused:
        backup.restore(postgres.url, tmp_path / "night.backup", NOW)
    assert "outbox" in str(refused.value) and "\n" not in str(refused.value)
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]


def test_nothing_is_restored_into_a_postgresql_database_that_somebody_works_on(
    postgres: Database, tmp_path: Path
):
    """A worker would take what is due before it is held."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    with pytest.raises(BadConfiguration, match="还有 1 个连接"):
        backup.restore(postgres.url, tmp_path / "night.backup", NOW)
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]
    postgres.close()
    assert backup.restore(postgres.url, tmp_path / "night.backup", NOW) == 1


def test_a_restore_into_a_postgresql_database_that_is_away_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "night.backup").write_bytes(b"PGDMP")
    with pytest.raises(BadConfiguration, match="连不上数据库"):
        backup.restore("postgresql+psycopg://onetap@127.0.0.1:9/onetap", tmp_path / "night.backup", NOW)


def test_a_dump_that_is_cut_or_is_none_of_ours_is_no_backup(postgres: Database, tmp_path: Path):
    fill(postgres)
    target = tmp_path / "night.backup"
    backup.backup(postgres.url, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) * 2 // 3])
    postgres.close()
    with pytest.raises(BadConfiguration, match="不是完整的备份"):
        backup.restore(postgres.url, target, NOW)
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]
