"""The file of the embedded database, or a copy of it: is it whole, and can nobody but us read it?"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from models.sentences import Sentence
from settings import BadConfiguration

OURS_ALONE = 0o600
AT_REST = "mode=ro&immutable=1"
"""How SQLite opens a file on which nobody works, with nothing beside it: it writes nothing beside it, either."""
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""What SQLite says of a file that it cannot read; a lock or a full disk is another matter."""
CURE = Sentence("先把它和旁边的 -wal 另存一份，再用 python server.py restore 恢复最近的备份")


class UnusableFile(BadConfiguration):
    """A file is damaged or of another kind: nothing in the settings would mend it."""


def opened(path: Path, how: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True))


def flaw(path: Path, *, at_rest: bool = False, quick: bool = False) -> str:
    """Why this file is no whole database, in words; empty when it is, or when nothing was written to it yet.

    at_rest: nobody works on it and nothing beside it belongs to it, as with a backup: then nothing is written beside it,
    and its folder may be one that nobody can write to. quick: without comparing each index with its table.
    """
    if path.exists() and not path.is_file():
        return Sentence("不是一个文件")
    if not path.exists() or not path.stat().st_size:
        return ""
    look = "quick_check" if quick else "integrity_check"
    try:
        with opened(path, AT_REST if at_rest else "mode=rw") as connection:
            said = [row[0] for row in connection.execute(f"PRAGMA {look}(1)")]
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
        if _code(error) == sqlite3.SQLITE_NOTADB:
            return Sentence("不是 SQLite 数据库")
        return Sentence("里面坏了（{error}）", error=error)
    return "" if said == ["ok"] else Sentence("里面坏了（{error}）", error=said[0].splitlines()[-1])


def is_broken(error: BaseException) -> bool:
    """Does it say that the file itself is damaged? Also one that SQLAlchemy has wrapped."""
    return _code(getattr(error, "orig", None) or error) in BROKEN


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def damaged(what: str) -> UnusableFile:
    return UnusableFile(Sentence("数据库 {what}。{cure}", what=what, cure=CURE))


def refuse_damaged(path: Path) -> None:
    """Nobody works on a file that would lose more with every write. A gigabyte takes a second of processor."""
    if words := flaw(path, quick=True):
        raise damaged(f"{path} {words}")


def keep_private(path: Path) -> None:
    """It holds everything: what an earlier version or another program left open to others is closed."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        # another's file is another's to close; the doctor says so
        with suppress(FileNotFoundError, PermissionError):
            if open_to_others(file):
                file.chmod(OURS_ALONE)


def open_to_others(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o077)
