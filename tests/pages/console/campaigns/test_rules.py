"""怎么开始和停下 in the console: the form keeps what was chosen, names what is wrong, and a pilot is let go with a tap."""

from datetime import timedelta

import pytest

from models.campaigns import Campaign, Task
from models.campaigns.run_rules import PilotBy, rules_of
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.campaigns.test_approve import four_eyes, press, submitted  # noqa: F401
from tests.pages.plan_form import campaigns, send

FORM = {
    "grace_minutes": "15", "stop_percent": "", "pilot": "store", "store": "沈阳中街店",
    "goes_on": "rule", "minutes": "60", "failed_percent": "3", "percent": "1",
}  # fmt: skip


def drafted(console: Console) -> str:
    send(console, console.signed_in("zhou"), do="save")
    return f"/console/campaigns/{campaigns(console)[-1].id}"


def test_the_form_keeps_what_was_chosen_and_the_campaign_s_page_says_it(console: Console) -> None:
    path = drafted(console)
    answer = console.post(console.signed_in("zhou"), f"{path}/rules", FORM)
    assert answer.status_code == 303, answer.text
    text = page(console, answer.location)
    assert "先发沈阳中街店，60 分钟后都已确认、没送出的少于 3% 就自动发其余" in text
    assert "晚 15 分钟以内照发" in text and "没送出的到 20% 自动暂停" in text
    form = page(console, f"{path}/rules")
    assert 'value="沈阳中街店"' in form and 'value="60"' in form


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"store": "没有这家店"}, "没有叫「没有这家店」的门店"),
        ({"minutes": "一小时"}, "多久以后看（分钟）要写一个数"),
        ({"grace_minutes": "9999"}, "最多晚多久（分钟）要在 0 到 1440 之间"),
        ({"pilot": "percent", "percent": "80"}, "先发多少（%）要在 1 到 50 之间"),
        ({"stop_percent": "0"}, "没送出的到多少就停（%）要在 1 到 100 之间"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_saved(console: Console, change, words) -> None:
    path = drafted(console)
    answer = console.post(console.signed_in("zhou"), f"{path}/rules", {**FORM, **change})
    assert answer.status_code == 422 and words in answer.text
    assert campaigns(console)[-1].rules == {}


def test_a_manager_and_another_branch_do_not_get_in(console: Console) -> None:
    path = drafted(console)
    assert console.signed_in("ma").get(f"{path}/rules").status_code == 403
    assert console.signed_in("chen").get(f"{path}/rules").status_code == 403


def test_another_choice_voids_an_approval_but_who_approves_may_choose_F12(four_eyes: Console) -> None:  # noqa: F811
    number = submitted(four_eyes)
    text = page(four_eyes, f"/console/campaigns/{number}/approval", "he")
    assert "不试，到时间全部开始" in text and "先发 1% 的导购" in text
    press(four_eyes, "he", number, "approve", version="1", pilot="percent")
    kept = campaigns(four_eyes)[-1]
    pilot = rules_of(kept).pilot
    assert kept.status == "scheduled" and pilot and (pilot.by, pilot.number) == (PilotBy.PERCENT, 1)
    client = four_eyes.signed_in("zhou")
    answer = four_eyes.post(client, f"/console/campaigns/{number}/rules", {**FORM, "pilot": ""})
    assert "批准自动作废" in page(four_eyes, answer.location)
    press(four_eyes, "zhou", number, "submit")
    assert "怎么开始和停下" in page(four_eyes, f"/console/campaigns/{number}/approval", "he")


def test_while_the_first_part_is_out_its_page_shows_it_and_lets_the_rest_go(console: Console) -> None:
    path = drafted(console)
    with console.db.write() as session:
        campaign = session.get_one(Campaign, campaigns(console)[-1].id)
        campaign.status, campaign.rules = "running", {"pilot": {"by": "percent", "by_rule": True}}
        campaign.launched_at = campaign.planned_at = campaign.pilot_at = NOON
        campaign.ends_at = NOON + timedelta(hours=8)
        for code, guide, first in (("a", "wangfang", True), ("b", "sunjiayi", False)):
            session.add(
                Task(
                    code=code,
                    campaign_id=campaign.id or 0,
                    guide_id=console.ids[guide],
                    customer_count=7,
                    pilot=first,
                    created_at=NOON,
                )  # fmt: skip
            )
    text = page(console, path)
    assert "1 位导购先发，其余 1 位等着" in text and "今天 16:32" in text
    answer = console.post(console.signed_in("zhou"), f"{path}/go_on")
    assert "其余的也开始发了。" in page(console, answer.location)
    again = console.post(console.signed_in("zhou"), f"{path}/go_on")
    assert again.status_code == 409 and "其余的已经发了" in again.text
