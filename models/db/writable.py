"""Can a row be written? Asked without any lock: of the disk under an embedded database, and of what writers met last."""

import errno
import os
import sqlite3
import tempfile
from enum import StrEnum
from pathlib import Path

PROBE = b"\0" * 64 * 1024
"""What a short transaction needs at most; written beside the database, and gone at once."""


class Unwritable(StrEnum):
    """Why no row can be written."""

    FULL = "full"
    READ_ONLY = "read-only"
    BROKEN = "broken"
    """The disk itself reports errors."""


ERRORS = {
    errno.ENOSPC: Unwritable.FULL,
    errno.EDQUOT: Unwritable.FULL,
    errno.EFBIG: Unwritable.FULL,
    errno.EROFS: Unwritable.READ_ONLY,
    errno.EACCES: Unwritable.READ_ONLY,
    errno.EPERM: Unwritable.READ_ONLY,
    errno.ENOENT: Unwritable.READ_ONLY,
}
SQLITE = {
    sqlite3.SQLITE_FULL: Unwritable.FULL,
    sqlite3.SQLITE_READONLY: Unwritable.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Unwritable.READ_ONLY,
    sqlite3.SQLITE_IOERR: Unwritable.BROKEN,
}
SQLSTATES = {"53100": Unwritable.FULL, "25006": Unwritable.READ_ONLY}
"""PostgreSQL's disk_full and read_only_sql_transaction"""


def why(error: BaseException) -> Unwritable | None:
    """What a failed write says about the disk; None when it failed for another reason (a lock, a rule)."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return ERRORS.get(cause.errno or 0)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return SQLITE.get(code) or SQLSTATES.get(getattr(cause, "sqlstate", None) or "")


def probe(database: Path) -> Unwritable | None:
    """Look at the disk of this database file: its folder takes a file, and the database itself is no read-only one."""
    try:
        with tempfile.TemporaryFile(dir=database.parent) as file:
            file.write(PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return ERRORS.get(error.errno or 0, Unwritable.BROKEN)
    readable_only = [
        one
        for one in (database, Path(f"{database}-wal"))
        if one.exists() and not os.access(one, os.W_OK, effective_ids=True)
    ]
    return Unwritable.READ_ONLY if readable_only else None
