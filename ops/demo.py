"""The demo: the whole system on the built-in WeCom, with an invented retailer, under `var/demo/`."""

import base64
import json
import os
import secrets
import shutil
import socket
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ops import sample_data, sockets
from ops.database_file import opened
from ops.database_lock import lock_database
from ops.supervisor import Program
from settings import PREFIX, BadConfiguration

HOME = Path("var/demo")
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class DemoPlan:
    """What the supervisor has to run, and where."""

    emulator_socket: int
    sockets: list[int]
    environment: dict[str, str]

    def programs(self, server: str) -> list[Program]:
        root = str(Path(server).parent)
        emulator = [
            sys.executable,
            "-m",
            "emulator",
            "--socket",
            str(self.emulator_socket),
            "--corp",
            str(HOME / "corp.json"),
            "--state",
            str(HOME / "wecom.sqlite3"),
        ]
        app = [sys.executable, server, "app", "--socket", str(self.sockets[-1])]
        return [
            Program("wecom", emulator, inherits=[self.emulator_socket], environment={"PYTHONPATH": root}),
            Program(
                "onetap", app, inherits=self.sockets, environment={**self.environment, "PYTHONPATH": root}
            ),
        ]


def prepare(listening: socket.socket, *, reset: bool) -> DemoPlan:
    """Set everything up for a start of the demo; the second start finds it all and only starts.

    What an interrupted first start left half planted goes, and is planted anew.
    """
    database = HOME / "onetap.sqlite3"
    lock = lock_database(database)
    planted = not reset and _planted(database)
    if not planted:
        _empty()
    HOME.mkdir(parents=True, exist_ok=True)
    app_url = sockets.address(listening).replace("0.0.0.0", "127.0.0.1")
    wecom = listen_near(listening.getsockname()[1] + 1)
    wecom_url = sockets.address(wecom)
    kept = keys(HOME)
    company = sample_data.invent()
    corp = sample_data.corp(company, kept, app_url=app_url)
    (HOME / "corp.json").touch(0o600)  # it holds the built-in WeCom's side of the keys
    (HOME / "corp.json").write_text(json.dumps(corp, ensure_ascii=False), encoding="utf-8")
    environment = environment_of(kept, HOME, app_url, wecom_url)
    if not planted:
        _plant(company, environment)
    print(
        f"Onetap 演示：{app_url}/demo",
        f"  总部控制台 {app_url}/console/",
        f"  内置的企业微信 {wecom_url}/phones/",
        f"  Ctrl-C 结束，数据在 {HOME}/",
        sep="\n",
        flush=True,
    )
    return DemoPlan(wecom.detach(), [lock, listening.detach()], environment)


def refuse_real_platform() -> None:
    """Whatever the environment says, the demo never talks to a platform elsewhere."""
    url = os.environ.get("ONETAP_WECOM_API_URL", "")
    if url and urlsplit(url).hostname not in LOCAL:
        raise BadConfiguration(
            f"ONETAP_WECOM_API_URL 指向 {urlsplit(url).hostname}。演示只连本机的企业微信，请去掉这个变量"
        )


def environment_of(kept: dict[str, str], home: Path, app_url: str, wecom_url: str) -> dict[str, str]:
    """The settings of a program that lives in `home` and knows no platform but the built-in one."""
    values = {
        "demo": "true",
        "database_url": f"sqlite:///{home / 'onetap.sqlite3'}",
        "redis_url": "",
        "data_dir": str(home),
        "secret_key": kept["signing"],
        "public_url": app_url,
        "wecom_api_url": f"{wecom_url}/cgi-bin/",
        "wecom_oauth_url": f"{wecom_url}/connect/oauth2/authorize",
        "wecom_login_url": f"{wecom_url}/wwlogin/sso/login",
        "wecom_jssdk_url": f"{wecom_url}/jssdk.js",
        "wecom_corp_id": kept["corp_id"],
        "wecom_agent_id": "1000002",
        "wecom_secret": kept["app_secret"],
        "wecom_token": kept["app_token"],
        "wecom_aes_key": kept["app_aes_key"],
        "contacts_secret": kept["contacts_secret"],
        "contacts_token": kept["contacts_token"],
        "contacts_aes_key": kept["contacts_aes_key"],
        "robot_token": kept["robot_token"],
        "robot_aes_key": kept["robot_aes_key"],
        "http_proxy": "",
        "trusted_proxies": "0",
    }
    return {PREFIX + name.upper(): value for name, value in values.items()}


def keys(home: Path) -> dict[str, str]:
    """Made once and kept, so that both programs still understand each other after a restart."""
    path = home / "secrets.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    kept = {"corp_id": "ww" + secrets.token_hex(8), "signing": secrets.token_urlsafe(32)}
    for name in ("app", "contacts", "robot"):
        kept[f"{name}_token"] = secrets.token_hex(12)
        kept[f"{name}_aes_key"] = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        kept[f"{name}_secret"] = secrets.token_urlsafe(32)
    path.touch(0o600)
    path.write_text(json.dumps(kept), encoding="utf-8")
    return kept


def _planted(path: Path) -> bool:
    """Is everything there? Entry codes are what planting writes last.

    Asked without SQLAlchemy, because a second start should not load the program for it.
    """
    try:
        with opened(path, "mode=ro") as database:
            return database.execute("SELECT 1 FROM entry_code LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def _plant(company: sample_data.Retailer, environment: dict[str, str]) -> None:
    from models import migrate
    from models.db import Database
    from models.encryption import Encryption
    from ops import seed, wiring

    db = Database(environment["ONETAP_DATABASE_URL"])
    try:
        migrate.upgrade(db)
        seed.plant(db, company, Encryption(environment["ONETAP_SECRET_KEY"]), wiring.clock())
    finally:
        db.close()


def _empty() -> None:
    """Everything but the lock that we hold."""
    for path in HOME.iterdir():
        if path.suffix == ".lock":
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def listen_near(port: int) -> socket.socket:
    """Where the built-in WeCom listens: on the wished port, if it is free, from now on, so that nobody else takes it."""
    try:
        return sockets.listen("127.0.0.1", port)
    except (BadConfiguration, OverflowError):
        return sockets.listen("127.0.0.1", 0)
