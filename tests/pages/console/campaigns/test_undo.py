"""Before it starts: who will get what is on its page, and it can be taken back, copied and deleted."""

from io import BytesIO
from typing import Any

import pytest

from models.campaigns import Campaign
from tests.pages.conftest import Console, page
from tests.pages.plan_form import campaigns, poster, send
from tests.pages.shop import jpeg


def made(console: Console, who: str = "zhou", **changes: Any) -> int:
    before = {one.id for one in campaigns(console)}
    assert send(console, console.signed_in(who), **changes).status_code == 303
    return next(one.id or 0 for one in campaigns(console) if one.id not in before)


def status(console: Console, number: int) -> str:
    return next((str(one.status) for one in campaigns(console) if one.id == number), "gone")


@pytest.mark.parametrize("do", ["save", "schedule"])
def test_its_page_shows_what_will_go_to_whom_with_poster_and_text(console: Console, do: str) -> None:
    picture = poster("artwork") | {"attachments.0.upload": (BytesIO(jpeg()), "art.jpg")}
    number = made(console, do=do, **picture)
    text = page(console, f"/console/campaigns/{number}")
    assert "新到的雪地靴，来沈阳中街店找我。" in text and "以王芳为例" in text
    assert "/console/campaigns/poster.jpg?guide=" in text
    assert "会触达" in text and "由 2 位导购发出" in text
    assert "漏斗" not in text


def test_the_banner_says_how_things_stand(console: Console) -> None:
    client = console.signed_in("zhou")
    draft = send(console, client, do="save").location
    assert "已存为草稿，还没有排期" in page(console, draft)
    path = draft.partition("?")[0]
    answer = console.post(client, f"{path}/schedule")
    assert "已排定：明天 10:00 自动开始。按现在算，由 2 位导购发给" in page(console, answer.location)
    answer = console.post(client, f"{path}/unschedule")
    assert "已撤回，现在是草稿，到时间也不会开始。" in page(console, answer.location)
    assert status(console, int(path.rpartition("/")[2])) == "draft"


def test_a_copy_opens_as_a_draft_in_the_form(console: Console) -> None:
    number = made(console, do="schedule")
    answer = console.post(console.signed_in("zhou"), f"/console/campaigns/{number}/copy")
    copied = next(one for one in campaigns(console) if one.id != number)
    assert (answer.status_code, answer.location.partition("?")[0]) == (
        303,
        f"/console/campaigns/{copied.id}/edit",
    )
    assert (copied.name, copied.status, copied.text) == (
        "初雪雪地靴 副本",
        "draft",
        "新到的雪地靴，来{门店名}找我。",
    )
    assert "初雪雪地靴 副本" in page(console, answer.location)


def test_deleting_a_draft_is_asked_once_and_only_drafts_can_go(console: Console) -> None:
    client, number = console.signed_in("zhou"), made(console)
    path = f"/console/campaigns/{number}"
    assert "删掉草稿「初雪雪地靴」？" in page(console, f"{path}/discard")
    assert status(console, number) == "draft"
    answer = console.post(client, f"{path}/discard")
    assert "草稿删掉了" in page(console, answer.location) and status(console, number) == "gone"
    assert console.post(client, f"{path}/discard").status_code == 404
    planned = made(console, do="schedule")
    assert client.get(f"/console/campaigns/{planned}/discard").status_code == 302
    refused = console.post(client, f"/console/campaigns/{planned}/discard")
    assert refused.status_code == 409 and "只有草稿能删掉" in refused.text
    assert status(console, planned) == "scheduled"


@pytest.mark.parametrize("verb", ["copy", "discard", "unschedule"])
def test_what_hq_made_a_branch_neither_copies_nor_undoes(console: Console, verb: str) -> None:
    number = made(console)
    for who, code in (("chen", 403), ("ma", 403)):
        answer = console.post(console.signed_in(who), f"/console/campaigns/{number}/{verb}")
        assert answer.status_code == code
    assert status(console, number) == "draft" and len(campaigns(console)) == 1


def test_what_has_started_shows_its_funnel_and_can_only_be_copied(console: Console) -> None:
    number = console.ids["campaign_northeast"]
    with console.db.write() as session:
        assert session.get_one(Campaign, number).launched_at
    text = page(console, f"/console/campaigns/{number}")
    assert "复制成新草稿" in text and "撤回，改回草稿" not in text and "删掉草稿" not in text
    assert "会发出去的" not in text
