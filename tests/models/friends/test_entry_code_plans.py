"""Codes that people plan: what may be written about them, and what happens when nobody wants them any more."""

from datetime import date

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.friends import entry_code_plans, entry_codes
from models.friends.entry_code_plans import RULES_ALONE, CodePlan
from models.friends.entry_codes import EntryCodeKind, EntryCodeStatus, LeadsTo
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW, ZONE

SOURCE = {"kind": EntryCodeKind.SOURCE, "leads_to": LeadsTo.NEAR, "name": "短信「降温提醒」"}


def create(session, **fields):
    return entry_code_plans.create(session, CodePlan(**fields), "周岚", NOW, ZONE)


def faults(session, **fields) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        create(session, **fields)
    return refused.value.faults


def calls(session, channel: str) -> list[dict]:
    return [row.payload for row in session.exec(select(Outbox).where(Outbox.channel == channel))]


def test_a_channels_code_leads_to_near_and_needs_no_call(session, sqlite_people):
    code = create(session, **SOURCE, cost_cents=468_000, target=800, valid_until=date(2026, 11, 30))
    assert (code.status, code.userids, code.cost_cents, code.target) == ("ready", [], 468_000, 800)
    assert calls(session, "contact_way") == []
    assert [(one.verb, one.actor, one.detail) for one in session.exec(select(Audit))] == [
        ("entry_code.create", "周岚", "短信「降温提醒」")
    ]


def test_a_store_has_a_code_for_each_of_its_places(session, sqlite_people):
    shop = {"kind": EntryCodeKind.STORE, "store": sqlite_people.zhongjie}
    till = create(session, **shop, leads_to=LeadsTo.NEAR, place="收银台")
    fitting_room = create(session, **shop, leads_to=LeadsTo.USERS, place="试衣间")
    assert (till.name, fitting_room.name) == ("沈阳中街店 · 收银台", "沈阳中街店 · 试衣间")
    assert fitting_room.userids == [cast.WANG, cast.ZHAO, cast.GAO]
    assert calls(session, "contact_way") == [{"code": fitting_room.id, "update": False}]
    assert "收银台" in faults(session, **shop, leads_to=LeadsTo.USERS, place="收银台")["place"]


@pytest.mark.parametrize("kind", [EntryCodeKind.BRANCH, EntryCodeKind.SOURCE])
def test_without_a_store_only_the_rules_share_out(session, sqlite_people, kind):
    found = faults(session, kind=kind, leads_to=LeadsTo.USERS, name="公众号菜单", branch=sqlite_people.east)
    assert found == {"leads_to": RULES_ALONE}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "长" * 31),
        ("name", "两\n行"),
        ("place", "长" * 21),
        ("cost_cents", -1),
        ("target", 0),
        ("valid_until", date(2026, 11, 18)),
        ("kind", EntryCodeKind.GUIDE),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(session, sqlite_people, field, value):
    assert set(faults(session, **{**SOURCE, field: value})) == {field}


def test_what_the_platform_has_no_room_for_is_refused(session, sqlite_people, monkeypatch):
    cast.ready_code(session, guide=sqlite_people.wang)
    monkeypatch.setattr(entry_code_plans, "MOST_WAYS", 1)
    shop = {"kind": EntryCodeKind.STORE, "store": sqlite_people.zhongjie, "place": "试衣间"}
    assert "用完了" in faults(session, **shop, leads_to=LeadsTo.USERS)["leads_to"]
    assert create(session, **shop, leads_to=LeadsTo.NEAR).status == "ready"


def test_what_is_written_about_a_code_changes_and_where_it_leads_does_not(session, sqlite_people):
    code = create(session, **SOURCE, target=800)
    changes = {"name": "短信", "target": None, "cost_cents": 100, "leads_to": LeadsTo.USERS}
    entry_code_plans.change(session, code, changes, "周岚", NOW, ZONE)
    assert (code.name, code.target, code.cost_cents, code.leads_to) == ("短信", None, 100, "near")
    with pytest.raises(Refused):
        entry_code_plans.change(session, code, {"name": ""}, "周岚", NOW, ZONE)
    verbs = [one.verb for one in session.exec(select(Audit))]
    assert verbs == ["entry_code.create", "entry_code.change"]


def test_of_a_guides_code_only_the_target_changes(session, sqlite_people):
    badge = cast.ready_code(session, guide=sqlite_people.wang)
    entry_code_plans.change(session, badge, {"target": 40}, "周岚", NOW, ZONE)
    assert badge.target == 40
    with pytest.raises(Refused):
        entry_code_plans.change(session, badge, {"name": "别人"}, "周岚", NOW, ZONE)
    with pytest.raises(Refused):
        entry_code_plans.retire(session, badge, "周岚", NOW)


def test_a_retired_code_leaves_the_platform_with_those_that_were_shown_for_it(session, sqlite_people):
    code = create(session, **SOURCE)
    shown = entry_codes.new(
        session, EntryCodeKind.SOURCE, code.name, NOW, via_id=code.id, config_id="config7"
    )
    for _tap in range(2):
        entry_code_plans.retire(session, code, "周岚", NOW)
    assert (code.status, shown.status) == (EntryCodeStatus.RETIRED, EntryCodeStatus.RETIRED)
    assert calls(session, "contact_way_end") == [{"config_id": "config7"}]
    with pytest.raises(Refused):
        entry_code_plans.change(session, code, {"target": 1}, "周岚", NOW, ZONE)
