"""Every knob of Onetap, typed, read from the environment, from NAME_FILE or from a `.env` file."""

import base64
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "ONETAP_"
KEY_PAIRS = (
    ("wecom_token", "wecom_aes_key"),
    ("contacts_token", "contacts_aes_key"),
    ("robot_token", "robot_aes_key"),
)


class BadConfiguration(Exception):
    """The configuration cannot work; the text is one line for whoever starts the program."""


class FileSource(PydanticBaseSettingsSource):
    """Reads ONETAP_X from the file that ONETAP_X_FILE names, as container platforms hand over secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE", "")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise BadConfiguration(
                f"{PREFIX}{field_name.upper()}_FILE: {path} 读不了 ({error.strerror})"
            ) from None

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """The whole configuration. The defaults are the embedded mode: SQLite, no Redis, the real platform."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

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
    trusted_proxies: int = Field(default=0, ge=0, le=10)
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

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"没有叫 {value} 的时区，例如 Asia/Shanghai") from None
        return value

    @field_validator("secret_key")
    @classmethod
    def _keys(cls, value: str) -> str:
        return ",".join(_list(value))

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
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

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

    def key_pairs(self, noun: str) -> list[tuple[str, str]]:
        """The (token, AES key) pairs of a callback: noun is wecom, contacts or robot."""
        return list(
            zip(_list(getattr(self, f"{noun}_token")), _list(getattr(self, f"{noun}_aes_key")), strict=True)
        )


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment, or BadConfiguration with one line that names the variable."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = _env(str(first["loc"][0])) + ": " if first["loc"] else ""
        raise BadConfiguration(where + str(first["msg"]).removeprefix("Value error, ")) from None


def require(settings: Settings, *names: str) -> None:
    """Refuse to go on while any of the named settings is empty."""
    missing = [_env(name) for name in names if not getattr(settings, name)]
    if missing:
        raise BadConfiguration(f"还缺 {'、'.join(missing)}。写进环境变量或 .env 再启动")


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _env(name: str) -> str:
    return PREFIX + name.upper()


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
