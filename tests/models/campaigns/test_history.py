"""What happened in a campaign, newest first, each reminder with what it brought."""

from datetime import timedelta

from models.accounts import audit
from models.campaigns import (
    history,
    lifecycle,
)
from scheduler import jobs
from tests import cast
from tests.cast import NOW, WANG


def test_the_history_tells_decisions_numbers_and_troubles_newest_first(stage):
    stage.world.chaos({"api": "externalcontact/add_msg_template", "errcode": 45009, "times": 1})
    number = stage.plan()
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    with stage.db.read() as session:
        waiting = history.history(session, number)
    assert [moment.title for moment in waiting if moment.kind == "trouble"] == [
        "平台说这一段时间太多，已自动等待，没有丢"
    ]
    stage.tick(seconds=65)
    stage.cards_out()
    stage.do(lifecycle.remind, number)
    stage.tick(seconds=60)
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    stage.collect()
    stage.do(lifecycle.cancel, number, "陈默")
    with stage.db.read() as session:
        moments = history.history(session, number)
    titles = [moment.title for moment in moments]
    for title in ("停止", "1 人已确认", "提醒", "3 张卡片送达", "人群冻结", "开始", "排期", "新建"):
        assert title in titles, title
    assert [moment.at for moment in moments] == sorted((moment.at for moment in moments), reverse=True)
    words = {moment.title: moment.words for moment in moments}
    assert words["提醒"].startswith("周岚：提醒 3 位导购，") and words["提醒"].endswith("内多确认 1 人")
    assert words["人群冻结"].startswith("4 位导购，4 位客户") and words["1 人已确认"] == "触达 2 位客户"


def test_each_reminder_counts_who_confirmed_until_the_next(sqlite_database):
    """A reminder that helped nobody says nothing of it."""
    hour = timedelta(hours=1)
    with sqlite_database.write() as session:
        people = cast.play(session)
        campaign = cast.campaign(session)
        for at in (NOW, NOW + 3 * hour, NOW + 4 * hour):
            audit.record(session, "周岚", "campaign.remind", f"campaign:{campaign.id}", at, "提醒 3 位导购")
        for guide, after in (
            (people.wang, timedelta(seconds=40)),
            (people.zhao, 2 * hour),
            (people.gao, 4 * hour),
        ):
            cast.task(session, campaign, guide, confirmed_at=NOW + after)
        said = [one.words for one in history.history(session, campaign.id) if one.title == "提醒"]
    reminded = "周岚：提醒 3 位导购"
    assert said == [
        reminded,
        f"{reminded}，1 小时 0 分钟内多确认 1 人",
        f"{reminded}，2 小时 0 分钟内多确认 2 人",
    ]
