"""审批 in the console: the form submits, the page compares and counts, HQ says yes or no, a branch reads the answer."""

from typing import Any

import pytest
from sqlmodel import select

from models.campaigns import Campaign
from tests import cast
from tests.pages.conftest import HASHED, NOON, Console, page
from tests.pages.plan_form import campaigns, poster, send


@pytest.fixture
def four_eyes(console: Console) -> Console:
    """He Qing is a second person of HQ."""
    with console.db.write() as session:
        he = cast.account(session, "何青", login="he", password_hash=HASHED, now=NOON)
        console.ids["he"] = he.id or 0
    return console


def submitted(console: Console, who: str = "zhou", **changes: Any) -> int:
    before = {one.id for one in campaigns(console)}
    answer = send(console, console.signed_in(who), do="submit", **changes)
    assert answer.status_code == 303, answer.text
    assert "已提交，等总部审批" in page(console, answer.location, who)
    return next(one.id or 0 for one in campaigns(console) if one.id not in before)


def press(console: Console, who: str, number: int, verb: str, **data: str) -> Any:
    return console.post(console.signed_in(who), f"/console/campaigns/{number}/{verb}", data)


def status(console: Console, number: int) -> str:
    return next(str(one.status) for one in campaigns(console) if one.id == number)


def test_the_form_offers_to_submit_where_somebody_else_can_approve(four_eyes: Console) -> None:
    text = page(four_eyes, "/console/campaigns/new")
    assert 'name="asks" value="1"' in text and "提交后由总部没写过它的人批" in text


def test_one_person_of_hq_alone_schedules_as_before_and_is_told_why(console: Console) -> None:
    assert 'name="asks" value="0"' in page(console, "/console/campaigns/new")
    assert send(console, console.signed_in("zhou"), do="save").status_code == 303
    number = campaigns(console)[-1].id
    assert "没有第二个人能批，所以不用审批" in page(console, f"/console/campaigns/{number}")


def test_who_submitted_reads_why_she_cannot_approve_and_somebody_else_can_F12(four_eyes: Console) -> None:
    number = submitted(four_eyes)
    path = f"/console/campaigns/{number}/approval"
    hers, others = page(four_eyes, path), page(four_eyes, path, "he")
    assert "你自己提交的，要请总部另一位来批" in hers and "批准，到时间发给" not in hers
    assert "周岚提交，提交的人不能自己批" in others and "批准，到时间发给 " in others
    assert "会触达" in others and "第一次提交" in others
    english = four_eyes.signed_in("he")
    english.set_cookie("onetap_language", "en")
    assert "其余的" not in (said := english.get(path).get_data(as_text=True)) and "位导购，" not in said
    assert press(four_eyes, "zhou", number, "approve", version="1").status_code == 409
    answer = press(four_eyes, "he", number, "approve", version="1")
    assert "已批准，明天 10:00 自动开始。" in page(four_eyes, answer.location)
    assert status(four_eyes, number) == "scheduled"
    assert "何青审批 · 内容第 1 版" in page(four_eyes, f"/console/campaigns/{number}")


def test_whoever_approves_sees_every_attachment_as_customers_get_it(four_eyes: Console) -> None:
    link = {"form": "link", "url": "https://shop.example/boots", "title": "雪地靴全系列"}
    inputs = {f"attachments.1.{name}": value for name, value in link.items()}
    number = submitted(four_eyes, **poster(headline="初雪"), **inputs)
    text = page(four_eyes, f"/console/campaigns/{number}/approval", "he")
    assert f'src="/console/campaigns/{number}/posters/' in text and "<b>雪地靴全系列</b>" in text


def test_the_next_version_is_shown_against_the_one_that_was_approved(four_eyes: Console) -> None:
    number = submitted(four_eyes)
    press(four_eyes, "he", number, "approve", version="1")
    client = four_eyes.signed_in("zhou")
    changed = {"text": "刚到的雪地靴，来{门店名}找我。", "ends_at": "2026-11-20T19:00"}
    answer = send(four_eyes, client, path=f"/console/campaigns/{number}/edit", do="save", **changed)
    assert "批准自动作废，要重新提交" in page(four_eyes, answer.location)
    assert press(four_eyes, "zhou", number, "submit").status_code == 303
    text = page(four_eyes, f"/console/campaigns/{number}/approval", "he")
    assert "<del>新</del><ins>刚</ins>到的雪地靴" in text and "明天 18:00" in text and "明天 19:00" in text
    assert "第 1 版何青在 11 月 19 日 批过，改了 2 处" in text
    assert "没动的：活动名、怎么发" in text


def test_what_is_given_back_says_why_to_the_branch_that_wrote_it(four_eyes: Console) -> None:
    number = submitted(four_eyes, "chen")
    assert "等审批" in page(four_eyes, "/console/") and "等审批" not in page(four_eyes, "/console/", "chen")
    assert press(four_eyes, "chen", number, "approve", version="1").status_code == 403
    empty = press(four_eyes, "zhou", number, "return", reason=" ")
    assert empty.status_code == 422 and "请写退回的原因" in empty.text
    press(four_eyes, "zhou", number, "return", reason="<b>价格</b>写错了")
    assert status(four_eyes, number) == "draft"
    text = page(four_eyes, f"/console/campaigns/{number}", "chen")
    assert "周岚退回：&lt;b&gt;价格&lt;/b&gt;写错了" in text and "提交审批" in text


def test_an_approval_is_taken_back_before_the_start(four_eyes: Console) -> None:
    number = submitted(four_eyes)
    press(four_eyes, "he", number, "approve", version="1")
    assert "收回批准，写原因" in page(four_eyes, f"/console/campaigns/{number}/approval")
    press(four_eyes, "zhou", number, "return", reason="活动推迟")
    assert status(four_eyes, number) == "draft"


def test_settings_turn_approval_off(four_eyes: Console) -> None:
    text = page(four_eyes, "/console/settings")
    assert "活动要审批" in text
    client = four_eyes.signed_in("zhou")
    assert four_eyes.post(client, "/console/settings", {"approval": "no"}).status_code == 303
    assert send(four_eyes, client, do="schedule").status_code == 303
    with four_eyes.db.read() as session:
        newest = session.exec(select(Campaign).order_by(Campaign.id.desc())).first()  # type: ignore[union-attr]
        assert newest and newest.status == "scheduled"
