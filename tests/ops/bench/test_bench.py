"""The measurements at a tiny size: each part runs to its end, a broken claim is told, and nothing stays behind.

No time is asserted here: how fast it is, `server.py bench` says on a machine of one's own.
"""

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.campaigns import Campaign, CampaignStatus
from ops.bench import caller, intake, memory, posters, start, suite, welcome
from ops.bench.calls import Caller, Order, post
from ops.bench.machine import cpu_seconds, family, load_words, proportional_bytes
from ops.bench.programs import BenchProgram, DidNotWork
from ops.bench.report import Report, ms, percentile, times
from ops.bench.stage import Campaigns, Stage, delivered
from settings import BadConfiguration
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
LINE = re.compile(r"^[✓✕·] .+ · 负载 \d+\.\d，\d+ 核$")


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("stage"), 19) as running:
        yield running


def lines(capsys) -> list[str]:
    printed = capsys.readouterr().out.splitlines()
    assert printed and all(LINE.match(line) for line in printed), printed
    return printed


# ---- the parts


def test_intake_runs_on_the_real_app_beside_the_floor(stage, capsys, monkeypatch):
    monkeypatch.setattr("ops.bench.intake.ROUNDS", 2)
    intake.measure(Report(), stage, intake.IntakeSize(events=20, seconds=1))
    rate, acknowledged = lines(capsys)
    assert "× 裸路由" in rate and "没被接受 0 条" in rate
    assert "活动投递中" in acknowledged and "共 50 条，没被接受 0 条" in acknowledged


def test_welcomes_are_counted_by_the_platforms_book(stage, capsys):
    came = welcome.arrive(stage, per_second=10, seconds=1)
    assert (came.friends, came.missing, came.refused, came.twice, len(came.seconds)) == (10, 0, 0, 0, 10)
    assert came.all_in_time
    size = welcome.WelcomeSize(
        per_second=5,
        seconds=1,
        spike=5,
        spike_seconds=1,
        search=(5,),
        search_seconds=1,
        alone_seconds=1,
        campaign_seconds=1.0,
    )
    welcome.measure(Report(), stage, size)
    friends, campaign, steady, spike, _search = lines(capsys)
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


def test_a_rate_says_so_many_times_another_of_the_same_run():
    assert (times(3.0, 2.0), times(3.0, 0.0)) == (1.5, math.inf)


def test_a_demo_is_watched_and_started_twice(tmp_path, capsys):
    with memory.Demo(tmp_path / "demo") as running:
        first = running.until_it_serves()
        memory.demo(Report(), running, 5)
    start.again(Report(), tmp_path / "demo", first)
    watched, started = lines(capsys)
    assert "演示全部进程合计" in watched and "第二次启动" in started


def test_failing_jobs_are_compared_with_the_brokers_own_memory(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ops.bench.memory.MOST_GROWTH", 10**12)
    memory.failing(Report(), tmp_path, memory.MemorySize(jobs=200, stub_jobs=100))
    assert lines(capsys)[0].startswith("✓ 200 个失败的任务后")


def test_posters_are_drawn_both_ways(capsys):
    posters.measure(Report(), rounds=1)
    assert "× 直接用 Pillow" in lines(capsys)[0]


# ---- verdicts


@pytest.mark.parametrize(("holds", "code", "mark"), [(True, 0, "✓"), (False, 1, "✕")])
def test_a_broken_claim_gives_exit_1_and_a_cross(capsys, monkeypatch, holds, code, mark):
    monkeypatch.setitem(suite.PARTS, "posters", lambda bench: bench.report.claim(holds, "两倍于基线"))
    assert suite.run(["posters"], quick=True) == code
    assert lines(capsys)[0].startswith(f"{mark} 两倍于基线")


def test_a_part_that_could_not_be_measured_is_a_broken_claim_and_the_next_one_runs(capsys, monkeypatch):
    def breaks(bench: suite.Bench) -> None:
        raise DidNotWork("wecom 停了")

    monkeypatch.setitem(suite.PARTS, "intake", breaks)
    monkeypatch.setitem(suite.PARTS, "posters", lambda bench: bench.report.tell("量到了"))
    assert suite.run(["intake", "posters"], quick=True) == 1
    assert [line[:1] for line in lines(capsys)] == ["✕", "·"]


def test_a_part_that_nobody_knows_is_refused_with_the_names_of_all():
    with pytest.raises(BadConfiguration, match="speed.*intake、welcome、posters、memory、failing、start"):
        suite.run(["intake", "speed"], quick=True)


def test_a_friend_who_got_nothing_or_two_breaks_the_claim():
    good = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 19.0], twice=0)
    late = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 20.5], twice=0)
    lost = welcome.FriendRush(friends=2, refused=0, seconds=[0.1], twice=0)
    doubled = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 0.2, 0.3], twice=1)
    assert [one.all_in_time for one in (good, late, lost)] == [True, False, False]
    assert (lost.missing, doubled.missing, doubled.twice) == (1, 0, 1)


