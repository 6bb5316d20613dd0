"""The callback cipher as the official description says it: AES-256-CBC, padded to 32, signed with SHA-1."""

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM_BYTES = 16


class BadEnvelope(Exception):
    """An answer that claims to be encrypted for us and is not."""


@dataclass(frozen=True)
class CallbackCrypto:
    """One token, one key, one receiver: what both sides of a callback share."""

    token: str
    aes_key: str
    receive_id: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted([self.token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode()).hexdigest()

    def encrypt(self, plain: str, random: bytes | None = None) -> str:
        """Fresh random bytes each time: a retry of the same event never looks the same on the wire."""
        message = plain.encode()
        body = (random or secrets.token_bytes(RANDOM_BYTES)) + struct.pack("!I", len(message)) + message
        body += self.receive_id.encode()
        padding = BLOCK - len(body) % BLOCK
        encryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(
            encryptor.update(body + bytes([padding]) * padding) + encryptor.finalize()
        ).decode()

    def decrypt(self, encrypted: str) -> str:
        try:
            cipher = base64.b64decode(encrypted, validate=True)
            decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).decryptor()
            body = decryptor.update(cipher) + decryptor.finalize()
            padding = body[-1]
            if not 1 <= padding <= BLOCK or body[-padding:] != bytes([padding]) * padding:
                raise BadEnvelope("padding")
            body = body[:-padding]
            (length,) = struct.unpack("!I", body[RANDOM_BYTES : RANDOM_BYTES + 4])
            message, receiver = body[RANDOM_BYTES + 4 :][:length], body[RANDOM_BYTES + 4 + length :]
            if len(message) != length or receiver != self.receive_id.encode():
                raise BadEnvelope("receive id or length")
            return message.decode()
        except (ValueError, IndexError, struct.error) as error:
            raise BadEnvelope(str(error)) from error

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
        """Signature first, then the content."""
        if not hmac.compare_digest(self.signature(timestamp, nonce, encrypted), signature):
            raise BadEnvelope("signature")
        return self.decrypt(encrypted)
