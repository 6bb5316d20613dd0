"""Encrypting small secrets (webhook keys) before they are stored, with keys derived from the signing keys."""

import base64
import hashlib
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Encryption:
    """Encrypts with the first key of ONETAP_SECRET_KEY and reads what any of them encrypted."""

    def __init__(self, *secret_keys: str) -> None:
        self._each = [Fernet(_derived(key)) for key in secret_keys]
        self._all = MultiFernet(self._each)

    def encrypt(self, text: str) -> str:
        return self._all.encrypt(text.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The text, or ValueError when none of the keys encrypted it."""
        try:
            return self._all.decrypt(encrypted).decode()
        except InvalidToken:
            raise ValueError("这段密文是用另一个 ONETAP_SECRET_KEY 加密的，请重新填写") from None

    def key_of(self, encrypted: str) -> int | None:
        """Which of the keys encrypted it, counted from 0; None when none of them did."""
        for number, key in enumerate(self._each):
            with suppress(InvalidToken):
                key.decrypt(encrypted)
                return number
        return None

    def rotate(self, encrypted: str) -> str:
        """The same, encrypted with the first key."""
        return self._all.rotate(encrypted).decode()


def _derived(secret_key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"onetap encryption:" + secret_key.encode()).digest())


def fingerprint(text: str) -> str:
    """A hash to find a secret by, without storing it."""
    return hashlib.sha256(text.encode()).hexdigest()
