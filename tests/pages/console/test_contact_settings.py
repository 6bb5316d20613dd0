"""联系次数 in the settings: HQ chooses, nonsense is refused whole, and nobody else gets in."""

import re

from models import preferences
from tests.pages.conftest import Console, page

PATH = "/console/settings/contacts"


def send(console: Console, **values: str):  # type: ignore[no-untyped-def]
    shown = page(console, PATH, "zhou")
    mark = re.search(r'name="version" value="([^"]*)"', shown)
    return console.post(console.signed_in("zhou"), PATH, {"version": mark[1] if mark else "", **values})


def test_hq_chooses_the_caps_and_the_quiet_hours(console: Console) -> None:
    assert send(console, contacts_per_week="3", quiet_from="21", platform_quota="week").status_code == 303
    with console.db.read() as session:
        kept = preferences.read(session)
    assert (kept.contacts_per_week, kept.quiet_from, kept.platform_quota) == (3, 21, "week")
    assert "已保存" in page(console, f"{PATH}?done=saved", "zhou")


def test_what_cannot_be_is_said_beside_its_field_and_nothing_changes(console: Console) -> None:
    with console.db.read() as session:
        before = preferences.read(session)
    answer = send(console, contacts_per_week="4", quiet_from="25", season_months="13", platform_quota="never")
    assert answer.status_code == 422
    for words in ("免打扰从几点要在 0 到 23 之间", "写成 11,12 这样", "没有「never」这一项"):
        assert words in answer.text
    with console.db.read() as session:
        assert preferences.read(session) == before
