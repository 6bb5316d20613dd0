"""The bounded exchange: size, time, packing."""

import gzip
import json
import socket
import ssl
import threading
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.wecom.fake_platform import OK, Drip, Raw
from wecom.transport import MOST_ANSWER, LostCall, Wire

BIG = 50 * 1024 * 1024
READ = "user/get"


@pytest.fixture
def wire(platform):
    wire = Wire(platform.base_url)
    yield wire
    wire.close()


def lost(call, *args, **more):
    with pytest.raises(LostCall) as caught:
        call(*args, **more)
    return caught.value


def test_a_packed_answer_is_unpacked(wire, platform):
    plain = json.dumps({**OK, "names": ["王芳"] * 1000}).encode()
    platform.on(READ, Raw(gzip.compress(plain), headers={"Content-Encoding": "gzip"}))
    assert wire.ask("GET", READ).body == plain
    platform.on(READ, Raw(zlib.compress(plain), headers={"Content-Encoding": "deflate"}))
    assert wire.ask("GET", READ).body == plain


@pytest.mark.parametrize("declared", [True, False])
def test_an_answer_of_50_MB_is_cut_off_B06(wire, platform, declared):
    headers = {} if declared else {"Transfer-Encoding": "identity", "Connection": "close"}
    platform.on(READ, Raw(b" " * BIG, headers=headers))
    tracemalloc.start()
    try:
        error = lost(wire.ask, "GET", READ)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "太大" in error.words
    assert error.executed
    assert peak < 3 * MOST_ANSWER


def test_a_gzip_bomb_stays_small_B06(wire, platform):
    bomb = gzip.compress(b"0" * 200_000_000, compresslevel=9)
    assert len(bomb) < 300_000
    platform.on(READ, Raw(bomb, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        error = lost(wire.ask, "GET", READ)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "太大" in error.words
    assert peak < 4 * MOST_ANSWER


def test_a_packed_answer_that_breaks_off_is_not_believed(wire, platform):
    half = gzip.compress(json.dumps({**OK, "text": "x" * 5000}).encode())[:-20]
    platform.on(READ, Raw(half, headers={"Content-Encoding": "gzip"}))
    assert "不完整" in lost(wire.ask, "GET", READ).words


def test_an_answer_that_drips_is_given_up(wire, platform):
    wire.timeout = (0.5, 0.5)
    platform.on(READ, Drip(b" " * 36_000, 0.1))
    assert "太慢" in lost(wire.ask, "GET", READ).words


def test_connections_are_used_again(wire, platform):
    for _ in range(5):
        wire.ask("GET", READ)
    assert len({seen.port for seen in platform.seen}) == 1


@pytest.mark.parametrize(
    "path", ["../x", "//evil.example/", "http://evil.example/", "a?b=c", "a#b", "", "a b", "@x"]
)
def test_a_path_is_a_plain_name(wire, platform, path):
    assert not lost(wire.ask, "GET", path).executed
    assert platform.seen == []


@pytest.fixture
def untrusted(tmp_path):
    """An https address whose certificate nobody vouches for; what arrives there in clear text is kept."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "c.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem")
    listener, got = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            try:
                with listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as secure:
                    got.append(secure.recv(1000))
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}/cgi-bin/", got
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_wrong_certificate_gets_nothing_B16(untrusted):
    address, got = untrusted
    wire = Wire(address)
    error = lost(wire.ask, "POST", "message/send", params={"access_token": "T"}, body=b"{}")
    wire.close()
    assert not error.executed
    assert "证书" in error.words
    assert got == []
