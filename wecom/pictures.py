"""Pictures that the platform names by address: which hosts we fetch from."""

from urllib.parse import urlsplit

from urllib3.util import parse_url

from wecom.errors import Action, PlatformError

PICTURE_HOSTS = (
    "open.work.weixin.qq.com",
    "wework.qpic.cn",
    "p.qlogo.cn",
    "wx.qlogo.cn",
    "thirdwx.qlogo.cn",
    "p.qpic.cn",
    "wwcdn.weixin.qq.com",
)
"""Hosts (and their subdomains) on which the platform keeps code pictures, portraits and uploads."""
PICTURE_CALL = "picture"


def allowed(url: str, base_url: str, hosts: tuple[str, ...] = PICTURE_HOSTS) -> bool:
    """Is this the platform's own address, or https on one of its picture hosts?"""
    # the characters on which two readers of an address disagree
    if any(c in "\\@" or c <= " " or c > "~" for c in url):
        return False
    try:
        asked, base = parse_url(url), urlsplit(base_url)
        port = asked.port or (443 if asked.scheme == "https" else 80)
        base_port = base.port or (443 if base.scheme == "https" else 80)
    except ValueError:
        return False
    if asked.scheme not in ("http", "https") or not asked.host:
        return False
    if (asked.scheme, asked.host.strip("[]"), port) == (base.scheme, base.hostname, base_port):
        return True
    known = any(asked.host == host or asked.host.endswith("." + host) for host in hosts)
    return known and asked.scheme == "https" and port == 443


def refuse_foreign(url: str, base_url: str, hosts: tuple[str, ...] = PICTURE_HOSTS) -> None:
    if not allowed(url, base_url, hosts):
        raise PlatformError(PICTURE_CALL, None, Action.REFUSED, "图片的地址不是平台的，没有去取")
