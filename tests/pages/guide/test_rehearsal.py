"""The page of a 【测试】 on a guide's phone: what her task would show, nothing to send, hers alone, gone when taken back."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.campaigns import Campaign, planning, rehearsals
from models.campaigns.attachments import Attachment
from models.campaigns.fields import CampaignFields
from models.campaigns.rehearsals import Rehearsal
from models.ledger.channels import MASS
from tests import cast
from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import phone
from tests.posters.samples import BOOTS


@pytest.fixture
def code(console: Console) -> str:
    """Of a 【测试】 that 王芳 got: a text, a picture, a link."""
    with console.db.write() as session:
        picture = cast.picture(session, BOOTS, now=NOON).id
        shown = [
            Attachment(form="picture", picture_id=picture),
            Attachment(form="link", url="https://shop.example/boots", title="雪地靴"),
        ]
        fields = CampaignFields(
            name="初雪",
            channel=MASS,
            text="来{门店名}找{导购名}",
            attachments=shown,
            launch_at=NOON + timedelta(hours=1),
            ends_at=NOON + timedelta(hours=9),
        )
        campaign = planning.create(session, fields, who="周岚", account_id=None, now=NOON)
        wang = [console.ids["wangfang"]]
        (made,) = rehearsals.send(session, campaign, who="周岚", now=NOON, guides=wang)
        return made.code


def kept(session: Session, code: str) -> Rehearsal:
    return session.exec(select(Rehearsal).where(Rehearsal.code == code)).one()


def test_she_sees_what_her_task_would_show_and_has_nothing_to_send(console: Console, code: str) -> None:
    page = phone(console).get(f"/g/rehearsals/{code}").get_data(as_text=True)
    assert "【测试】初雪" in page and "来沈阳中街店找王芳" in page and "客户收不到" in page
    assert 'href="https://shop.example/boots"' in page
    assert "<form" not in page and "data-share" not in page, "nothing here sends or says that she sent"
    picture = phone(console).get(f"/g/rehearsals/{code}/pictures/0.jpg")
    assert picture.status_code == 200 and picture.mimetype == "image/jpeg"
    assert phone(console).get(f"/g/rehearsals/{code}/pictures/1.jpg").status_code == 404
    with console.db.read() as session:
        assert kept(session, code).opened_at == NOON


def test_what_it_shows_is_the_campaign_as_it_was_sent(console: Console, code: str) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, kept(session, code).campaign_id).text = "换了一句"
    assert "换了一句" not in phone(console).get(f"/g/rehearsals/{code}").get_data(as_text=True)


def test_a_colleague_and_a_guessed_address_find_nothing_J01(console: Console, code: str) -> None:
    assert phone(console, "sunjiayi").get(f"/g/rehearsals/{code}").status_code == 404
    assert phone(console).get("/g/rehearsals/guessed").status_code == 404


def test_taken_back_it_is_gone_and_says_so(console: Console, code: str) -> None:
    with console.db.write() as session:
        rehearsals.withdraw(session, kept(session, code), "周岚", NOON)
    answer = phone(console).get(f"/g/rehearsals/{code}")
    assert answer.status_code == 404 and "这条测试已经撤回" in answer.get_data(as_text=True)
