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


def test_a_code_and_a_campaign_of_another_branch_are_none_and_tell_no_name_I01(console: Console) -> None:
    for field, row in (("again", "campaign_east"), ("came_by", "code_east")):
        refused = send(
            console, console.signed_in("chen"), do="save", to="all", **{field: str(console.ids[row])}
        )
        assert refused.status_code == 422 and "不在你的范围里" in refused.text
        assert "· east" not in refused.text
    assert campaigns(console) == []
