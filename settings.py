"""Every knob of Onetap, typed, read from the environment, from NAME_FILE or from a `.env` file."""

import base64
import io
import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "ONETAP_"
ENV_FILE = ".env"
ENCODING = "utf-8-sig"
"""UTF-8, also with the mark that Windows puts at the beginning of a file"""
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`"}
KEY_PAIRS = (
    ("wecom_token", "wecom_aes_key"),
    ("contacts_token", "contacts_aes_key"),
    ("robot_token", "robot_aes_key"),
)
LISTS = {"secret_key", *(name for pair in KEY_PAIRS for name in pair)}
"""Values with commas between several"""
FREE = {"database_url", "secret_key", "data_dir", "verify_dir"}
"""What may hold blanks and any letters; in any other value they are a remark, or a comma of a Chinese keyboard"""
RANGES = {"trusted_proxies": range(11), "wecom_agent_id": range(2**31)}
SHORTEST_KEY, FEWEST_LETTERS = 16, 6
"""Of a secret key, and of the different letters in it"""
PLACEHOLDERS = {
    "", "secret", "secretkey", "mysecretkey", "supersecret", "supersecretkey", "topsecret", "key", "password", "default",
    "test", "testing", "development", "dev", "insecure", "todo", "none", "null", "admin", "onetap", "onetapsecretkey",
}  # fmt: skip
FILLERS = (
    "changeme", "changethis", "replaceme", "replacethis", "yoursecret", "yourkey", "placeholder", "insertyour",
    "secretkeyhere", "djangoinsecure", "请填写", "请替换", "请修改", "你的密钥", "您的密钥",
)  # fmt: skip
"""Whatever stands around them, nobody has chosen such a key"""
DEFAULT_PORTS = {"http": 80, "https": 443}

_NUMBER = re.compile(r"-?[0-9]{1,18}")
_CORP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*"
)
_HOLE = re.compile(r"<.*>|\$\{.*\}")
"""What an example or a template leaves for a value"""


class BadConfiguration(Exception):
    """The configuration cannot work; the text is one line for whoever starts the program."""


class FileSource(PydanticBaseSettingsSource):
    """Reads ONETAP_X from the file that ONETAP_X_FILE names, as container platforms hand over secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError  # all at once, below

    def __call__(self) -> dict[str, Any]:
        named = {**_env_file(), **os.environ}
        found = {name: _read_file(name, named) for name in self.settings_cls.model_fields}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """The whole configuration. The defaults are the embedded mode: SQLite, no Redis, the real platform."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding=ENCODING, extra="ignore"
    )

    database_url: str = ""
    redis_url: str = ""
    secret_key: str = Field(default="", repr=False)
    public_url: str = "http://127.0.0.1:8000"
    wecom_api_url: str = "https://qyapi.weixin.qq.com/cgi-bin/"
    wecom_oauth_url: str = "https://open.weixin.qq.com/connect/oauth2/authorize"
    wecom_login_url: str = "https://login.work.weixin.qq.com/wwlogin/sso/login"
    wecom_jssdk_url: str = ""
    wecom_corp_id: str = ""
    wecom_agent_id: int = 0
    wecom_secret: str = Field(default="", repr=False)
    wecom_token: str = Field(default="", repr=False)
    wecom_aes_key: str = Field(default="", repr=False)
    contacts_token: str = Field(default="", repr=False)
    contacts_aes_key: str = Field(default="", repr=False)
    contacts_secret: str = Field(default="", repr=False)
    robot_token: str = Field(default="", repr=False)
    robot_aes_key: str = Field(default="", repr=False)
    http_proxy: str = Field(default="", repr=False)
    timezone: str = "Asia/Shanghai"
    data_dir: Path = Path("var")
    trusted_proxies: int = 0
    verify_dir: Path | None = None
    demo: bool = False
    """Set by `server.py demo` alone: local platform only, TEST stripe, sign-in by one click."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls), dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _as_meant(cls, value: Any, info: ValidationInfo) -> Any:
        """What was typed, without what `docker --env-file`, Windows and copying leave around it."""
        if not isinstance(value, str):
            return value
        name = info.field_name or ""
        if name in LISTS:
            value = ",".join(_cleaned(part) for part in value.split(","))
        text, field = _cleaned(value), cls.model_fields[name]
        for part in text.split(",") if name in LISTS else [text]:
            _refuse_rubbish(part, free=name in FREE)
        if text and field.annotation is int and not _NUMBER.fullmatch(text):
            raise ValueError(f"要是一个整数，现在是「{text[:40]}」")
        if text and name in RANGES and int(text) not in (within := RANGES[name]):
            raise ValueError(f"要在 {within[0]} 到 {within[-1]} 之间，现在是 {text}")
        return text if text or field.annotation is str else field.default

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "Asia" is a folder of zones
            raise ValueError(f"没有叫「{value}」的时区，例如 Asia/Shanghai") from None
        return value

    @field_validator("wecom_corp_id")
    @classmethod
    def _one_corp(cls, value: str) -> str:
        if value and not _CORP_ID.fullmatch(value):
            raise ValueError("只有字母和数字，例如 ww0123456789abcdef，在企业微信后台「我的企业」里")
        return value

    @field_validator("http_proxy")
    @classmethod
    def _proxy(cls, value: str) -> str:
        if value and not _is_address(value if "://" in value else f"http://{value}", "http", "https"):
            raise ValueError("要写成 http://主机:3128，也可以带用户和密码；不支持 socks")
        return value

    @field_validator("data_dir", "verify_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @field_validator("secret_key")
    @classmethod
    def _keys(cls, value: str) -> str:
        """The first key has to be a strong one; a weak one of before may follow it, for what it encrypted."""
        keys = _list(value)
        if keys and (words := _weakness(keys[0])):
            raise ValueError(
                f"{words}。用 openssl rand -hex 32 生成一把放在最前面；正在用的那一把留在逗号后面，doctor 说可以了再去掉"
            )
        return ",".join(keys)

    @field_validator("database_url")
    @classmethod
    def _readable_url(cls, value: str) -> str:
        try:
            kind = make_url(value).drivername if value else "sqlite"
        except ArgumentError:
            kind = "?"
        if kind not in ("sqlite", "postgresql+psycopg"):
            raise ValueError("要写成 sqlite:///文件 或 postgresql+psycopg://用户:密码@主机/库名")
        return value

    @field_validator("redis_url")
    @classmethod
    def _shared_queue(cls, value: str) -> str:
        if value and not value.startswith("unix:///") and not _is_address(value, "redis", "rediss"):
            raise ValueError("要写成 redis://主机:6379/0（也可以用 rediss:// 或 unix://），单机留空")
        return value

    @field_validator("public_url", "wecom_api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _is_address(value, "http", "https"):
            raise ValueError("要写成 http:// 或 https:// 开头的完整地址，例如 https://guide.example.com")
        return value

    @field_validator("public_url")
    @classmethod
    def _only_a_host(cls, value: str) -> str:
        """Links, sign-in and callbacks all begin at the root of a host, written as browsers write it."""
        found = urlsplit(value)
        host = (found.hostname or "").removesuffix(".")
        rest = value.split("://", 1)[1].removeprefix(found.netloc).strip("/")
        if rest or "@" in found.netloc:
            raise ValueError(
                f"只要域名，不能带路径、参数或密码，例如 {found.scheme}://{host}。程序要在域名的根上"
            )
        if ":" not in host and not _HOST.fullmatch(host):
            raise ValueError(f"「{host}」不是域名，例如 https://guide.example.com")
        port = "" if found.port in (None, DEFAULT_PORTS[found.scheme]) else f":{found.port}"
        return f"{found.scheme}://{f'[{host}]' if ':' in host else host}{port}"

    @field_validator("wecom_api_url")
    @classmethod
    def _only_a_base(cls, value: str) -> str:
        found = urlsplit(value)
        if "?" in value or "#" in value or "@" in found.netloc:
            raise ValueError("不能带参数或密码，例如 https://qyapi.weixin.qq.com/cgi-bin/")
        return value

    @field_validator("wecom_oauth_url", "wecom_login_url", "wecom_jssdk_url")
    @classmethod
    def _address_or_nothing(cls, value: str) -> str:
        return cls._address(value) if value else value

    @field_validator("wecom_api_url")
    @classmethod
    def _slash(cls, value: str) -> str:
        return value.rstrip("/") + "/"

    @model_validator(mode="after")
    def _pairs(self) -> "Settings":
        for token, key in KEY_PAIRS:
            tokens, keys = _list(getattr(self, token)), _list(getattr(self, key))
            if len(tokens) != len(keys):
                raise ValueError(
                    f"{_env(token)} 有 {len(tokens)} 个，{_env(key)} 有 {len(keys)} 个，要一一对应"
                )
            for value in keys:
                _check_aes_key(value, _env(key))
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir / 'onetap.sqlite3'}"
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def distributed(self) -> bool:
        return bool(self.redis_url)

    @property
    def secret_keys(self) -> list[str]:
        """The first one signs and encrypts, all are tried when reading."""
        return self.secret_key.split(",")

    @property
    def signing_keys(self) -> list[str]:
        """Those that sign or are believed: whoever guesses a weak one of before could sign in as anybody."""
        return [key for key in self.secret_keys if not _weakness(key)]

    def key_pairs(self, noun: str) -> list[tuple[str, str]]:
        """The (token, AES key) pairs of a callback: noun is wecom, contacts or robot."""
        return list(
            zip(_list(getattr(self, f"{noun}_token")), _list(getattr(self, f"{noun}_aes_key")), strict=True)
        )


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment, or BadConfiguration with one line that names the variable."""
    _env_file()  # what cannot be read in it is named before it is left out
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = _where(str(first["loc"][0])) + ": " if first["loc"] else ""
        raise BadConfiguration(where + str(first["msg"]).removeprefix("Value error, ")) from None


def _env_file() -> dict[str, str | None]:
    """What stands in `.env`; a line of ours that cannot be read is named, instead of left out with a warning."""
    try:
        lines = list(parse_stream(io.StringIO(Path(ENV_FILE).read_text(encoding=ENCODING))))
    except OSError:
        return {}
    except ValueError:
        raise BadConfiguration(f"{ENV_FILE}: 不是 UTF-8 的文字，请另存为 UTF-8") from None
    before = ""
    for line in lines:
        if line.key and line.value is None and before.startswith(PREFIX):
            raise BadConfiguration(
                f"{before}: {ENV_FILE} 第 {line.original.line} 行不是「名字=值」，多半是它的值断成了两行"
            )
        before = line.key or ""
        if line.error and (named := re.search(rf"{PREFIX}\w+", line.original.string)):
            raise BadConfiguration(
                f"{named[0]}: {ENV_FILE} 第 {line.original.line} 行读不懂，多半是引号只有一半"
            )
    return {line.key: line.value for line in lines if line.key}


def _read_file(field: str, named: Mapping[str, str | None]) -> str | None:
    name = f"{_env(field)}_FILE"
    path = _cleaned(named.get(name) or "")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding=ENCODING)
    except OSError as error:
        raise BadConfiguration(f"{name}: {path} 读不了 ({error.strerror})") from None
    except ValueError:
        raise BadConfiguration(f"{name}: {path} 不是 UTF-8 的文字") from None


def require(settings: Settings, *names: str) -> None:
    """Refuse to go on while any of the named settings is empty."""
    missing = [_env(name) for name in names if not getattr(settings, name)]
    if missing:
        raise BadConfiguration(f"还缺 {'、'.join(missing)}。写进环境变量或 .env 再启动")


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _weakness(key: str) -> str:
    """Why this secret key protects nothing, in words that do not repeat it; empty for a good one."""
    letters = re.sub(r"[\W_]", "", key).lower()
    if letters.rstrip("0123456789") in PLACEHOLDERS or any(one in letters for one in FILLERS):
        return "还是示例里的占位文字"
    if key.startswith(("<", "${")):
        return "还是没有换掉的占位符"
    if len(key) < SHORTEST_KEY:
        return f"太短，至少要 {SHORTEST_KEY} 个字，现在是 {len(key)} 个"
    return "太单调，猜得到" if len(set(key)) < FEWEST_LETTERS else ""


def _env(name: str) -> str:
    return PREFIX + name.upper()


def _where(name: str) -> str:
    """The variable that the value came from, as far as the environment tells."""
    env = _env(name)
    return f"{env}_FILE" if env not in os.environ and f"{env}_FILE" in os.environ else env


def _cleaned(text: str) -> str:
    """Without blanks, line ends, byte-order marks and a pair of quotes around it."""
    while text and _unseen(text[0]):
        text = text[1:]
    while text and _unseen(text[-1]):
        text = text[:-1]
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        return _cleaned(text[1:-1])
    return text


def _unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")


def _refuse_rubbish(text: str, *, free: bool) -> None:
    """Half a pair of quotes, a second line, a remark: guessing would mean to call the platform with a wrong key."""
    if text and (text[0] in QUOTES or text[-1] in (*QUOTES, *QUOTES.values())):
        raise ValueError("引号只有一半，请去掉")
    if any(_unseen(letter) and letter not in " \u3000\xa0" for letter in text):
        raise ValueError("里面有换行或看不见的字符，请重新填一次")
    if not free and _HOLE.fullmatch(text):
        raise ValueError("还是没有换掉的占位符，请填上真的值")
    if not free and any(letter.isspace() for letter in text):
        raise ValueError("里面有空格。一个值写一行，后面不跟说明")
    if not free and not text.isascii():
        odd = next(letter for letter in text if not letter.isascii())
        raise ValueError(f"里面有「{odd}」，只能用半角的字母、数字和符号")


def _is_address(value: str, *schemes: str) -> bool:
    """A whole address: a scheme we speak, a host, and a port that is one."""
    try:
        found = urlsplit(value)
        return found.scheme in schemes and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


def _check_aes_key(value: str, name: str) -> None:
    try:
        good = len(value) == 43 and len(base64.b64decode(value + "=", validate=True)) == 32
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{name} 要正好 43 个字母或数字，现在是 {len(value)} 个")
