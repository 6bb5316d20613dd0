"""The conditions of an audience in the form that plans a campaign."""

from tests.pages.conftest import Console, page
from tests.pages.plan_form import campaigns, send


def test_conditions_stay_when_the_plan_is_edited_and_nonsense_is_refused(console: Console) -> None:
    saved = send(
        console, console.signed_in("zhou"), do="save", to="all", at_least_days="7", untouched_days="3"
    )
    assert saved.status_code == 303
    number = campaigns(console)[-1].id
    form = page(console, f"/console/campaigns/{number}/edit", "zhou")
    assert 'name="at_least_days" inputmode="numeric" value="7"' in " ".join(form.split())
    refused = send(console, console.signed_in("zhou"), do="save", to="all", at_least_days="lots")
    assert refused.status_code == 422 and "成为好友至少几天请填天数" in refused.text
