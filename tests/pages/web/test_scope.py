"""Which rows an account reaches."""

from tests.pages.conftest import Console


def test_an_account_without_a_branch_sees_nothing(console: Console) -> None:
    from models.accounts import Account

    with console.db.write() as session:
        session.get_one(Account, console.ids["chen"]).branch_id = None
    client = console.signed_in("chen")
    for name in ("campaign_northeast", "campaign_east"):
        assert client.get(f"/console/campaigns/{console.ids[name]}").status_code == 404


def test_a_branch_may_look_at_hq_s_campaign_but_not_change_it(console: Console) -> None:
    client, number = console.signed_in("chen"), console.ids["campaign_northeast"]
    assert client.get(f"/console/campaigns/{number}").status_code == 200
    assert console.post(client, f"/console/campaigns/{number}/pause").status_code == 403
    assert client.get(f"/console/campaigns/{number}/stop").status_code == 403
