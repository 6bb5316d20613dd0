"""Sealing small secrets (webhook keys) before they are stored, with a key derived from the signing key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class Encryption:
    """Encrypts and decrypts with ONETAP_SECRET_KEY; another key cannot read what this one sealed."""

    def __init__(self, secret_key: str) -> None:
        digest = hashlib.sha256(b"onetap encryption:" + secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """The text, or ValueError when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ValueError("这段密文是用另一个 ONETAP_SECRET_KEY 封的，请重新填写") from None


def fingerprint(text: str) -> str:
    """A hash to find a secret by, without storing it."""
    return hashlib.sha256(text.encode()).hexdigest()
