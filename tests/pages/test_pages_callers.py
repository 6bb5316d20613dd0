"""One act, three callers: console, API and command line write the same line of the audit and refuse in the same words."""

import io
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlmodel import SQLModel, col, select
from werkzeug.test import TestResponse

import server
from models.accounts import api_tokens
from models.accounts.audit import COMMAND_LINE, Audit
from models.campaigns.announcements import Announcement
from models.friends.entry_codes import EntryCode
from models.groups import Group, GroupKind
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide
from tests.pages.conftest import NOON, Console

HQ, PROGRAM = "周岚", "api:crm"
WEBHOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f"
SOON = (NOON + timedelta(hours=6)).isoformat()


class Callers:
    """The same installation, asked by HQ in a browser, by a program with a token, and by whoever has the machine."""

    def __init__(self, console: Console) -> None:
        self.at, self.ids = console, console.ids
        self.browser: FlaskClient = console.signed_in("zhou")
        with console.db.write() as session:
            self.token = api_tokens.create(session, "crm", writes=True, who=HQ, now=NOON)
            self.seen = len(session.exec(select(Audit)).all())

    def console(self, path: str, **form: Any) -> TestResponse:
        return self.at.post(self.browser, f"/console{path}", form)

    def api(self, path: str, body: object = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.at.app.test_client().post(
            f"/api/v1{path}", headers=headers, **({} if body is None else {"json": body})
        )

    def command(self, *words: str) -> Result:
        clean = {name: None for name in os.environ if name.startswith("ONETAP_")}
        named = {"ONETAP_SECRET_KEY": self.at.site.secret_keys[0], "ONETAP_DATABASE_URL": self.at.db.url}
        return CliRunner().invoke(server.cli, words, env={**clean, **named})

    def lines(self) -> list[tuple[str, str, str, str]]:
        """(who, verb, noun, detail) of what was written since the last look; a number of a row counts as N."""
        with self.at.db.read() as session:
            rows = list(session.exec(select(Audit).order_by(col(Audit.id)).offset(self.seen)))
        self.seen += len(rows)
        return [(one.actor, one.verb, re.sub(r"\d+$", "N", one.noun), one.detail) for one in rows]

    def line_of(self, answer: TestResponse | Result) -> tuple[str, tuple[str, str, str]]:
        """Who wrote the one line of an act that was done, and what it says."""
        good = answer.exit_code == 0 if isinstance(answer, Result) else answer.status_code < 400
        assert good, words_of(answer)
        (who, *line), *more = self.lines()
        assert more == []
        return who, tuple(line)

    def change(self, model: type[SQLModel], row_id: int, **values: Any) -> None:
        with self.at.db.write() as session:
            for name, value in values.items():
                setattr(session.get_one(model, row_id), name, value)

    def add(self, row: SQLModel) -> int:
        with self.at.db.write() as session:
            session.add(row)
            session.flush()
            return row.id  # type: ignore[attr-defined]


@pytest.fixture
def callers(console: Console, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callers]:
    monkeypatch.chdir(tmp_path)
    return Callers(console)


def words_of(answer: TestResponse | Result) -> str:
    return answer.stderr + answer.output if isinstance(answer, Result) else answer.get_data(as_text=True)


def same(found: list[tuple[str, tuple[str, ...]]], *who: str) -> tuple[str, ...]:
    """The one line that these people wrote, each in his own way."""
    assert [one for one, _line in found] == list(who)
    assert len({line for _who, line in found}) == 1, found
    return found[0][1]


def test_an_account_is_opened_by_hq_or_on_the_command_line(callers: Callers) -> None:
    def browser(login: str, password: str) -> TestResponse:
        return callers.console("/accounts", role="hq", name="吴桐", login=login, password=password)

    def command(login: str, password: str) -> Result:
        return callers.command("admin", "create", "--login", login, "--name", "吴桐", "--password", password)

    found = [
        callers.line_of(browser("wu", "long-enough-1")),
        callers.line_of(command("wutong", "long-enough-1")),
    ]
    assert same(found, HQ, COMMAND_LINE) == ("account.add", "account:N", "吴桐，总部")
    for login, password, words in (
        ("wu", "long-enough-1", "已经有人用「wu」登录了，请换一个"),
        ("a b", "long-enough-1", "登录名要 2 到 64 个字，不能有空格"),
        ("other", "short", "密码要 10 到 200 个字，现在是 5 个"),
    ):
        refused = browser(login, password), command(login, password)
        assert (refused[0].status_code, refused[1].exit_code) == (422, 2)
        assert all(words in words_of(one) for one in refused)
    assert callers.lines() == []


def test_a_token_is_given_by_hq_or_on_the_command_line(callers: Callers) -> None:
    found = [
        callers.line_of(callers.console("/tokens", name="商城")),
        callers.line_of(callers.command("token", "create", "--name", "商城")),
    ]
    (verb, noun, said), (_verb, _noun, other) = (line for _who, line in found)
    assert [who for who, _line in found] == [HQ, COMMAND_LINE]
    assert (verb, noun, said.partition(" …")[0]) == (_verb, _noun, other.partition(" …")[0])
    assert (verb, noun) == ("token.add", "token:N")
    refused = (
        callers.console("/tokens", name="长" * 65),
        callers.command("token", "create", "--name", "长" * 65),
    )
    assert all("请写给谁用，1 到 64 个字" in words_of(one) for one in refused)
    assert callers.lines() == []


def test_stores_are_brought_in_through_all_three(callers: Callers, tmp_path) -> None:
    def confirmed(look: TestResponse) -> TestResponse:
        """The page shows first what the list would do."""
        seen = re.search(r'name="upload" value="(\w+)"', look.get_data(as_text=True))
        return callers.console("/import", noun="stores", upload=seen[1]) if seen else look

    def through(rows: list[dict[str, str]]) -> list[TestResponse | Result]:
        text = json.dumps(rows, ensure_ascii=False)
        (tmp_path / "rows.json").write_text(text, encoding="utf-8")
        file = (io.BytesIO(text.encode()), "rows.json")
        return [
            confirmed(callers.console("/import", noun="stores", file=file)),
            callers.api("/stores", rows),
            callers.command("import", "stores", "rows.json"),
        ]

    good = {"code": "cd-1", "name": "成都春熙路店", "branch": "northeast"}
    through([good])
    callers.lines()
    through([good])
    found = [(who, tuple(line)) for who, *line in callers.lines()]
    assert same(found, HQ, PROGRAM, COMMAND_LINE) == (
        "import",
        "stores",
        "新增 0 行，更新 0 行，没变 1 行，有错 0 行",
    )
    answers = through([good | {"branch": "nowhere"}])
    assert all("没有编号是「nowhere」的分公司，请先导入分公司" in said(one) for one in answers)
    found = [(who, tuple(line)) for who, *line in callers.lines()]
    assert same(found, HQ, PROGRAM, COMMAND_LINE)[2] == "新增 0 行，更新 0 行，没变 0 行，有错 1 行"


def said(answer: TestResponse | Result) -> str:
    """The words, also where JSON spells them by their numbers."""
    text = words_of(answer)
    return json.dumps(json.loads(text), ensure_ascii=False) if text.startswith("{") else text


def test_a_group_gets_a_robot_and_a_customer_group_none(callers: Callers) -> None:
    store = callers.at.ids["zhongjie"]
    browser = callers.console("/groups/new", name="早班群", webhook=f"{WEBHOOK}1")
    assert browser.status_code == 303
    first = callers.lines()
    made = callers.api("/groups", {"name": "早班群"}).get_json()
    assert callers.api("/robots", {"group_id": made["id"], "webhook": f"{WEBHOOK}1"}).status_code == 409
    assert callers.api("/robots", {"group_id": made["id"], "webhook": f"{WEBHOOK}2"}).status_code == 201
    second = callers.lines()
    assert [one[:3] for one in first] == [(HQ, "group.add", "group:N"), (HQ, "robot.add", "robot:N")]
    assert [one[1:3] for one in second] == [one[1:3] for one in first]
    assert [one[3].rpartition("…")[0] for one in second] == [one[3].rpartition("…")[0] for one in first]
    customers = callers.add(
        Group(chat_id="wrVIP", kind=GroupKind.CUSTOMER, name="会员群", store_id=store, created_at=NOON)
    )
    for group, key, words in (
        (customers, f"{WEBHOOK}3", "客户群里不能放群机器人，这是平台的规定"),
        (made["id"], "no key at all", "没有认出机器人的 Webhook 地址"),
        (made["id"], f"{WEBHOOK}1", "这个机器人已经加在「早班群」里了"),
    ):
        assert words in words_of(callers.console(f"/groups/{group}/robots", webhook=key))
        assert words in said(callers.api("/robots", {"group_id": group, "webhook": key}))
    assert callers.lines() == []


@pytest.mark.parametrize(
    ("verb", "status", "call"),
    [
        ("again", "not_sent", lambda callers, row: callers.api(f"/deliveries/{row}/retry")),
        (
            "delivered",
            "unknown",
            lambda callers, row: callers.api(f"/deliveries/{row}/settle", {"sent": True}),
        ),
        ("failed", "unknown", lambda callers, row: callers.api(f"/deliveries/{row}/settle", {"sent": False})),
    ],
)
def test_a_decision_about_a_delivery_is_one_act(
    callers: Callers, verb: str, status: str, call: Callable[[Callers, int], TestResponse]
) -> None:
    row, found = callers.ids["delivery_east"], []
    for act in (lambda: callers.console(f"/deliveries/{row}/{verb}"), lambda: call(callers, row)):
        callers.change(Outbox, row, status=status)
        found.append(callers.line_of(act()))
    assert same(found, HQ, PROGRAM)[:2] == (f"delivery.{verb}", "delivery:N")
    late = callers.console(f"/deliveries/{row}/{verb}"), call(callers, row)
    assert [one.status_code for one in late] == [409, 409]
    why = "只有确定没送到的才能再发" if verb == "again" else "只有结果不明的才要人来定"
    assert all(why in said(one) for one in late)
    assert callers.lines() == []


def test_a_callback_is_replayed_by_one_verb(callers: Callers) -> None:
    row, found = callers.ids["callback_east"], []
    for act in (callers.console, callers.api):
        callers.change(Inbox, row, status="parked")
        found.append(callers.line_of(act(f"/callbacks/{row}/replay")))
    assert same(found, HQ, PROGRAM)[:2] == ("callback.replay", "callback:N")
    callers.change(Inbox, row, status="handled")
    late = [act(f"/callbacks/{row}/replay") for act in (callers.console, callers.api)]
    assert all("已经处理好了，再来一次什么也不会变" in said(one) for one in late)
    assert callers.lines() == []


def test_a_code_is_asked_for_by_one_verb_and_not_for_somebody_who_left(callers: Callers) -> None:
    code, guide, found = callers.ids["code_east"], callers.ids["sunjiayi"], []
    for act in (
        lambda: callers.console(f"/guides/{guide}/code"),
        lambda: callers.api("/entry-codes", {"userid": "sunjiayi"}),
    ):
        callers.change(EntryCode, code, status="failed", config_id="")
        found.append(callers.line_of(act()))
    assert same(found, HQ, PROGRAM) == ("entry_code.ask", "entry_code:N", "试衣间")
    callers.change(Guide, guide, status="left")
    refused = callers.console(f"/guides/{guide}/code"), callers.api("/entry-codes", {"userid": "sunjiayi"})
    assert all("已经不在岗，不能再建码" in said(one) for one in refused)
    assert callers.lines() == []


def test_an_announcement_is_planned_and_stopped_by_one_verb_each(callers: Callers) -> None:
    group, kinds = callers.ids["group_east"], {"kind": ["internal"], "branch": str(callers.ids["east"])}
    body = {"title": "初雪", "text": "今天开卖", "groups": [group], "launch_at": SOON}
    found = [
        callers.line_of(callers.console("/announcements/new", title="初雪", text="今天开卖", **kinds)),
        callers.line_of(callers.api("/announcements", body)),
    ]
    assert same(found, HQ, PROGRAM)[:2] == ("announcement.schedule", "announcement:N")
    with callers.at.db.read() as session:
        made = [one.id for one in session.exec(select(Announcement)) if one.title == "初雪"]
    callers.line_of(callers.console(f"/announcements/{made[0]}/cancel"))
    callers.line_of(callers.api(f"/announcements/{made[1]}/cancel"))
    long, silent = "雪" * 683, "内部群里没有机器人，客户群没有在职的群主"
    assert "上限 2,048 字节" in said(callers.console("/announcements/new", title="初雪", text=long, **kinds))
    assert "上限 2,048 字节" in said(callers.api("/announcements", body | {"text": long}))
    with callers.at.db.write() as session:
        session.exec(select(Group).where(Group.id == group)).one().kind = GroupKind.CUSTOMER
        session.exec(select(Group).where(Group.id == group)).one().owner_id = None
    kinds["kind"] = ["customer"]
    assert silent in said(callers.console("/announcements/new", title="初雪", text="今天开卖", **kinds))
    assert silent in said(callers.api("/announcements", body))
    assert callers.lines() == []


def test_a_campaign_is_made_by_one_verb_and_judged_by_one_rule(callers: Callers) -> None:
    plan = {"name": "初雪雪地靴", "text": "雪地靴到店了", "channel": "mass"}
    form = plan | {"to": "all", "launch_at": "2026-11-20T10:00", "ends_at": "2026-11-20T18:00"}
    body = plan | {"launch_at": "2026-11-20T10:00:00+08:00", "ends_at": "2026-11-20T18:00:00+08:00"}
    found = [
        callers.line_of(callers.console("/campaigns/new", **form)),
        callers.line_of(callers.api("/campaigns", body)),
    ]
    assert same(found, HQ, PROGRAM) == ("campaign.create", "campaign:N", "新建「初雪雪地靴」")
    for wrong, words in (
        ({"text": ""}, "没有附件时，正文不能空着"),
        ({"text": "雪" * 1334}, "4,000 字节"),
        ({"card_title": "长" * 37}, "上限 36 个字"),
    ):
        assert words in said(callers.console("/campaigns/new", **(form | wrong)))
        assert words in said(callers.api("/campaigns", body | wrong))
    assert callers.lines() == []


def test_what_is_done_on_the_machine_itself_is_written_down_too(callers: Callers) -> None:
    assert callers.command("prune").exit_code == 0
    assert [one[:3] for one in callers.lines()] == [(COMMAND_LINE, "ledger.prune", "ledger")]
    assert callers.command("backup", "night").exit_code == 0
    assert callers.lines() == []
