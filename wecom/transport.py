"""One bounded HTTP exchange: never elsewhere, never redirected, never endless, no secret in its errors."""

import logging
import re
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import urllib3
from certifi import where
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.filepost import encode_multipart_formdata

from wecom.errors import redact

MOST_ANSWER = 10 * 1024 * 1024
PIECE = 64 * 1024
POOL = 32
HEADERS = {"User-Agent": "Onetap", "Accept": "*/*", "Accept-Encoding": "gzip"}
Timeout = tuple[float, float]
"""Connect, read"""
API_NAME = re.compile(r"[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)*")


class LostCall(Exception):
    """No usable answer. `executed` is False only when the request surely never reached the platform."""

    def __init__(self, words: str, detail: str, *, executed: bool) -> None:
        super().__init__(words, detail)
        self.words = words
        self.detail = detail
        self.executed = executed


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None
    at: datetime | None = None
    """When the platform answered, by its own clock"""


class _QueryRedaction(logging.Filter):
    """urllib3 writes whole addresses into its debug log, and ours carry the secret and the token."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_QueryRedaction())


class Wire:
    """A pool of connections to one platform address. Threads may share it.

    Neither proxies nor passwords come from the environment, no cookie is kept and no redirect is followed.
    """

    def __init__(self, base_url: str, *, proxy: str = "", timeout: Timeout = (3.0, 10.0)) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("平台地址应以 http:// 或 https:// 开头，不带参数")
        self.base_url = base_url.rstrip("/") + "/"
        self.timeout = timeout
        self._pool = _pool(proxy)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: Timeout | None = None,
    ) -> HttpAnswer:
        """Ask the platform. The path is a plain API name, so that no request can leave the base address."""
        if not API_NAME.fullmatch(path):
            raise LostCall("平台接口名不对", path[:80], executed=False)
        kind = "application/json" if body is not None else ""
        if files:
            body, kind = encode_multipart_formdata(dict(files))
        query = urlencode([(name, value) for name, value in (params or {}).items() if value is not None])
        url = self.base_url + path + (f"?{query}" if query else "")
        headers = HEADERS | {"Content-Type": kind} if kind else HEADERS
        return self._exchange(method, url, timeout or self.timeout, MOST_ANSWER, body=body, headers=headers)

    def fetch(self, url: str, *, most: int) -> HttpAnswer:
        """Get an address whose host was checked before (see pictures.py). No token goes with it."""
        return self._exchange("GET", url, self.timeout, most, body=None, headers=HEADERS)

    def close(self) -> None:
        self._pool.clear()

    def _exchange(
        self,
        method: str,
        url: str,
        timeout: Timeout,
        most: int,
        *,
        body: bytes | None,
        headers: dict[str, str],
    ) -> HttpAnswer:
        deadline = time.monotonic() + timeout[0] + 2 * timeout[1]
        lost: LostCall | None = None
        response: urllib3.BaseHTTPResponse | None = None
        try:
            response = self._pool.request(
                method, url, body=body, headers=headers, timeout=urllib3.Timeout(timeout[0], timeout[1]),
                redirect=False, retries=False, preload_content=False, decode_content=False,
            )  # fmt: skip
            return _read(response, deadline, most)
        except LostCall as error:
            lost = error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            lost = _lost(error, answered=response is not None)
        except (ValueError, UnicodeError) as error:
            words = "请求写不出来" if response is None else "平台的回答看不懂"
            lost = LostCall(words, type(error).__name__, executed=response is not None)
        finally:
            if response is not None:
                response.close()
        # raised here and not inside `except`: the library's own error holds the address with its secrets
        raise lost.with_traceback(None)


def _pool(proxy: str) -> urllib3.PoolManager:
    """Connections by the platform's host; certificates are believed as `requests` believes them."""
    if not proxy:
        return urllib3.PoolManager(8, maxsize=POOL, cert_reqs="CERT_REQUIRED", ca_certs=where())
    parts = urlsplit(proxy)
    known = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return urllib3.ProxyManager(
        proxy, 8, maxsize=POOL, cert_reqs="CERT_REQUIRED", ca_certs=where(),
        proxy_headers=urllib3.make_headers(proxy_basic_auth=known) if known else None,
    )  # fmt: skip


def _read(response: urllib3.BaseHTTPResponse, deadline: float, most: int) -> HttpAnswer:
    """The whole body within the deadline and the size, also after unpacking."""
    if int(response.headers.get("Content-Length") or 0) > most:
        raise LostCall("平台的回答太大", "content-length", executed=True)
    pieces, size = [], 0
    while piece := response.read1(PIECE, decode_content=False):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise LostCall("平台的回答太大", f"over {most}", executed=True)
        if time.monotonic() > deadline:
            raise LostCall("平台回答得太慢", "deadline", executed=True)
    return HttpAnswer(
        response.status,
        response.headers.get("Content-Type", ""),
        _unpacked(b"".join(pieces), response.headers.get("Content-Encoding", ""), most),
        _seconds(response.headers.get("Retry-After", "")),
        _moment(response.headers.get("Date", "")),
    )


def _moment(header: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def _unpacked(body: bytes, encoding: str, most: int) -> bytes:
    if encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise LostCall("平台的回答用了看不懂的压缩", "encoding", executed=True)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip or zlib, whichever it is
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error:
        plain = None
    if plain is None or (not unpacker.eof and len(plain) <= most):
        raise LostCall("平台的回答不完整", "packed", executed=True)
    if len(plain) > most:
        raise LostCall("平台的回答太大", "unpacked", executed=True)
    return plain


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdecimal() and len(header) < 6 else None


def _lost(error: Exception, *, answered: bool) -> LostCall:
    """Name what broke. Only what fails before a byte of the request has left is surely not executed."""
    name = type(error).__name__
    if answered:
        return LostCall("平台的回答中断了", name, executed=True)
    reasons = list(_reasons(error))
    if any(isinstance(one, NewConnectionError) for one in reasons):
        return LostCall("连不上平台：地址找不到或被拒绝", name, executed=False)
    if any(isinstance(one, ConnectTimeoutError) for one in reasons):
        return LostCall("连不上平台：连接超时", name, executed=False)
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in reasons):
        return LostCall("平台的证书不对，没有发送任何内容", name, executed=False)
    if isinstance(error, ProxyError):
        return LostCall("出口代理不可用", name, executed=False)
    if isinstance(error, ReadTimeoutError):
        return LostCall("平台在限定时间内没有回答", name, executed=True)
    if isinstance(error, LocationValueError):
        return LostCall("平台地址不对", name, executed=False)
    return LostCall("与平台的连接断了", name, executed=True)


def _reasons(error: BaseException) -> Iterable[BaseException]:
    """The errors inside the libraries' errors, outermost first."""
    waiting: list[Any] = [error]
    for _ in range(8):
        if not waiting:
            return
        one = waiting.pop(0)
        yield one
        waiting += [inner for inner in getattr(one, "args", ()) if isinstance(inner, BaseException)]
