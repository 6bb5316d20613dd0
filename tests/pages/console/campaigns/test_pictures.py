"""A picture belongs to whoever uploaded it and to whoever may see its campaign; a number that somebody guesses opens nothing."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlmodel import col, select

from models.campaigns import Campaign
from models.campaigns.pictures import Picture
from models.friends.entry_codes import EntryCode
from tests import cast
from tests.pages.conftest import Console, page
from tests.pages.plan_form import PLAN, campaigns, pictured, send
from tests.pages.shop import give_picture, jpeg

STAFF = ("zhou", "chen", "liu", "ma")
"""HQ, the branch 东北, the branch 华东, a manager in 东北"""


def upload(console: Console, login: str, content: bytes) -> int:
    client = console.signed_in(login)
    form = {"csrf": console.token(client), "upload": (BytesIO(content), "a.jpg")}
    assert client.post("/console/pictures", data=form).status_code == 200
    with console.db.read() as session:
        return session.exec(select(Picture.id).order_by(col(Picture.id).desc())).first() or 0


def plan(console: Console, picture: int, status: str = "draft", **scope: list[int]) -> int:
    """HQ's, with this artwork, for these places."""
    ahead = console.clock() + timedelta(days=9)
    with console.db.write() as session:
        made = Campaign(
            name="保密", status=status, attachments=cast.poster("artwork", picture), scope=scope,
            launch_at=ahead, ends_at=ahead + timedelta(days=1), created_at=console.clock(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id or 0


def may_look(console: Console, picture: int) -> set[str]:
    answers = {
        who: console.signed_in(who).get(f"/console/pictures/{picture}.jpg").status_code for who in STAFF
    }
    assert set(answers.values()) <= {200, 404}
    return {who for who, code in answers.items() if code == 200}


def test_what_somebody_uploaded_is_hers_and_hqs(console: Console) -> None:
    picture = upload(console, "zhou", jpeg())
    assert may_look(console, picture) == {"zhou"}
    assert upload(console, "chen", jpeg()) == picture, "the same bytes: she has them anyway"
    assert may_look(console, picture) == {"zhou", "chen"}


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_a_planned_campaigns_artwork_is_seen_by_those_whom_it_will_concern(
    console: Console, status: str
) -> None:
    picture = upload(console, "zhou", jpeg())
    plan(console, picture, status, branches=[console.ids["east"]])
    assert may_look(console, picture) == {"zhou", "liu"}
    plan(console, picture, status, stores=[console.ids["zhongjie"]])
    assert may_look(console, picture) == set(STAFF)


def test_a_form_takes_no_picture_of_others(console: Console) -> None:
    picture, client = upload(console, "zhou", jpeg()), console.signed_in("chen")
    refused = send(console, client, do="schedule", **pictured(picture))
    assert refused.status_code == 422 and "请选择一张图片" in refused.get_data(as_text=True)
    kept = send(console, client, name="还没选图", **pictured(picture))
    assert kept.status_code == 422 and campaigns(console) == []
    shown = console.post(client, "/console/campaigns/preview", {**PLAN, **pictured(picture)})
    assert f"/pictures/{picture}.jpg" not in shown.get_data(as_text=True)
    guide = console.ids["wangfang"]
    drawn = client.get(f"/console/campaigns/poster.jpg?guide={guide}&design=artwork&picture_id={picture}")
    assert drawn.status_code == 404


@pytest.mark.parametrize("who", ["chen", "ma"])
def test_a_managers_own_campaign_shows_its_poster(console: Console, who: str) -> None:
    give_picture(console, "northeast")
    with console.db.write() as session:
        for code in session.exec(select(EntryCode)):
            code.payload = "https://work.weixin.qq.com/ca/cawcde123"
    shown = page(console, f"/console/campaigns/{console.ids['campaign_northeast']}/content", who)
    [address] = set(re.findall(r'<img[^>]* src="([^"]*/posters/[^"]*)"', shown))
    drawn = console.signed_in(who).get(unescape(address))
    assert (drawn.status_code, drawn.mimetype) == (200, "image/jpeg")
    foreign = address.replace(f"/{console.ids['wangfang']}.jpg", f"/{console.ids['sunjiayi']}.jpg")
    assert console.signed_in(who).get(unescape(foreign)).status_code == 404
