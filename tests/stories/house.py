"""The whole program in this process, on a built-in WeCom: real callbacks in, real calls out, real pages."""

import html
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests
from click.testing import CliRunner, Result
from sqlmodel import Session, col, select

import server
from models import migrate, preferences
from models.accounts import Account, Role, passwords
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.job_runs import last_runs
from models.org import Guide, imports
from ops import sockets, wiring
from ops.web_server import web_server
from scheduler import JOBS, timetable
from settings import Settings
from tests import cast
from tests.services import free_port
from tests.waiting import until
from tests.wecom_world import World, corp

Found = TypeVar("Found")
PASSWORD = "a-long-enough-password"


class House:
    """Onetap at 霁野. `until` waits for what must come true; nothing in here reaches around the program."""

    until = staticmethod(until)

    def __init__(self, database_url: str, folder: Path, **changes: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.world = World(corp(self.url))
        self.settings = settings_for(self.world, database_url, self.url, folder, **changes)

    def __enter__(self) -> "House":
        self.open()
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()
        self.world.stop()

    def open(self) -> None:
        """Start the program, as `run` does; again after `close`, on the same address."""
        self._office: Office | None = None
        self.parts = wiring.build(self.settings)
        migrate.upgrade(self.parts.db)
        listening = sockets.listen("127.0.0.1", self.port)
        self.web = web_server(server.create_app(parts=self.parts), listening)
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()
        self.parts.queue.start()
        self.clockwork = timetable.start(self.parts.runtime, self.parts.queue, JOBS)

    def close(self) -> None:
        """Stop the program. The platform goes on."""
        self.clockwork.stop()
        self.web.close()
        self._thread.join(10)
        self.parts.queue.stop(10)
        self.parts.runtime.posters.close()
        self.parts.db.close()

    def _serve(self) -> None:
        # `close` takes the socket away from another thread, perhaps while this one waits on it
        with suppress(OSError):
            self.web.run()

    def open_shop(self) -> None:
        """Import branches and stores, read the guides from the directory, wait until every guide has her code.

        What the timetable catches up on at its first start is over before: it would compare lists beside the stories.
        """
        until(self._caught_up)
        for noun, rows in (("branches", cast.BRANCHES_CSV), ("stores", cast.STORES_CSV)):
            report = imports.import_bytes(self.parts.db, noun, rows.encode(), "周岚", wiring.clock())
            assert not report.errors, report.errors
        with self.parts.db.write() as session:
            chosen = {"name": cast.BRAND, "robot_name": "小霁", "quiet_from": 0, "quiet_to": 0}
            chosen |= {"opens": "00:00", "closes": "24:00", "card_rhythm": "at_once"}
            preferences.change(session, "周岚", wiring.clock(), **chosen, **dict.fromkeys(cast.CAPS, 0))
            hashed = passwords.hash_password(PASSWORD)
            session.add(
                Account(
                    role=Role.HQ,
                    name="周岚",
                    login="zhoulan",
                    password_hash=hashed,
                    created_at=wiring.clock(),
                )
            )
        self.run_job("directory")
        self.run_job("codes")
        until(lambda: len(self.codes()) == 4)

    def _caught_up(self) -> bool:
        ticks = self.row(last_runs)
        return all(plan.name in ticks and ticks[plan.name].ended_at for plan in JOBS if plan.daily)

    def run_job(self, name: str, **later: float) -> str:
        """Let one plan of the timetable happen now, or as if it were `later` (hours=1)."""
        plan = next(plan for plan in JOBS if plan.name == name)
        return plan.run(self.parts.runtime, wiring.clock() + timedelta(**later))

    def command(self, *arguments: str, **changes: str) -> Result:
        """`python server.py …` on this installation; `changes` are settings that differ."""
        return CliRunner().invoke(server.cli, arguments, env=environment_of(self.settings, **changes))

    # looking ----------------------------------------------------------------------------------------------------

    def read(self) -> Any:
        return self.parts.db.read()

    def row(self, query: Callable[[Session], Found]) -> Found:
        with self.parts.db.read() as session:
            return query(session)

    def until_page(self, path: str, words: str) -> str:
        """The page of HQ's console as soon as it says so."""
        return until(lambda: page if words in (page := self.office().page(path)) else "")

    def codes(self) -> list[EntryCode]:
        with self.parts.db.read() as session:
            return list(
                session.exec(
                    select(EntryCode).where(
                        EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.status == EntryCodeStatus.READY
                    )
                )
            )

    def code_of(self, userid: str) -> EntryCode:
        """Her own code, as soon as the platform has made it."""

        def look(session: Session) -> EntryCode | None:
            mine = (
                select(EntryCode)
                .join(Guide, col(Guide.id) == EntryCode.guide_id)
                .where(Guide.userid == userid, EntryCode.status == EntryCodeStatus.READY)
                .where(EntryCode.kind == EntryCodeKind.GUIDE)
            )
            return session.exec(mine).one_or_none()

        return until(lambda: self.row(look))

    def friend(self, external_userid: str, userid: str = "") -> Friend | None:
        """The friendship of this customer, with this guide's account where she has several."""

        def look(session: Session) -> Friend | None:
            query = select(Friend).join(Customer).where(Customer.external_userid == external_userid)
            if userid:
                query = query.join(Guide, col(Guide.id) == Friend.owner_id).where(Guide.userid == userid)
            return session.exec(query).one_or_none()

        return self.row(look)

    def befriend(self, external_userid: str, userid: str, name: str) -> Friend:
        """A customer scans this guide's code; she and her name are known."""
        self.world.scan(external_userid, self.code_of(userid).payload, name=name)
        friend = until(lambda: self.friend(external_userid, userid))
        until(
            lambda: (
                self.run_job("friend_details") is not None
                and self.row(lambda session: session.get_one(Customer, friend.customer_id).name)
            )
        )
        return friend

    # browsers ---------------------------------------------------------------------------------------------------

    def guide_phone(self, userid: str) -> "Browser":
        """A browser inside the messenger, on this guide's phone."""
        phone = Browser()
        phone.headers["User-Agent"] = "Mozilla/5.0 wxwork/5.0 MicroMessenger/8"
        phone.cookies.set("onetap_wecom_member", userid, domain="127.0.0.1")
        return phone

    def office(self) -> "Office":
        """HQ's desk: 周岚, signed in by password."""
        if self._office is None:
            self._office = Office(self.url)
            self._office.sign_in("zhoulan", PASSWORD)
        return self._office

    def desk(self, userid: str) -> "Office":
        """The desk of somebody of a branch or a store, who signs in with the messenger on her phone."""
        desk = Office(self.url)
        choice = desk.get(f"{self.url}/console/oauth/start", timeout=20)
        link = re.search(rf'href="([^"]*userid={userid}[^"]*)"', choice.text)
        assert link, choice.text
        desk.entered = desk.get(urljoin(choice.url, html.unescape(link[1])), timeout=20)
        return desk


class Browser(requests.Session):
    """Ends each connection at once: the web server would wait for it when it stops."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["Connection"] = "close"


class Office(Browser):
    """A desk browser on the console."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.entered: requests.Response | None = None
        """What signing in was answered with"""

    def sign_in(self, login: str, password: str) -> requests.Response:
        self.entered = self.send_form("/console/sign-in", {"login": login, "password": password})
        return self.entered

    def page(self, path: str) -> str:
        answer = self.get(self.url + path, timeout=20)
        assert answer.ok, f"{path}: {answer.status_code}"
        return answer.text

    def send_form(
        self, path: str, fields: dict[str, Any] | None = None, at: str = "", **files: Any
    ) -> requests.Response:
        """Open the page with the form, take its token, send it."""
        token = csrf_of(self.get(self.url + (at or path), timeout=20).text)
        return self.post(
            self.url + path, data={**(fields or {}), "csrf": token}, files=files or None, timeout=30
        )

    def press(self, path: str, at: str, **fields: Any) -> str:
        """Press a button that stands on the page `at`; the page that follows."""
        before = self.page(at)
        assert f'action="{path}"' in before, f"{at} has no button {path}"
        answer = self.post(self.url + path, data={**fields, "csrf": csrf_of(before)}, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text


def csrf_of(page: str) -> str:
    return re.findall(r'name="csrf"\s+value="([^"]+)"', page)[0]


def settings_for(world: World, database_url: str, url: str, folder: Path, **changes: str) -> Settings:
    content = world.content
    return Settings(
        database_url=database_url,
        secret_key="a key for the stories",
        public_url=url,
        data_dir=folder,
        wecom_api_url=world.api_url,
        wecom_oauth_url=f"{world.url}/connect/oauth2/authorize",
        wecom_login_url=f"{world.url}/wwlogin/sso/login",
        wecom_jssdk_url=f"{world.url}/jssdk.js",
        wecom_corp_id=content["corp_id"],
        wecom_agent_id=content["app"]["agentid"],
        wecom_secret=content["app"]["secret"],
        wecom_token=content["app"]["token"],
        wecom_aes_key=content["app"]["aes_key"],
        contacts_secret=content["contacts"]["secret"],
        contacts_token=content["contacts"]["token"],
        contacts_aes_key=content["contacts"]["aes_key"],
        robot_token=content["robot"]["token"],
        robot_aes_key=content["robot"]["aes_key"],
        **changes,
    )


def environment_of(settings: Settings, **changes: str) -> dict[str, str]:
    """The settings as environment variables, for a program that is started with them."""
    given = {**settings.model_dump(), **changes}
    return {
        f"ONETAP_{name.upper()}": str(value)
        for name, value in given.items()
        if value not in (None, False, "")
    }
