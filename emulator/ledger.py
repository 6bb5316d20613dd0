"""The ledger of what customers, guides and groups really received: the judge of every test."""

import json
import re
from typing import Any

from .clock import Clock, iso
from .database import StoredState

TEXT_SHOWN = 1200
"""Long bodies are cut in the ledger's `call` and `callback` rows; deliveries are always kept whole."""


class Ledger:
    """Rows are only ever added."""

    def __init__(self, state: StoredState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def write(self, kind: str, who: str, **what: Any) -> None:
        self._state.run(
            "INSERT INTO ledger (at, kind, who, what) VALUES (?, ?, ?, ?)",
            self._clock.now(),
            kind,
            who,
            json.dumps(what, ensure_ascii=False),
        )

    def write_many(self, kind: str, rows: list[tuple[str, dict[str, Any]]]) -> None:
        now = self._clock.now()
        self._state.run_many(
            "INSERT INTO ledger (at, kind, who, what) VALUES (?, ?, ?, ?)",
            [(now, kind, who, json.dumps(what, ensure_ascii=False)) for who, what in rows],
        )

    def rows(
        self, since: int = 0, kinds: list[str] | None = None, who: str | None = None, limit: int = 1000
    ) -> list[dict[str, Any]]:
        sql, values = "SELECT * FROM ledger WHERE id > ?", [since]  # type: tuple[str, list[Any]]
        if kinds:
            sql += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += kinds
        if who is not None:
            sql += " AND who = ? COLLATE NOCASE"
            values.append(who)
        return [opened(row) for row in self._state.rows(sql + " ORDER BY id LIMIT ?", *values, limit)]

    def newest(self, who: str, kinds: tuple[str, ...], limit: int) -> list[dict[str, Any]]:
        """The last rows about somebody, oldest first."""
        rows = self._state.rows(
            f"SELECT * FROM ledger WHERE who = ? COLLATE NOCASE AND kind IN ({','.join('?' * len(kinds))})"
            " ORDER BY id DESC LIMIT ?",
            who,
            *kinds,
            limit,
        )
        return [opened(row) for row in reversed(rows)]

    def last(self) -> int:
        return int(self._state.value("SELECT COALESCE(MAX(id), 0) FROM ledger"))


def opened(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"at": iso(row["at"]), "what": json.loads(row["what"])}


SECRETS = re.compile(r'("(?:access_token|ticket|user_ticket)": ?")[^"]+')


def shortened(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = SECRETS.sub(r"\1…", text)
    return text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…"
