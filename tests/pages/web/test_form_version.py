"""A second tab that saves an older version is told so, keeps what it wrote, and may then insist."""

import re

from flask.testing import FlaskClient
from sqlmodel import select

from models import preferences
from models.campaigns import Campaign
from tests.pages.conftest import Console
from tests.pages.plan_form import PLAN

SETTINGS = "/console/settings"
CAMPAIGN = {**PLAN, "do": "save"}


def version(page: str) -> str:
    found = re.search(r'name="version" value="([^"]*)"', page)
    assert found and found[1]
    return found[1]


def seen(client: FlaskClient, path: str) -> str:
    return version(client.get(path).get_data(as_text=True))


def brand(console: Console) -> preferences.Preferences:
    with console.db.read() as session:
        return preferences.read(session)


def test_settings_that_somebody_else_changed_meanwhile_are_not_saved_over(console: Console) -> None:
    first, second = console.signed_in("zhou"), console.signed_in("zhou")
    old = seen(second, SETTINGS)
    form = {"name": "霁野", "robot_name": "小霁", "keep_ledger_days": "200", "version": old}
    assert console.post(first, SETTINGS, form).status_code == 303
    late = console.post(second, SETTINGS, {**form, "robot_name": "小野", "keep_ledger_days": "90"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "别处保存过一次" in page and 'value="小野"' in page
    assert "现在保存的是「小霁」" in page and "现在保存的是「200」" in page
    assert brand(console).robot_name == "小霁"
    again = {**form, "robot_name": "小野", "version": version(page)}
    assert console.post(second, SETTINGS, again).status_code == 303
    assert brand(console).robot_name == "小野"


def test_a_campaign_that_somebody_else_changed_meanwhile_is_not_saved_over(console: Console) -> None:
    first, second = console.signed_in("zhou"), console.signed_in("zhou")
    assert console.post(first, "/console/campaigns/new", CAMPAIGN).status_code == 303
    with console.db.read() as session:
        number = session.exec(select(Campaign.id).where(Campaign.name == CAMPAIGN["name"])).one()
    path = f"/console/campaigns/{number}/edit"
    old = seen(second, path)
    assert console.post(first, path, {**CAMPAIGN, "text": "雪停了", "version": old}).status_code == 303
    faulty = console.post(second, path, {**CAMPAIGN, "text": "", "version": old})
    assert faulty.status_code == 422 and version(faulty.get_data(as_text=True)) == old, "not told yet"
    late = console.post(second, path, {**CAMPAIGN, "text": "雪大了", "version": old})
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "别处保存过一次" in page and "雪大了" in page

    def text() -> str:
        with console.db.read() as session:
            return session.get_one(Campaign, number).text

    assert text() == "雪停了"
    again = {**CAMPAIGN, "text": "雪大了", "version": version(page)}
    assert console.post(second, path, again).status_code == 303
    assert text() == "雪大了"
