"""The whole program in this process, on a built-in WeCom: real callbacks in, real calls out, real pages."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests
from sqlmodel import Session, col, select

from models import brand, importing, migrate
from models.accounts import HQ, User
from models.codes import READY, EntryCode
from models.org import find_guide
from ops import process, wiring
from pages import sign_in
from scheduler import timetable
from server import create_app
from settings import Settings
from tests.wecom_world import World, corp

Found = TypeVar("Found")
PASSWORD = "a-long-enough-password"
BRANCHES = "code,name\nB1,沈阳\nB2,杭州\n"
STORES = (
    "code,name,branch,address,latitude,longitude,department\n"
    "S21,沈阳中街店,B1,沈阳市中街路 1 号,41.8016,123.4667,21\nS31,杭州银泰店,B2,杭州市延安路 530 号,30.2592,120.1640,31\n"
)


class House:
    """Onetap at 霁野. `until` waits for what must come true; nothing in here reaches around the program."""

    def __init__(self, database_url: str, folder: Path) -> None:
        listening = process.listen("127.0.0.1", 0)
        self.url = process.address(listening)
        self.world = World(corp(self.url))
        self.settings = settings_for(self.world, database_url, self.url, folder)
        self.parts = wiring.build(self.settings)
        migrate.upgrade(self.parts.db)
        self.web = process.web_server(create_app(parts=self.parts), listening)
        self._thread = threading.Thread(target=self.web.run, name="web", daemon=True)

    def __enter__(self) -> "House":
        self._thread.start()
        self.parts.queue.start()
        self.clockwork = timetable.start(self.parts.runtime, self.parts.queue)
        return self

    def __exit__(self, *failure: object) -> None:
        self.clockwork.stop()
        self.web.close()
        self._thread.join(10)
        self.parts.queue.stop(10)
        self.parts.runtime.posters.close()
        self.world.stop()
        self.parts.db.close()

    def open_shop(self) -> None:
        """Import branches and stores, read the guides from the directory, wait until every guide has her code."""
        for noun, rows in (("branches", BRANCHES), ("stores", STORES)):
            report = importing.import_bytes(self.parts.db, noun, rows.encode(), wiring.clock())
            assert not report.errors, report.errors
        with self.parts.db.write() as session:
            brand.change(session, name="霁野", robot_name="小霁")
            hashed = sign_in.hash_password(PASSWORD)
            session.add(User(role=HQ, name="周岚", login="zhoulan", password_hash=hashed, created_at=wiring.clock()))
        self.run_job("directory")
        self.run_job("codes")
        self.until(lambda: len(self.codes()) == 4, 30)

    def run_job(self, name: str) -> str:
        """Let one plan of the timetable happen now."""
        from scheduler import JOBS

        plan = next(plan for plan in JOBS if plan.name == name)
        return plan.run(self.parts.runtime, wiring.clock())

    def codes(self) -> list[EntryCode]:
        with self.parts.db.read() as session:
            return list(session.exec(select(EntryCode).where(EntryCode.kind == "guide", EntryCode.status == READY)))

    def code_of(self, userid: str) -> EntryCode:
        with self.read() as session:
            guide = find_guide(session, userid)
            assert guide
            return session.exec(select(EntryCode).where(EntryCode.guide_id == guide.id, col(EntryCode.status) == READY)).one()

    def read(self) -> Any:
        return self.parts.db.read()

    def row(self, query: Callable[[Session], Found]) -> Found:
        with self.parts.db.read() as session:
            return query(session)

    def until(self, look: Callable[[], Found], seconds: float = 15) -> Found:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < deadline, f"still waiting for {look}"
            time.sleep(0.05)
        return found

    def guide_phone(self, userid: str) -> requests.Session:
        """A browser inside the messenger, on this guide's phone."""
        phone = requests.Session()
        phone.headers["User-Agent"] = "Mozilla/5.0 wxwork/5.0 MicroMessenger/8"
        phone.cookies.set("onetap_wecom_member", userid, domain="127.0.0.1")
        return phone

    def office(self) -> "Office":
        return Office(self.url)


class Office(requests.Session):
    """HQ's desk browser, signed in by password."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.send_form("/console/sign-in", {"login": "zhoulan", "password": PASSWORD})

    def page(self, path: str) -> str:
        answer = self.get(self.url + path, timeout=20)
        assert answer.ok, f"{path}: {answer.status_code}"
        return answer.text

    def send_form(self, path: str, fields: dict[str, Any], at: str = "", **files: Any) -> requests.Response:
        """Open the page with the form, take its token, send it."""
        token = csrf_of(self.get(self.url + (at or path), timeout=20).text)
        return self.post(self.url + path, data={**fields, "csrf": token}, files=files or None, timeout=30)


def csrf_of(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


def settings_for(world: World, database_url: str, url: str, folder: Path) -> Settings:
    content = world.content
    return Settings(
        database_url=database_url, secret_key="a key for the stories", public_url=url, data_dir=folder,
        wecom_api_url=world.api_url, wecom_oauth_url=f"{world.url}/connect/oauth2/authorize",
        wecom_login_url=f"{world.url}/wwlogin/sso/login", wecom_jssdk_url=f"{world.url}/jssdk.js",
        wecom_corp_id=content["corp_id"], wecom_agent_id=content["app"]["agentid"], wecom_secret=content["app"]["secret"],
        wecom_token=content["app"]["token"], wecom_aes_key=content["app"]["aes_key"],
        contacts_secret=content["contacts"]["secret"], contacts_token=content["contacts"]["token"],
        contacts_aes_key=content["contacts"]["aes_key"],
        robot_token=content["robot"]["token"], robot_aes_key=content["robot"]["aes_key"],
    )
