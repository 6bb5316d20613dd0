"""Sealed secrets: unreadable in the table, and with another key."""

import pytest

from models.encryption import Encryption, fingerprint

KEY = "11111111-2222-4333-8444-555555555555"


def test_what_was_sealed_is_read_with_the_same_key_only():
    sealed = Encryption("k" * 32).encrypt(KEY)
    assert KEY not in sealed and Encryption("k" * 32).decrypt(sealed) == KEY
    with pytest.raises(ValueError, match="另一个 ONETAP_SECRET_KEY.*重新填写"):
        Encryption("another key, made by mistake").decrypt(sealed)


def test_a_secret_is_found_by_a_fingerprint_that_does_not_tell_it():
    assert fingerprint(KEY) == fingerprint(KEY) != fingerprint(KEY.replace("1", "2"))
    assert KEY[:8] not in fingerprint(KEY)
