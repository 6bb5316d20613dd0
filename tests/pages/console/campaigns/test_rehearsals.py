"""先发给我看 in the console: who gets it, who cannot, and taking it back."""

from sqlmodel import select

from models.accounts import Account
from models.campaigns import CampaignStatus
from models.campaigns.rehearsals import Rehearsal
from models.ledger.outbox import Outbox
from tests.pages.conftest import Console, page
from tests.pages.console.calendar.shown import plan
from tests.pages.plan_form import campaigns, send


def planned(console: Console) -> str:
    send(console, console.signed_in("zhou"), do="save")
    return f"/console/campaigns/{campaigns(console)[-1].id}/rehearsals"


def test_hq_without_a_userid_is_told_where_to_add_it_and_then_gets_it(console: Console) -> None:
    path, client = planned(console), console.signed_in("zhou")
    refused = console.post(client, path, {"me": "1"})
    assert refused.status_code == 422 and "没有写企业微信账号，发不到" in refused.text
    account = console.ids["zhou"]
    assert (
        console.post(client, f"/console/accounts/{account}/userid", {"userid": "hq-zhou"}).status_code == 303
    )
    assert console.post(client, path, {"me": "1"}).status_code == 303
    assert "撤回" in page(console, path)
    with console.db.read() as session:
        rows = session.exec(select(Outbox).where(Outbox.channel == "rehearsal")).all()
        assert rows and {row.payload["userid"] for row in rows} == {"hq-zhou"}
        assert session.get_one(Account, account).userid == "hq-zhou"


def test_named_guides_get_it_and_a_name_that_nobody_has_is_refused(console: Console) -> None:
    path, client = planned(console), console.signed_in("zhou")
    nobody = console.post(client, path, {"guides": "没有这个人"})
    assert nobody.status_code == 422 and "没有叫「没有这个人」的在岗导购" in nobody.text
    assert console.post(client, path, {"guides": "王芳"}).status_code == 303
    with console.db.read() as session:
        one = session.exec(select(Rehearsal).where(Rehearsal.created_at == console.clock.now)).one()
    assert console.post(client, f"{path}/{one.id}/withdraw").status_code == 303
    assert "已撤回" in page(console, path)


def test_nobody_chosen_and_a_rehearsal_of_another_campaign_are_refused(console: Console) -> None:
    path, client = planned(console), console.signed_in("zhou")
    assert console.post(client, path, {}).status_code == 422
    assert console.post(client, f"{path}/4711/withdraw").status_code == 404


def test_what_is_wrong_with_the_plan_itself_is_said_on_the_page_that_has_no_field_for_it(
    console: Console,
) -> None:
    over = plan(console, "过期的", -1, status=CampaignStatus.DRAFT)
    path = f"/console/campaigns/{over}/rehearsals"
    answer = console.post(console.signed_in("zhou"), path, {"guides": "王芳"})
    assert answer.status_code == 422 and "截止时间已经过去" in answer.text
