"""Passwords: what they must be, and how they are kept and compared."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.accounts import Account
from models.errors import Complaint

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password")
"""Checked when there is no such login, so that a wrong login takes as long as a wrong password."""
SHORTEST, LONGEST = 10, 200


def hash_password(password: str) -> str:
    """Slow on purpose: never inside a transaction."""
    return HASHER.hash(password)


def is_right(password: str, account: Account | None) -> bool:
    try:
        HASHER.verify(account.password_hash if account else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return account is not None


def fault_of(password: str, login: str, name: str) -> str:
    """Why this cannot be the password of this account; empty when it can."""
    if not SHORTEST <= len(password) <= LONGEST:
        return Complaint(
            "密码要 {least} 到 {most} 个字，现在是 {n} 个", least=SHORTEST, most=LONGEST, n=len(password)
        )
    if password.lower() in (login.lower(), name.lower()) or len(set(password)) < 4:
        return Complaint("这个密码太容易猜到，请换一个")
    return ""


def repeat_fault(password: str, again: str) -> dict[str, str]:
    """What was typed twice has to be the same."""
    return {} if password == again else {"again": Complaint("两次输入的密码不一样")}
