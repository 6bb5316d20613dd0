"""Passwords: what they must be, and how they are kept and compared."""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.accounts import Account
from models.sentences import Sentence

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$CcurF4j2OuTToDuUdwlxAw$VCmmUZ4YDVi5QzXsM/lsw7g+Jl+txpw7C5FNKedwH4k"
"""Checked when there is no such login, so that a wrong login takes as long as a wrong password."""
THREADS = 2
"""A hash takes 19 MB, which the thread that made it keeps: these two make all of them, and the others wait."""
SHORTEST, LONGEST = 10, 200
_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
"""Starts its threads with the first hash, so after a fork"""


def hash_password(password: str) -> str:
    """Slow on purpose: never inside a transaction."""
    return _POOL.submit(HASHER.hash, password).result()


def is_right(password: str, account: Account | None) -> bool:
    try:
        _POOL.submit(HASHER.verify, account.password_hash if account else NOBODY, password).result()
    except (VerificationError, InvalidHashError):
        return False
    return account is not None


def fault_of(password: str, login: str, name: str) -> str:
    """Why this cannot be the password of this account; empty when it can."""
    if not SHORTEST <= len(password) <= LONGEST:
        return Sentence(
            "密码要 {least} 到 {most} 个字，现在是 {n} 个", least=SHORTEST, most=LONGEST, n=len(password)
        )
    if password.lower() in (login.lower(), name.lower()) or len(set(password)) < 4:
        return Sentence("这个密码太容易猜到，请换一个")
    return ""


def repeat_fault(password: str, again: str) -> dict[str, str]:
    """What was typed twice has to be the same."""
    return {} if password == again else {"again": Sentence("两次输入的密码不一样")}
