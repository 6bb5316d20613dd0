"""The funnel's numbers are a recount, every loss has words, and every customer who was not reached stands in one line."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from pyroaring import FrozenBitMap
from sqlmodel import select

from models.campaigns import (
    RESULTS,
    Campaign,
    CampaignStatus,
    Result,
    Task,
    TaskAudience,
    funnel,
)
from models.campaigns.customer_history import result_of
from models.campaigns.progress import progress_of
from models.campaigns.selection import NOBODY_THIS_TIME, TOO_LONG
from models.sentences import Sentence
from tests import cast
from tests.cast import NOW


def crowd(session, people, seed=4):
    """A campaign of 120 tasks in every state that can occur, with the results that belong to it."""
    chance = random.Random(seed)
    campaign = cast.campaign(session)
    for number in range(120):
        guide = cast.add(
            session, cast.guide(f"g{number}", chance.choice([people.zhongjie, people.xinjiekou, None]))
        )
        customers = range(number * 10 + 1, number * 10 + 1 + chance.randint(1, 9))
        task = cast.task(
            session,
            campaign,
            guide,
            customer_count=len(customers),
            branch_id={people.zhongjie.id: people.northeast.id, people.xinjiekou.id: people.east.id}.get(
                guide.store_id
            ),
        )
        fate = chance.choice(
            ["skipped", "preparing", "uncarded", "carded", "opened", "said", "confirmed", "quiet"]
        )
        play_fate(session, task, fate, customers, chance)
    return campaign


def play_fate(session, task, fate, customers, chance):
    if fate in ("skipped", "preparing"):
        task.msgid, task.ready_at = "", None
        task.skipped = "她名下没有可以群发的好友" if fate == "skipped" else ""
    if fate in ("carded", "opened", "said", "confirmed", "quiet"):
        task.card_sent_at = NOW
    if fate in ("opened", "said", "confirmed"):
        task.opened_at = NOW
    if fate in ("said", "confirmed"):
        task.reported_at = NOW + timedelta(seconds=72)
    results = {
        one: Result.REFUSED
        for one in customers
        if fate not in ("skipped", "preparing") and chance.random() < 0.1
    }
    if fate in ("confirmed", "quiet"):
        task.confirmed_at = NOW
        results |= {
            one: RESULTS.get(chance.choice([0, 1, 1, 1, 2, 3])) for one in customers if one not in results
        }
    sets = {kind: FrozenBitMap(one for one, result in results.items() if result == kind) for kind in Result}
    task.reached, task.not_friend, task.limited, task.refused_count = map(len, sets.values())
    session.add(TaskAudience(task_id=task.id, members=FrozenBitMap(customers), **sets))
    session.flush()


def test_every_number_equals_a_recount(database):
    with database.write() as session:
        people = cast.play(session)
        campaign = crowd(session, people)
        seen = funnel.funnel(session, campaign.id)
        tasks = list(session.exec(select(Task).where(Task.campaign_id == campaign.id)))
        lists = {row.task_id: row for row in session.exec(select(TaskAudience))}
    assert seen.targeted == len(tasks) == 120
    assert seen.carded == sum(task.card_sent_at is not None for task in tasks)
    assert seen.opened == sum(task.opened_at is not None for task in tasks)
    assert seen.said == sum(task.reported_at is not None for task in tasks)
    assert seen.confirmed == sum(task.confirmed_at is not None for task in tasks)
    assert seen.straight == sum(bool(task.confirmed_at and not task.reported_at) for task in tasks) > 0
    assert seen.customers == sum(len(row.members) for row in lists.values())
    assert seen.reached == sum(len(row.reached) for row in lists.values())


def test_every_customer_who_was_not_reached_stands_in_exactly_one_reason(database):
    with database.write() as session:
        campaign = crowd(session, cast.play(session))
        seen = funnel.funnel(session, campaign.id)
        lists = {row.task_id: row for row in session.exec(select(TaskAudience))}
        tasks = list(session.exec(select(Task).where(Task.campaign_id == campaign.id)))
    assert sum(reason.customers for reason in seen.reasons) == seen.customers - seen.reached
    by_name = {reason.name: reason for reason in seen.reasons}
    recount = Counter()
    for task in tasks:
        for customer in lists[task.id].members:
            recount[why(task, result_of(lists[task.id], customer))] += 1
    assert {name: reason.customers for name, reason in by_name.items()} == {
        name: count for name, count in recount.items() if name != "reached"
    }
    assert by_name["unconfirmed"].next_step == "remind" and "位导购" in by_name["unconfirmed"].detail
    assert by_name["limited"].words == "本月群发已收满" and by_name["not_friend"].words == "已不是好友"


def why(task, result):
    if task.skipped:
        return "skipped"
    if not task.msgid:
        return "preparing"
    if result == "refused":
        return "unsendable"
    if not task.confirmed_at:
        return "unconfirmed"
    return result or "unknown"


def test_branches_add_up_to_the_funnel_and_those_with_most_to_do_come_first(database):
    with database.write() as session:
        campaign = crowd(session, cast.play(session))
        whole, rows = funnel.funnel(session, campaign.id), funnel.by_branch(session, campaign.id)
    assert {row.name for row in rows} == {"东北分公司", "华东分公司", "没有分公司"}
    for name in ("targeted", "carded", "opened", "said", "confirmed", "customers", "reached"):
        assert sum(getattr(row, name) for row in rows) == getattr(whole, name)
    assert [row.unconfirmed for row in rows] == sorted((row.unconfirmed for row in rows), reverse=True)


def test_each_step_says_in_words_who_was_lost_there(database):
    with database.write() as session:
        campaign = crowd(session, cast.play(session))
        lost = {one.step: one for one in funnel.funnel(session, campaign.id).lost}
        tasks = list(session.exec(select(Task).where(Task.campaign_id == campaign.id)))
    unsent = sum(bool(task.reported_at and not task.confirmed_at) for task in tasks)
    assert lost["confirmed"].words == f"{unsent} 人说发了，平台没确认" and lost["confirmed"].details == (
        "多半没点最后一下",
    )
    unopened = sum(bool(task.card_sent_at and not task.opened_at and not task.confirmed_at) for task in tasks)
    assert lost["opened"].words == f"{unopened} 人没打开"
    assert lost["said"].details == ("说了的人平均用 1 分 12 秒",)
    skipped = sum(bool(task.skipped) for task in tasks)
    assert f"{skipped} 人：她名下没有可以群发的好友" in lost["carded"].details
    assert lost["carded"].count == sum(int(detail.split(" ")[0]) for detail in lost["carded"].details)


def test_guides_without_a_task_are_counted_by_the_reason_and_not_by_a_number_of_theirs(sqlite_database):
    with sqlite_database.write() as session:
        people, campaign = cast.play(session), cast.campaign(session)
        why = [Sentence(NOBODY_THIS_TIME, n=n) for n in (22, 22, 24, 3)]
        why += [*[Sentence(TOO_LONG, size=size, most=4000) for size in (4001, 4002, 4003)], "甲", "乙", "丙"]
        for number, words in enumerate(why):
            guide = cast.add(session, cast.guide(f"g{number}", people.zhongjie))
            branch = people.east.id if number == 0 else people.northeast.id
            cast.task(session, campaign, guide, skipped=words, branch_id=branch)
        session.flush()
        whole = funnel.funnel(session, campaign.id).lost[0]
        hers = funnel.lost(session, campaign, Task.branch_id == people.east.id)[0]
    assert whole.count == 10 and whole.details[:2] == (
        "4 人：她的好友这次都不发，每位的原因在好友页",
        "3 人：填上她的门店名后正文超过平台上限",
    )
    assert len(whole.details) == 4 and whole.details[3] == "其余 2 人：原因写在每位后面"
    assert hers.details == ("1 人：她的好友这次都不发，每位的原因在好友页",), "a branch reads why as well"


@pytest.mark.parametrize("seed", range(4))
def test_the_funnel_adds_up_though_some_never_touched_their_card(sqlite_database, seed):
    """Step by step: those of the step before, without whom was lost, without whom went straight to the 群发助手."""
    with sqlite_database.write() as session:
        campaign = crowd(session, cast.play(session), seed)
        tasks = list(session.exec(select(Task).where(Task.campaign_id == campaign.id)))
        for task in tasks[::9]:  # a card that did not land, and she sent all the same
            task.card_sent_at, task.opened_at, task.reported_at = None, None, None
        for task in tasks[::10]:  # or found her page without a card
            task.card_sent_at, task.opened_at = None, NOW
        session.flush()
        seen = funnel.funnel(session, campaign.id)
        scoped = funnel.lost(session, campaign, Task.branch_id.is_not(None))
        theirs = progress_of(session, [campaign.id], Task.branch_id.is_not(None))[campaign.id]
    for it, lost in ((seen, seen.lost), (theirs, scoped)):
        steps = [it.targeted, it.carded, it.opened, it.said, it.confirmed]
        for before, after, gap in zip(steps, steps[1:-1], lost[:-1], strict=False):
            assert after == before - gap.count - gap.straight
        assert it.confirmed == it.said - lost[-1].count + lost[-1].straight
        assert lost[-1].straight == sum(gap.straight for gap in lost[:-1]) == it.straight > 0


def test_an_empty_campaign_has_an_empty_funnel(sqlite_database):
    with sqlite_database.write() as session:
        campaign = cast.campaign(session)
        seen = funnel.funnel(session, campaign.id)
        assert (seen.targeted, seen.customers, seen.reasons, funnel.by_branch(session, campaign.id)) == (
            0,
            0,
            (),
            [],
        )


def test_who_got_no_card_is_explained_by_the_platforms_own_words(stage):
    stage.world.chaos(
        {"api": "message/send", "errcode": 81013, "times": 1},
        {"api": "externalcontact/add_msg_template", "errcode": 60111, "times": 1},
    )
    number = stage.launch()
    with stage.db.read() as session:
        lost = funnel.funnel(session, number).lost[0]
    assert lost.count == 4 and lost.words == "4 人没收到", "two of them shared the message"
    assert {detail.partition("：")[2] for detail in lost.details} == {
        "接收人都不在应用的可见范围，请管理员在企业微信后台添加",
        "企业微信里没有这位员工，可能已离职",
        "她名下没有可以群发的好友",
    }


def test_a_stopped_campaign_offers_no_reminder(sqlite_database):
    with sqlite_database.write() as session:
        campaign = crowd(session, cast.play(session))
        session.get_one(Campaign, campaign.id).status = CampaignStatus.CANCELLED
        session.flush()
        reasons = {reason.name: reason for reason in funnel.funnel(session, campaign.id).reasons}
    assert reasons["unconfirmed"].next_step == "" and "活动已结束" in reasons["unconfirmed"].detail
