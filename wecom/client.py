"""Our client of the platform: every call refused while closed, timed, bounded and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wecom.closed_windows import ClosedWindows, note_closed, seconds_closed
from wecom.endpoints import ENDPOINTS, Endpoint
from wecom.errcodes import TOKEN_CODES
from wecom.errors import Action, PlatformError, broken
from wecom.pictures import PICTURE_CALL, PICTURE_HOSTS, refuse_foreign
from wecom.responses import json_bytes, judge
from wecom.sentences import Sentence
from wecom.tokens import Kept, TokenStore, token_name
from wecom.transport import LostCall, Timeout, Wire

PLATFORM_URL = "https://qyapi.weixin.qq.com/cgi-bin/"
UPLOAD_TIMEOUT: Timeout = (3.0, 12.0)
"""An exchange may take 3 + 2 * 12 seconds: less than half of the lease under which the program calls."""
MOMENTS = 1
"""`attachment_type` of media for Moments"""
BINARY = "application/octet-stream"
TYPES = {"image": "image/jpeg", "video": "video/mp4", "voice": "audio/amr"}
File = tuple[str, bytes, str]
"""Name, content, media type"""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Wish:
    """One call, ready to be repeated with another token."""

    api: str
    endpoint: Endpoint
    params: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    files: Mapping[str, File] | None = None
    timeout: Timeout | None = None


class WorkClient:
    """Every call goes through `_ask`: refused while closed, timed, bounded, checked; it answers a dict or PlatformError."""

    def __init__(
        self,
        corp_id: str,
        secret: str,
        *,
        agent_id: int | None = None,
        base_url: str = PLATFORM_URL,
        tokens: TokenStore,
        closed_windows: ClosedWindows,
        proxy: str = "",
        timeout: Timeout = (3.0, 10.0),
        picture_hosts: tuple[str, ...] = PICTURE_HOSTS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.corp_id = corp_id
        self.secret = secret
        self._wire = Wire(base_url, proxy=proxy, timeout=timeout)
        self.agent_id = agent_id
        self.tokens = tokens
        self.closed_windows = closed_windows
        self.clock = clock
        self.picture_hosts = picture_hosts
        self._token_name = token_name("token", corp_id, secret)
        self.clock_offset = timedelta()
        """How far the platform's clock is ahead of ours, by its last answer."""

    @property
    def secret_window(self) -> str:
        """The name under which all calls of this secret are closed."""
        return f"secret:{self._token_name}"

    def api_window(self, api: str, *, window: bool) -> str:
        """The name under which one API is closed: a window is the corp's, a permission is the secret's."""
        return f"window:{self.corp_id}:{api}" if window else f"api:{self._token_name}:{api}"

    def closed_seconds(self, api: str, now: datetime) -> float:
        """How long this API, its permission or the secret stays closed."""
        names = (self.secret_window, self.api_window(api, window=False), self.api_window(api, window=True))
        return seconds_closed(self.closed_windows, names, now)

    def close(self) -> None:
        self._wire.close()

    def __repr__(self) -> str:
        return f"<WorkClient {self.corp_id} agent {self.agent_id}>"

    # ---- what the program calls

    def call(
        self,
        api: str,
        data: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: Timeout | None = None,
    ) -> dict[str, Any]:
        """Call an API of wecom/endpoints.py. The same data always makes the same bytes."""
        endpoint = ENDPOINTS[api]
        body = json_bytes(api, data or {}) if endpoint.method == "POST" else None
        asked = {**(params or {}), **(data or {})} if endpoint.method == "GET" else params or {}
        return self._ask(_Wish(api, endpoint, asked, body, None, timeout))

    def upload(self, kind: str, content: bytes, filename: str) -> str:
        """Upload a picture, video, voice or file for three days; its media id."""
        return self._upload("media/upload", {"type": kind}, kind, content, filename)

    def upload_for_moments(self, kind: str, content: bytes, filename: str) -> str:
        """The same for Moments, which take nothing that was uploaded for messages (contract 9)."""
        asked = {"media_type": kind, "attachment_type": MOMENTS}
        return self._upload("media/upload_attachment", asked, kind, content, filename)

    def _upload(self, api: str, asked: Mapping[str, Any], kind: str, content: bytes, filename: str) -> str:
        of_type = "image/png" if content.startswith(b"\x89PNG") else TYPES.get(kind, BINARY)
        files = {"media": (filename, content, of_type)}
        answer = self._ask(_Wish(api, ENDPOINTS[api], asked, None, files, UPLOAD_TIMEOUT))
        return _text_of(answer, "media_id", api)

    def upload_picture(self, content: bytes, filename: str) -> str:
        """Upload a picture for good; the address under which WeCom shows it (contract 9)."""
        api = "media/uploadimg"
        files = {"media": (filename, content, TYPES["image"])}
        return _text_of(self._ask(_Wish(api, ENDPOINTS[api], {}, None, files, UPLOAD_TIMEOUT)), "url", api)

    def fetch_picture(self, url: str, max_bytes: int = 2 * 1024 * 1024) -> bytes:
        """The bytes of a picture that the platform named by address; never from a strange host."""
        refuse_foreign(url, self._wire.base_url, self.picture_hosts)
        try:
            answer = self._wire.fetch(url, most=max_bytes)
        except LostCall as error:
            failure = broken(PICTURE_CALL, effect=False, executed=error.executed, words=error.words)
        else:
            if answer.status == 200 and answer.content_type.lower().startswith("image/") and answer.body:
                return answer.body
            failure = broken(PICTURE_CALL, effect=False, executed=True, words="平台没有给出图片")
        raise failure

    # ---- one call

    def _ask(self, wish: _Wish) -> dict[str, Any]:
        """At most two requests: a refused token is renewed once."""
        self._refuse_closed(wish.api)
        refused = ""
        while True:
            kept = self._token(refused)
            outcome = self._once(wish, kept.value)
            if not isinstance(outcome, PlatformError):
                return outcome
            if outcome.errcode not in TOKEN_CODES or refused:
                break
            refused = kept.stamp
        self._note(outcome)
        raise outcome

    def _once(self, wish: _Wish, token: str) -> dict[str, Any] | PlatformError:
        """One request. The failure is returned: raised here it would carry the library's error with it."""
        params = {**wish.params, "access_token": token}
        try:
            answer = self._wire.ask(
                wish.endpoint.method, wish.api, params=params, body=wish.body, files=wish.files,
                timeout=wish.timeout,
            )  # fmt: skip
        except LostCall as error:
            return broken(
                wish.api, effect=wish.endpoint.effect, executed=error.executed,
                words=error.words, detail=error.detail,
            )  # fmt: skip
        now = self.clock()
        self.clock_offset = (answer.at or now) - now
        secrets = (token, self.secret)
        return judge(wish.api, answer, now, effect=wish.endpoint.effect, secrets=secrets)

    def _token(self, refused: str) -> Kept:
        return self.tokens.obtain(self._token_name, self.clock(), self._fetch_token, refused)

    def _fetch_token(self) -> Kept:
        self._refuse_closed("gettoken")
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        failure: PlatformError | None = None
        answer: dict[str, Any] = {}
        try:
            found = judge(
                "gettoken", self._wire.ask("GET", "gettoken", params=params), self.clock(),
                effect=False, secrets=(self.secret,),
            )  # fmt: skip
        except LostCall as error:
            failure = broken("gettoken", effect=False, executed=error.executed, words=error.words)
        else:
            failure = found if isinstance(found, PlatformError) else None
            answer = found if isinstance(found, dict) else {}
        if failure:
            self._note(failure)
            raise failure
        lifetime = answer.get("expires_in", 7200)
        seconds = float(lifetime) if isinstance(lifetime, int | float) and lifetime > 0 else 7200.0
        return Kept.new(_text_of(answer, "access_token", "gettoken"), seconds, self.clock())

    # ---- what is closed

    def _refuse_closed(self, api: str) -> None:
        now = self.clock()
        for name, action, words in (
            (self.secret_window, Action.STOP, "这个应用密钥的调用已暂停，原因见「连接」页"),
            (self.api_window(api, window=False), Action.STOP, "这项权限不通，调用已暂停，原因见「连接」页"),
            (self.api_window(api, window=True), Action.WINDOW, "平台说这一段时间太多，正在等待，没有丢"),
        ):
            if left := seconds_closed(self.closed_windows, [name], now):
                said = Sentence("{words}，还有 {left}", words=Sentence(words), left=_length(left))
                raise PlatformError(api, None, action, said, left)

    def _note(self, error: PlatformError) -> None:
        """A failure that concerns more than its own call closes the secret or the API for everybody."""
        if not error.reach or error.retry_after is None:
            return
        until = self.clock() + timedelta(seconds=error.retry_after)
        if error.reach == "secret":
            note_closed(self.closed_windows, self.secret_window, until, error.words)
        else:
            name = self.api_window(error.api, window=error.action is Action.WINDOW)
            note_closed(self.closed_windows, name, until, error.words)


def _text_of(answer: Mapping[str, Any], name: str, api: str) -> str:
    value = answer.get(name)
    if isinstance(value, str) and value:
        return value
    raise broken(api, effect=False, executed=True, words="平台的回答不完整", detail=name)


def _length(seconds: float) -> str:
    if seconds < 120:
        return Sentence("{seconds} 秒", seconds=round(seconds))
    return Sentence("{minutes} 分钟", minutes=round(seconds / 60))
