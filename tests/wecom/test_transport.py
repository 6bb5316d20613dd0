"""The bounded exchange: size, time, packing, and the pictures that come by address."""

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
from wecom.errors import Action, PlatformError
from wecom.pictures import allowed
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


# ---- certificates


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


# ---- pictures

BASE = "https://qyapi.weixin.qq.com/cgi-bin/"


@pytest.mark.parametrize(
    "url",
    ["https://wework.qpic.cn/wwpic3az/1/0", "https://p.qlogo.cn/bizmail/x/0", "https://a.p.qpic.cn/x",
     "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=v1", "https://qyapi.weixin.qq.com/x.png",
     "https://WEWORK.qpic.cn/x"],
)  # fmt: skip
def test_the_platforms_pictures_are_fetched(url):
    assert allowed(url, BASE)


@pytest.mark.parametrize(
    "url",
    ["", "wework.qpic.cn/x", "http://wework.qpic.cn/x", "https://wework.qpic.cn:8443/x", "https://evil.example/x",
     "https://wework.qpic.cn.evil.example/x", "https://evilwework.qpic.cn.x/", "https://xwework.qpic.cn/",
     "https://wework.qpic.cn@evil.example/x", "https://evil.example\\@wework.qpic.cn/x", "file:///etc/passwd",
     "https://evil.example#@wework.qpic.cn/", "http://127.0.0.1:6379/", "http://169.254.169.254/latest/",
     "https://wework.qpic.cn\n.evil.example/", "https://[::1]/x", "ftp://wework.qpic.cn/x", "https://公司.cn/",
     "http://qyapi.weixin.qq.com/x.png", "https://wework.qpic.cn:abc/"],
)  # fmt: skip
def test_no_other_address_is_fetched(url):
    assert not allowed(url, BASE)


def test_the_emulators_own_pictures_are_fetched_from_its_own_port_only():
    assert allowed("http://127.0.0.1:9000/qr/1.png", "http://127.0.0.1:9000/cgi-bin/")
    assert allowed("http://[::1]:9000/qr/1.png", "http://[::1]:9000/cgi-bin/")
    assert not allowed("http://127.0.0.1:9001/qr/1.png", "http://127.0.0.1:9000/cgi-bin/")
    assert not allowed("https://127.0.0.1:9000/qr/1.png", "http://127.0.0.1:9000/cgi-bin/")


def test_a_picture_comes_without_a_token_and_only_as_a_picture(client, platform):
    url = platform.origin + "/qr/1.png"
    platform.on("/qr/1.png", Raw(b"\x89PNG", headers={"Content-Type": "image/png"}))
    assert client.fetch_picture(url) == b"\x89PNG"
    assert "access_token" not in platform.seen[-1].query
    for answer in (
        Raw(b"<html>", headers={"Content-Type": "text/html"}),
        Raw(b"", headers={"Content-Type": "image/png"}),
        Raw(b"\x89PNG", 404, {"Content-Type": "image/png"}),
        Raw(b"", 302, {"Location": platform.origin + "/elsewhere"}),
        Raw(b"x" * 5000, headers={"Content-Type": "image/png"}),
    ):
        platform.on("/qr/1.png", answer)
        with pytest.raises(PlatformError) as caught:
            client.fetch_picture(url, max_bytes=4000)
        assert caught.value.action is Action.RETRY
    assert platform.count("/elsewhere") == 0


def test_a_strange_host_is_refused_before_anything_is_asked(client, platform):
    with pytest.raises(PlatformError) as caught:
        client.fetch_picture("http://169.254.169.254/latest/meta-data")
    assert caught.value.action is Action.REFUSED
    assert platform.seen == []