def test_the_slowest_one_percent_is_left_out_and_nothing_is_infinitely_late():
    assert percentile([*range(1, 101)], 99) == 99
    assert percentile([3.0], 99) == 3.0
    assert percentile([], 99) == math.inf
    assert (ms(0.0123), ms(2.5)) == ("12.3 ms", "2.5 s")
    assert re.fullmatch(r"负载 \d+\.\d，\d+ 核", load_words())


# ---- the programs


def answer_slowly(listening: socket.socket, pauses: list[float]) -> None:
    link, _ = listening.accept()
    with link:
        for pause in pauses:
            link.recv(65536)
            time.sleep(pause)
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsucc")
            link.sendall(b"ess")


def test_an_answer_that_waited_behind_a_slow_one_is_counted_from_when_it_should_have_left(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer_slowly, args=(listening, [0.6, 0.0]), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        request = post(url, "/", b"x")
        outcome = Caller(tmp_path, url, [Order(request, 0.1), Order(request, 0.2)], connections=1).outcome()
    assert outcome.statuses == [200, 200] and outcome.refused == 0
    assert min(outcome.seconds) >= 0.45, "the second one left late, and that counts"


def test_nobody_there_is_a_refusal_not_a_crash():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = listening.getsockname()
    assert [status for *_, status in caller.call(place, [(0.0, b"x")] * 3, 2)] == [0, 0, 0]


def test_a_program_that_dies_is_told_with_its_last_words(tmp_path):
    program = BenchProgram("short", ["-c", "raise SystemExit('no such port')"], tmp_path)
    with pytest.raises(DidNotWork, match="short.*no such port"):
        program.until(lambda: False, PATIENCE, "回答")


def test_our_own_settings_do_not_reach_what_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("ONETAP_DATABASE_URL", "postgresql://real")
    code = "import os; print([key for key in os.environ if key.startswith('ONETAP_')])"
    program = BenchProgram("looks", ["-c", code], tmp_path, {"ONETAP_DEMO": "true"})
    program.running.wait(PATIENCE)
    assert program.said().strip() == "['ONETAP_DEMO']"


def test_processes_are_weighed_with_their_children(tmp_path):
    with BenchProgram("parent", ["-c", "import os, time; os.fork(); time.sleep(600)"], tmp_path) as program:
        program.until(lambda: len(family(program.pid)) == 2, PATIENCE, "孩子")
        assert family(program.pid)[0] == program.pid
        assert proportional_bytes(family(program.pid)) > proportional_bytes([program.pid]) > 100_000
        assert cpu_seconds(program.pid) >= 0
        for child in family(program.pid)[1:]:
            os.kill(child, 9)


def test_ctrl_c_leaves_no_process_and_no_folder(tmp_path):
    command = [sys.executable, "server.py", "bench", "start", "--quick"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    bench = subprocess.Popen(
        command,
        env=environment,
        cwd=Path(__file__).parents[3],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # a background shell hands down an ignored one
    until(
        lambda: (
            list(tmp_path.glob("onetap-bench-*/start/var/demo/onetap.sqlite3")) or bench.poll() is not None
        )
    )
    started = family(bench.pid)
    assert len(started) >= 2
    bench.send_signal(2)
    assert bench.wait(PATIENCE) != 0
    assert list(tmp_path.glob("onetap-bench-*")) == []
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


def test_orders_are_kept_as_bytes(tmp_path):
    """What is signed and encrypted leaves byte for byte."""
    Caller(tmp_path, "http://127.0.0.1:1", [Order(b"\x00\xff")]).stop()
    (told,) = tmp_path.glob("calls-*.json")
    assert json.loads(told.read_text())["orders"] == [[0.0, "AP8="]]
