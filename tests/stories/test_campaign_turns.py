"""A campaign does not always go straight on: HQ reminds, pauses, resumes and stops it, and each guide's phone follows."""

import pytest
from sqlmodel import select

from models.campaigns import CampaignStatus
from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast
from tests.cast import CHEN, SHOP_CHAT
from tests.stories.house import House, csrf_of
from tests.stories.plans import (
    campaign,
    in_an_hour,
    read_results,
    ready_task,
    remind,
    schedule_text,
    task_of,
    text_form,
)


@pytest.fixture(scope="module")
def shop(sqlite_house: House) -> House:
    """Everybody's friends are known."""
    sqlite_house.run_job("friends")
    return sqlite_house


def mass_assistant_of(house: House, userid: str, msgid: str) -> dict[str, object]:
    """One task in her native 群发助手."""
    shown = house.world.get(f"/phone/guide/{userid}")["mass_assistant"]
    return next(row for row in shown if row["msgid"] == msgid)


def test_only_who_has_not_confirmed_is_reminded_F15(shop: House):
    """Three times in 24 hours, and then the button says when again."""
    number = schedule_text(shop, "周末提醒")
    page = f"/console/campaigns/{number}"
    for userid in ("wangfang", "zhaoqian", "zhoumei"):
        ready_task(shop, userid, number)
        shop.until(lambda userid=userid: task_of(shop, userid, number).card_sent_at)
    shop.world.confirm("wangfang", task_of(shop, "wangfang", number).msgid)
    read_results(shop, "wangfang", number, "confirmed_at")
    assert "提醒 2 位导购" in remind(shop, number)

    def reminded() -> list[str]:
        return sorted(row["who"] for row in shop.world.ledger("remind"))

    assert shop.until(lambda: len(reminded()) >= 2 and reminded()) == ["zhaoqian", "zhoumei"]
    for turn in (2, 3):
        shop.until(lambda: not campaign(shop, number).reminding)
        remind(shop, number)
        shop.until(lambda turn=turn: len(reminded()) == 2 * turn)
    shop.until(lambda: not campaign(shop, number).reminding)
    shop.until_page(page, "24 小时内已提醒 3 次，最多 3 次")
    assert shop.office().send_form(f"{page}/remind", at="/console/settings").status_code == 409
    assert len(reminded()) == 6


def test_a_campaign_that_was_paused_starts_when_hq_lets_it_go_on(shop: House):
    number = schedule_text(shop, "先停一停", launch_at=in_an_hour(shop))
    page = f"/console/campaigns/{number}"
    shop.office().press(f"{page}/pause", at=page)
    shop.run_job("launch", hours=1, minutes=1)
    assert (
        campaign(shop, number).status == CampaignStatus.PAUSED and campaign(shop, number).launched_at is None
    )
    assert "周岚 暂停" in shop.office().page(page)
    shop.office().press(f"{page}/resume", at=page)
    assert campaign(shop, number).status != CampaignStatus.PAUSED
    shop.run_job("launch", hours=1, minutes=1)
    assert campaign(shop, number).status == CampaignStatus.RUNNING


def test_what_had_not_left_when_hq_paused_leaves_after_it_goes_on_B01(shop: House):
    """The platform is busy, so the tasks still wait in our own house."""
    shop.world.chaos({"api": "externalcontact/add_msg_template", "errcode": -1})
    number = schedule_text(shop, "忙的时候")
    page = f"/console/campaigns/{number}"
    tried = select(Outbox).where(Outbox.campaign_id == number, Outbox.attempts > 0)
    shop.until(
        lambda: shop.row(
            lambda session: session.exec(tried.where(Outbox.status == OutboxStatus.QUEUED)).all()
        )
    )
    shop.office().press(f"{page}/pause", at=page)
    shop.world.chaos()
    shop.until_page(f"/console/deliveries?campaign={number}&days=all", "活动已暂停，继续后自动发出")
    assert not task_of(shop, "zhoumei", number).msgid
    assert "接着发" in shop.office().press(f"{page}/resume", at=page)
    assert ready_task(shop, "zhoumei", number)


