"""The measurements at a tiny size: each part that needs a stage runs to its end.

No time is asserted here: how fast it is, `server.py bench` says on a machine of one's own.
"""

from collections.abc import Iterator

import pytest

from models.campaigns import Campaign, CampaignStatus
from ops.bench import callbacks, doors, poster_campaign, taps, welcome
from ops.bench.report import Report
from ops.bench.stage import Campaigns, Stage, delivered
from tests.ops.bench.said import lines
from tests.waiting import until

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("stage"), 19) as running:
        yield running


def test_callbacks_are_measured_on_the_real_app_beside_the_floor(stage, capsys, monkeypatch):
    monkeypatch.setattr("ops.bench.callbacks.ROUNDS", 2)
    callbacks.measure(Report(), stage, callbacks.CallbackSize(events=20, seconds=1))
    rate, acknowledged = lines(capsys)
    assert "× 裸路由" in rate and "没被接受 0 条" in rate
    assert "活动投递中" in acknowledged and "共 50 条，没被接受 0 条" in acknowledged


def test_callbacks_are_measured_while_everybody_stands_in_the_door(stage, capsys, monkeypatch):
    monkeypatch.setattr("ops.bench.doors.PLATFORM_SECONDS", 0.5)
    doors.measure(Report(), stage, doors.DoorSize(120, 20, 2, 3, seconds=1, pause=0.1))
    form, crowded = lines(capsys)
    assert "回答 413" in form
    assert "20 条没被接受 0 条" in crowded and "120 条空连接" in crowded


def test_a_campaign_is_measured_beside_the_bare_platform(stage, capsys):
    poster_campaign.measure(Report(), stage)
    [line] = lines(capsys)
    assert "倍 · 要 0.7" in line and f"{stage.guides:,} 位导购" in line


def test_taps_are_counted_by_their_rows_and_screens_are_answered_M01(stage, capsys, monkeypatch):
    """No tap is lost (M01); what the screens cost is another machine's matter (M04)."""
    monkeypatch.setattr("ops.bench.taps.VIEWERS", 3)
    monkeypatch.setattr("ops.bench.taps.EVERY", 1.0)
    taps.measure(Report(), stage, taps.TapSize(taps=25, watched=2))
    tapped, watched = lines(capsys)
    assert "丢了 0 次" in tapped and "没被接受 0 次" in tapped
    assert "3 个屏幕" in watched and "答错 0 次" in watched


def test_welcomes_are_counted_by_the_platforms_book(stage, capsys):
    came = welcome.arrive(stage, per_second=10, seconds=1)
    assert (came.friends, came.missing, came.refused, came.twice, len(came.seconds)) == (10, 0, 0, 0, 10)
    assert came.unanswered == 0
    assert came.all_in_time
    size = welcome.WelcomeSize(
        per_second=5,
        seconds=1,
        spike=5,
        spike_seconds=1,
        search=(5,),
        search_seconds=1,
        alone_seconds=1,
        crowded_per_second=5,
        campaign_seconds=1.0,
    )
    welcome.measure(Report(), stage, size)
    friends, campaign, steady, spike, _search, crowded = lines(capsys)
    assert "处理器被占满时" in crowded and "没及时应答的回调" in crowded
    assert "没有活动" in friends and "没有新好友" in campaign
    assert "位导购的海报" in campaign and "× 单独时" in steady and "× 单独时" in spike


def test_the_next_campaign_starts_before_one_is_delivered_and_what_is_left_is_paused(stage):
    with Campaigns(stage) as under_way:
        until(lambda: len(under_way._running) >= 2)
        first, second = under_way._running[:2]
    assert delivered(stage.db, first) > stage.guides * 0.8
    with stage.db.read() as session:
        assert {session.get_one(Campaign, one).status for one in (first, second)} == {CampaignStatus.PAUSED}
    stage.settle()
