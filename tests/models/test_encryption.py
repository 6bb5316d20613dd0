"""Encrypted secrets: unreadable in the table and with another key, readable while a key is replaced."""

import pytest

from models.encryption import Encryption, fingerprint

KEY = "11111111-2222-4333-8444-555555555555"


def test_what_was_encrypted_is_read_with_the_same_key_only():
    encrypted = Encryption("k" * 32).encrypt(KEY)
    assert KEY not in encrypted and Encryption("k" * 32).decrypt(encrypted) == KEY
    with pytest.raises(ValueError, match="另一个 ONETAP_SECRET_KEY.*重新填写"):
        Encryption("another key, made by mistake").decrypt(encrypted)


def test_the_first_key_encrypts_and_all_of_them_read():
    old, both = Encryption("old"), Encryption("new", "old")
    assert both.decrypt(old.encrypt(KEY)) == KEY
    assert Encryption("new").decrypt(both.encrypt(KEY)) == KEY
    assert Encryption("new").decrypt(both.rotate(old.encrypt(KEY))) == KEY


def test_which_key_encrypted_it_is_known():
    both = Encryption("new", "old")
    encrypted = [Encryption(key).encrypt(KEY) for key in ("new", "old", "lost")]
    assert [both.key_of(one) for one in encrypted] == [0, 1, None]


def test_a_secret_is_found_by_a_fingerprint_that_does_not_tell_it():
    assert fingerprint(KEY) == fingerprint(KEY) != fingerprint(KEY.replace("1", "2"))
    assert KEY[:8] not in fingerprint(KEY)
