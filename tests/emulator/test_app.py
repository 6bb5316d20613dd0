"""The program as a process: its line, its memory, what survives a restart, and a busy evening."""

import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from emulator.company import BadCorp, Corp
from tests.waiting import PATIENCE
from tests.wecom_world import World, corp

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(*more):
        path = tmp_path / "corp.json"
        path.write_text(json.dumps(corp("http://127.0.0.1:9")), encoding="utf-8")
        command = [sys.executable, "-m", "emulator", "--corp", str(path), *more]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        line = process.stdout.readline()
        return process, re.fullmatch(r"emulator listening on (http://127\.0\.0\.1:\d+)\n", line)[1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_it_says_where_it_listens_stays_small_and_leaves_cleanly(start):
    process, url = start()
    assert requests.get(url + "/control/state", timeout=20).json()["counts"]["member"] == 4
    memory = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])
    assert memory < 60 * 1024
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_what_was_done_survives_a_restart(start, tmp_path):
    path = str(tmp_path / "state.sqlite3")
    process, url = start("--state", path)
    requests.post(url + "/control/clock", json={"offset_seconds": 60}, timeout=20)
    query = {"corpid": corp()["corp_id"], "corpsecret": corp()["app"]["secret"]}
    token = requests.get(url + "/cgi-bin/gettoken", params=query, timeout=20).json()["access_token"]
    way = requests.post(
        url + "/cgi-bin/externalcontact/add_contact_way",
        params={"access_token": token},
        timeout=20,
        json={"type": 1, "scene": 2, "user": ["wangfang"]},
    ).json()
    process.kill()
    process.wait()
    _, url = start("--state", path)
    state = requests.get(url + "/control/state", timeout=20).json()
    assert [row["config_id"] for row in state["contact_ways"]] == [way["config_id"]]
    assert state["offset_seconds"] == 60
    again = requests.get(url + "/cgi-bin/getcallbackip", params={"access_token": token}, timeout=20).json()
    assert again["errcode"] == 0


def test_a_corp_that_cannot_be_read_ends_with_one_line(tmp_path):
    path = tmp_path / "corp.json"
    path.write_text('{"corp_id": "ww1"}')
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "--corp", str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "emulator: CORP.json lacks 'app'\n"


def test_a_short_key_is_refused():
    content = corp()
    content["robot"]["aes_key"] = "short"
    with pytest.raises(BadCorp, match="43"):
        Corp.of(content)


def test_reset_brings_back_the_first_day(world, way):
    way("wangfang")
    world.leave("zhoumei")
    world.advance(100)
    world.reset()
    state = world.state()
    assert (state["contact_ways"], state["offset_seconds"], world.ledger()) == ([], 0.0, [])
    assert {row["userid"] for row in state["members"] if not row["left_at"]} == {
        "gaomin",
        "wangfang",
        "zhaoqian",
        "zhoumei",
    }


def test_a_busy_evening_of_scans_welcomes_and_callbacks(receiver):
    """Four doors at once; every friend gets one event and one welcome."""
    with World(receiver.content) as world:
        made = world.call(
            "externalcontact/add_contact_way", {"type": 2, "scene": 2, "user": ["wangfang", "zhaoqian"]}
        )
        token = world.token()

        def evening(door: int) -> None:
            with requests.Session() as session:
                for n in range(25):
                    answer = session.post(
                        f"{world.url}/phone/customer/wm{door}-{n}/scan",
                        timeout=20,
                        json={"config_id": made["config_id"], "name": "客"},
                    ).json()
                    session.post(
                        world.api_url + "externalcontact/send_welcome_msg",
                        params={"access_token": token},
                        timeout=20,
                        json={"welcome_code": answer["welcome_code"], "text": {"content": "hi"}},
                    )

        threads = [threading.Thread(target=evening, args=(door,)) for door in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(receiver.wait(100)) == 100
        assert len({row["who"] for row in world.ledger("welcome")}) == len(world.ledger("welcome")) == 100
