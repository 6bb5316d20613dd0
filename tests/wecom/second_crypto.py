"""The official algorithm a second time, on `cryptography` alone: the judge of wecom/callbacks.py."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.cast import CORP_ID

TOKEN = "GuideBotToken2026"
AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
CORP = CORP_ID


def signature(token, timestamp, nonce, encrypt):
    parts = sorted(part.encode() for part in (token, str(timestamp), nonce, encrypt))
    return hashlib.sha1(b"".join(parts)).hexdigest()


def _cipher(aes_key):
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt_block(block, aes_key=AES_KEY):
    """Any bytes whose length is a multiple of 16, so that a test can frame them wrongly."""
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()


def encrypt(text, receive_id=CORP, aes_key=AES_KEY, prefix=None):
    message = text.encode() if isinstance(text, str) else text
    plain = (prefix or os.urandom(16)) + struct.pack(">I", len(message)) + message + receive_id.encode()
    padder = padding.PKCS7(256).padder()
    return encrypt_block(padder.update(plain) + padder.finalize(), aes_key)


def decrypt(encrypted, aes_key=AES_KEY):
    decryptor = _cipher(aes_key).decryptor()
    block = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    unpadder = padding.PKCS7(256).unpadder()
    plain = unpadder.update(block) + unpadder.finalize()
    (length,) = struct.unpack(">I", plain[16:20])
    return plain[20 : 20 + length].decode(), plain[20 + length :].decode()


def query_for(encrypted, timestamp, nonce="n0nce", token=TOKEN):
    return {
        "msg_signature": signature(token, timestamp, nonce, encrypted),
        "timestamp": str(timestamp),
        "nonce": nonce,
    }


def envelope(encrypted, corp=CORP):
    return (
        f"<xml><ToUserName><![CDATA[{corp}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    ).encode()
