"""Pictures that come by address: only from the platform, without a token, and only as a picture."""

import pytest

from tests.wecom.fake_platform import Raw
from wecom.errors import Action, PlatformError
from wecom.pictures import allowed

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
