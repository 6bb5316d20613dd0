"""Passwords: who has which one, and which nobody may have."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.accounts import Account, Role, passwords
from tests.cast import NOW

GOOD = "correct-horse"


@pytest.fixture(scope="module")
def account() -> Account:
    hashed = passwords.hash_password(GOOD)
    return Account(role=Role.HQ, name="周岚", login="zhou", password_hash=hashed, created_at=NOW)


def test_only_the_very_password_is_right(account: Account) -> None:
    assert passwords.is_right(GOOD, account)
    for wrong in ("Correct-horse", f"{GOOD} ", "", account.password_hash):
        assert not passwords.is_right(wrong, account), wrong


def test_the_same_password_is_kept_differently_each_time(account: Account) -> None:
    again = passwords.hash_password(GOOD)
    assert again != account.password_hash and GOOD not in again


def test_an_account_without_a_password_and_nobody_at_all_have_no_right_one() -> None:
    for other in (Account(role=Role.BRANCH, name="陈默", created_at=NOW), None):
        for tried in ("", GOOD, "nobody has this password"):
            assert not passwords.is_right(tried, other)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("九个字的密码不够长", "密码要 10 到 200 个字，现在是 9 个"),
        ("long" * 51, "现在是 204 个"),
        ("ZHOU-LAN-HQ", "太容易猜到"),
        ("周岚周岚周岚周岚周岚", "太容易猜到"),
        ("ababababcc", "太容易猜到"),
        ("ababababcd", ""),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_in_words(password: str, words: str) -> None:
    said = passwords.fault_of(password, "zhou-lan-hq", "周岚周岚周岚周岚周岚")
    assert words in said and bool(said) == bool(words)


def test_nobody_s_hash_costs_what_everybody_s_costs_I06() -> None:
    assert not passwords.HASHER.check_needs_rehash(passwords.NOBODY)


CROWD = """
from concurrent.futures import ThreadPoolExecutor
from models.accounts import passwords

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

passwords.is_right("x", None)
before = resident()
with ThreadPoolExecutor(32) as threads:
    list(threads.map(lambda _: passwords.is_right("x", None), range(96)))
print(resident() - before)
"""


def test_a_crowd_that_signs_in_leaves_no_memory_behind() -> None:
    """A thread keeps the 19 MB of its last hash, so all hashes are made by the same two."""
    ran = subprocess.run(
        [sys.executable, "-c", CROWD],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(passwords.__file__).parents[2],
    )
    assert int(ran.stdout) < 100_000, f"{ran.stdout} KB more"