def test_a_campaign_that_hq_stops_disappears_from_the_mass_assistant_of_who_has_not_sent_it_F14(shop: House):
    """What she sent stays sent; what the other has not sent cannot be sent any more."""
    number = schedule_text(shop, "说停就停")
    page = f"/console/campaigns/{number}"
    sent = ready_task(shop, "zhoumei", number)
    unsent = ready_task(shop, "zhaoqian", number)
    shop.world.confirm("zhoumei", sent.msgid)
    shop.until(lambda: [row for row in shop.world.ledger("mass", who=CHEN) if sent.msgid in str(row["what"])])
    read_results(shop, "zhoumei", number, "reached")
    assert "停止后不能恢复" in shop.office().page(f"{page}/stop")
    assert "收不回来" in shop.office().press(f"{page}/cancel", at=f"{page}/stop")
    assert campaign(shop, number).status == CampaignStatus.CANCELLED
    shop.run_job("finish")
    shop.until(lambda: mass_assistant_of(shop, "zhaoqian", unsent.msgid)["cancelled"])
    with pytest.raises(AssertionError, match="已被企业取消"):
        shop.world.confirm("zhaoqian", unsent.msgid)
    assert "已发给 1 位客户" in shop.office().page(page)


def test_a_guide_who_resigned_before_it_starts_gets_no_task_F05(shop: House):
    shop.world.hire("weilan", "魏岚", cast.ZHONGJIE.department)
    shop.befriend("wmWEILANSFRIEND", "weilan", "蓝田")
    number = schedule_text(shop, "走前走后", launch_at=in_an_hour(shop))
    shop.world.leave("weilan")
    shop.until_page("/console/guides?state=left", "魏岚")
    shop.run_job("launch", hours=1, minutes=1)
    page = shop.office().page(f"/console/campaigns/{number}/tasks")
    assert "王芳" in page and "魏岚" not in page


def test_hq_corrects_a_campaign_until_it_starts_E06(shop: House):
    """Afterwards the page says so, and nothing is changed."""
    number = schedule_text(shop, "写错的名字", launch_at=in_an_hour(shop))
    page = f"/console/campaigns/{number}/edit"
    assert "写错的名字" in shop.office().page(page)
    right = text_form(shop, "改好的名字", once="corrected", launch_at=in_an_hour(shop))
    assert (
        "改好的名字" in shop.office().send_form(page, right).text
        and campaign(shop, number).name == "改好的名字"
    )
    shop.run_job("launch", hours=1, minutes=1)
    late = shop.office().send_form(
        page, right | {"name": "太晚了", "once": "late"}, at="/console/campaigns/new"
    )
    assert "改不了" in late.text and campaign(shop, number).name == "改好的名字"


def test_a_guide_takes_her_word_back_and_the_robot_counts_it_as_open(shop: House):
    """What she said she sent is not open; what she says she did not send after all is."""
    task = ready_task(shop, "zhaoqian", schedule_text(shop, "说早了"))
    phone, page = shop.guide_phone("zhaoqian"), f"{shop.url}/g/tasks/{task.code}"
    token = csrf_of(phone.get(page, timeout=20).text)
    phone.post(f"{page}/said", data={"csrf": token}, timeout=20)
    assert task_of(shop, "zhaoqian", task.campaign_id).reported_at
    phone.post(f"{page}/unsaid", data={"csrf": token}, timeout=20)
    assert task_of(shop, "zhaoqian", task.campaign_id).reported_at is None
    pointed = phone.post(f"{page}/go", data={"csrf": token}, timeout=20)
    assert pointed.url.startswith(page) and not task_of(shop, "zhaoqian", task.campaign_id).reported_at
    shop.world.say(SHOP_CHAT, "zhaoqian", "@小霁 今日任务")
    shop.until(lambda: [row for row in shop.world.ledger("robot_reply") if "赵倩，还有" in str(row["what"])])


def test_at_its_end_a_campaign_closes_and_its_page_says_so(shop: House):
    number = schedule_text(shop, "到点就收")
    task = ready_task(shop, "wangfang", number)
    shop.run_job("finish", hours=9)
    shop.until_page(f"/console/campaigns/{number}", "已结束")
    page = shop.guide_phone("wangfang").get(f"{shop.url}/g/tasks/{task.code}", timeout=20)
    assert "/said" not in page.text, "there is nothing left to tap"
