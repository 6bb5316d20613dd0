"""Planning entry codes in the console."""

import re

import pytest
from sqlmodel import col, select

from models.accounts.audit import Audit
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.ledger.outbox import Outbox
from tests.pages.conftest import Console, page
from tests.pages.console.test_codes import put

CHANNEL = {"kind": "channel", "name": "短信「降温提醒」", "leads_to": "near"}


def create(console: Console, who: str = "zhou", **form):
    return console.post(console.signed_in(who), "/console/codes", form)


def newest(console: Console) -> EntryCode:
    with console.db.read() as session:
        return session.exec(select(EntryCode).order_by(col(EntryCode.id).desc())).first()


def test_a_channels_code_is_made_once_however_often_the_form_arrives(console: Console) -> None:
    form = {**CHANNEL, "cost": "4,680.5", "target": "800", "valid_until": "2027-11-30", "once": "a" * 24}
    first, second = (create(console, **form) for _tap in range(2))
    assert first.status_code == 303 and first.location == second.location
    made = newest(console)
    assert (made.kind, made.cost_cents, made.target) == (EntryCodeKind.SOURCE, 468_050, 800)
    text = page(console, first.location)
    assert "码建好了" in text and "4680.50" in text


def test_a_stores_code_for_the_fitting_room_is_asked_of_the_platform(console: Console) -> None:
    answer = create(console, kind="store", store="zhongjie", place="试衣间", leads_to="users")
    assert answer.location.endswith("done=asked")
    assert newest(console).name.endswith("· 试衣间")
    with console.db.read() as session:
        assert session.exec(select(Outbox).where(Outbox.channel == "contact_way")).one().why == "新建入口码"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({**CHANNEL, "name": ""}, "起个名字"),
        ({**CHANNEL, "cost": "很多"}, "写成元"),
        ({**CHANNEL, "target": "-3"}, "目标要是整数"),
        ({**CHANNEL, "valid_until": "2020-01-01"}, "到期日已经过去了"),
        ({**CHANNEL, "leads_to": "users"}, "只能按规则分"),
        ({"kind": "store", "leads_to": "near"}, "选一家门店"),
        ({"kind": "store", "store": "月球店", "leads_to": "near"}, "没有叫「月球店」的门店"),
        ({"kind": "branch", "name": "东北", "leads_to": "near"}, "选一家分公司"),
        ({"kind": "planet", "name": "东北", "leads_to": "near"}, "选一种码"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(console: Console, form, words) -> None:
    answer = create(console, **form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and words in text
    assert not form.get("name") or form["name"] in text


def test_a_branch_makes_codes_for_itself_and_its_stores_alone(console: Console) -> None:
    assert create(console, "chen", **CHANNEL, branch=str(console.ids["east"])).status_code == 303
    assert newest(console).branch_id == console.ids["northeast"]
    assert create(console, "chen", kind="hq", name="总部", leads_to="near").status_code == 422
    other = create(console, "chen", kind="store", store="xinjiekou", leads_to="near")
    assert other.status_code == 422 and "没有叫" in other.get_data(as_text=True)
    assert "总部</label>" not in page(console, "/console/codes/new", "chen")


def test_a_manager_plans_nothing(console: Console) -> None:
    assert console.signed_in("ma").get("/console/codes/new").status_code == 403
    assert create(console, "ma", **CHANNEL).status_code == 403


def test_a_code_is_changed_and_retired_with_a_line_in_the_audit(console: Console) -> None:
    number, client = put(console), console.signed_in("zhou")
    path = f"/console/codes/{number}"
    changed = console.post(client, path, {"name": "短信", "target": "20", "cost": "3"})
    assert changed.location.endswith("done=changed")
    assert re.search(r'value="20"', page(console, path))
    assert console.post(client, path, {"name": ""}).status_code == 422
    assert console.post(client, f"{path}/retire").location.endswith("done=retired")
    assert "已停用" in page(console, path)
    assert console.post(client, path, {"name": "又来"}).status_code == 403
    with console.db.read() as session:
        verbs = [one for one in session.exec(select(Audit.verb)) if one.startswith("entry_code.")]
    assert verbs == ["entry_code.change", "entry_code.retire"]


def test_of_a_guides_code_only_the_target_is_asked(console: Console) -> None:
    path = f"/console/codes/{console.ids['code_northeast']}"
    assert 'name="cost"' not in page(console, path)
    assert console.post(console.signed_in("zhou"), path, {"target": "40"}).status_code == 303
    assert console.post(console.signed_in("zhou"), f"{path}/retire").status_code == 409
