"""What the built-in WeCom remembers: one small SQLite file, one connection, one lock, no flush per request."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS department (id INTEGER PRIMARY KEY, name TEXT NOT NULL, parentid INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS member (
  userid TEXT COLLATE NOCASE PRIMARY KEY, name TEXT NOT NULL, departments TEXT NOT NULL, position TEXT NOT NULL,
  is_leader INTEGER NOT NULL, avatar TEXT, status INTEGER NOT NULL, admin_welcome INTEGER NOT NULL,
  contact_feature INTEGER NOT NULL, visible INTEGER NOT NULL, left_at REAL);
CREATE TABLE IF NOT EXISTS standing (
  userid TEXT COLLATE NOCASE PRIMARY KEY, main_department INTEGER, leads TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS customer (
  external_userid TEXT PRIMARY KEY, name TEXT NOT NULL, avatar TEXT, type INTEGER NOT NULL, gender INTEGER NOT NULL,
  unionid TEXT);
CREATE TABLE IF NOT EXISTS friend (
  userid TEXT COLLATE NOCASE NOT NULL, external_userid TEXT NOT NULL, relation TEXT NOT NULL, since REAL NOT NULL,
  add_way INTEGER NOT NULL, state TEXT NOT NULL, remark TEXT NOT NULL, PRIMARY KEY (userid, external_userid));
CREATE INDEX IF NOT EXISTS friend_customer ON friend (external_userid);
CREATE TABLE IF NOT EXISTS chat (
  chat_id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT COLLATE NOCASE NOT NULL,
  born REAL NOT NULL, notice TEXT NOT NULL, version TEXT NOT NULL, robot INTEGER NOT NULL, dismissed_at REAL);
CREATE TABLE IF NOT EXISTS transfer (
  id INTEGER PRIMARY KEY, handover TEXT COLLATE NOCASE NOT NULL, takeover TEXT COLLATE NOCASE NOT NULL,
  external_userid TEXT NOT NULL, words TEXT NOT NULL, resigned INTEGER NOT NULL, born REAL NOT NULL, due REAL NOT NULL,
  status INTEGER NOT NULL, ended REAL);
CREATE INDEX IF NOT EXISTS transfer_customer ON transfer (external_userid, born);
CREATE INDEX IF NOT EXISTS transfer_pair ON transfer (handover, takeover);
CREATE INDEX IF NOT EXISTS transfer_due ON transfer (status, due);
CREATE TABLE IF NOT EXISTS chat_transfer (
  chat_id TEXT NOT NULL, owner TEXT COLLATE NOCASE NOT NULL, new_owner TEXT COLLATE NOCASE NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS chat_person (
  chat_id TEXT NOT NULL, who TEXT COLLATE NOCASE NOT NULL, type INTEGER NOT NULL, joined REAL NOT NULL,
  scene INTEGER NOT NULL, PRIMARY KEY (chat_id, who));
CREATE TABLE IF NOT EXISTS webhook (key TEXT PRIMARY KEY, chat_id TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contact_way (
  config_id TEXT PRIMARY KEY, qr_id TEXT UNIQUE NOT NULL, payload TEXT UNIQUE NOT NULL, body TEXT NOT NULL,
  born REAL NOT NULL, spent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, scope TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS ticket (kind TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS welcome_code (
  code TEXT PRIMARY KEY, userid TEXT NOT NULL, external_userid TEXT NOT NULL, born REAL NOT NULL, used REAL);
CREATE TABLE IF NOT EXISTS mass (
  msgid TEXT PRIMARY KEY, chat_type TEXT NOT NULL, content TEXT NOT NULL, allow_select INTEGER NOT NULL,
  chosen INTEGER NOT NULL, born REAL NOT NULL, cancelled REAL);
CREATE TABLE IF NOT EXISTS mass_task (
  msgid TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, status INTEGER NOT NULL, send_time REAL,
  PRIMARY KEY (msgid, userid));
CREATE INDEX IF NOT EXISTS mass_task_member ON mass_task (userid);
CREATE TABLE IF NOT EXISTS mass_target (
  msgid TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, target TEXT NOT NULL, status INTEGER NOT NULL,
  send_time REAL, PRIMARY KEY (msgid, userid, target));
CREATE INDEX IF NOT EXISTS mass_target_received ON mass_target (target, send_time);
CREATE TABLE IF NOT EXISTS reminder (msgid TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS moment_job (
  jobid TEXT PRIMARY KEY, body TEXT NOT NULL, born REAL NOT NULL, due REAL NOT NULL, result TEXT);
CREATE TABLE IF NOT EXISTS moment (
  moment_id TEXT PRIMARY KEY, creator TEXT NOT NULL, content TEXT NOT NULL, tags TEXT NOT NULL, born REAL NOT NULL,
  cancelled REAL);
CREATE TABLE IF NOT EXISTS moment_task (
  moment_id TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, published REAL, PRIMARY KEY (moment_id, userid));
CREATE INDEX IF NOT EXISTS moment_task_member ON moment_task (userid);
CREATE TABLE IF NOT EXISTS moment_viewer (
  moment_id TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, external_userid TEXT NOT NULL, shown REAL,
  PRIMARY KEY (moment_id, userid, external_userid));
CREATE INDEX IF NOT EXISTS moment_viewer_customer ON moment_viewer (external_userid, shown);
CREATE TABLE IF NOT EXISTS moment_reaction (
  id INTEGER PRIMARY KEY, moment_id TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, external_userid TEXT NOT NULL,
  words TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS moment_reaction_post ON moment_reaction (moment_id, userid);
CREATE TABLE IF NOT EXISTS share (
  share_id TEXT PRIMARY KEY, userid TEXT COLLATE NOCASE NOT NULL, call TEXT NOT NULL, content TEXT NOT NULL,
  page TEXT NOT NULL, born REAL NOT NULL, outcome TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS message (
  msgid TEXT PRIMARY KEY, digest TEXT NOT NULL, users TEXT NOT NULL, born REAL NOT NULL, recalled REAL);
CREATE INDEX IF NOT EXISTS message_digest ON message (digest, born);
CREATE TABLE IF NOT EXISTS card (
  task_id TEXT NOT NULL, userid TEXT COLLATE NOCASE NOT NULL, chat_id TEXT NOT NULL, body TEXT NOT NULL,
  greyed TEXT, born REAL NOT NULL, PRIMARY KEY (task_id, userid, chat_id));
CREATE TABLE IF NOT EXISTS response_code (
  code TEXT PRIMARY KEY, task_id TEXT NOT NULL, userid TEXT COLLATE NOCASE, born REAL NOT NULL, used REAL);
CREATE TABLE IF NOT EXISTS media (
  media_id TEXT PRIMARY KEY, kind TEXT NOT NULL, origin TEXT NOT NULL, filename TEXT NOT NULL, mime TEXT NOT NULL,
  born REAL NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_code (
  code TEXT PRIMARY KEY, userid TEXT NOT NULL, scope TEXT NOT NULL, born REAL NOT NULL, used REAL);
CREATE TABLE IF NOT EXISTS user_ticket (value TEXT PRIMARY KEY, userid TEXT NOT NULL, born REAL NOT NULL);
CREATE TABLE IF NOT EXISTS response_url (
  code TEXT PRIMARY KEY, chat_id TEXT NOT NULL, userid TEXT NOT NULL, born REAL NOT NULL, used REAL);
CREATE TABLE IF NOT EXISTS ledger (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ledger_kind ON ledger (kind, id);
CREATE INDEX IF NOT EXISTS ledger_who ON ledger (who COLLATE NOCASE, id);
"""


class StoredState:
    """Plain SQL with one lock; `change` makes several statements one step."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=256)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost this stand-in its last second; a flush per request would cost every test far more.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(SCHEMA)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        with self._lock:
            found = self._db.execute(sql, values).fetchone()
        return dict(found) if found else None

    def value(self, sql: str, *values: Any) -> Any:
        with self._lock:
            found = self._db.execute(sql, values).fetchone()
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        """The number of rows changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        with self.change():
            self._db.executemany(sql, rows)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Everything inside happens, or nothing; may be nested."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def remembered(self, name: str, default: Any = None) -> Any:
        """A small remembered value, such as the clock's offset."""
        found = self.value("SELECT value FROM note WHERE name = ?", name)
        return default if found is None else json.loads(found)

    def remember(self, name: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO note VALUES (?, ?)", name, json.dumps(value))

    def forget_everything(self) -> None:
        with self.change():
            tables = self.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for table in tables:
                self.run(f"DELETE FROM {table['name']}")
            self.run("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        with self._lock:
            self._db.close()
