"""Which rows an account reaches."""

import pytest

from models.campaigns import Card, CardMessage
from models.ledger import outbox
from tests.pages.conftest import NOON, Console


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


@pytest.mark.parametrize(("who", "status"), [("zhou", 200), ("chen", 200), ("liu", 404), ("ma", 404)])
def test_a_message_for_many_guides_is_seen_by_their_branch(console: Console, who: str, status: int) -> None:
    """Whoever sees it may decide about it, so that a store's manager, and another branch, do not."""
    with console.db.write() as session:
        message = CardMessage(task_key="card-2026-11-19-a-0a", created_at=NOON)
        session.add(message)
        session.flush()
        values = {"guide_id": console.ids["wangfang"], "period": "2026-11-19.a", "created_at": NOON}
        session.add(Card(**values, message_id=message.id))
        row = outbox.put(session, "card", "card:1", now=NOON, target="2 位导购", subject_id=message.id)
    assert console.signed_in(who).get(f"/console/deliveries/{row}").status_code == status
