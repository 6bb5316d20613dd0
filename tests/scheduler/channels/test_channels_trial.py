"""A new channel is its descriptor, sender, limits and API: with these it leaves, waits, is held to them and is told."""

import sys
from datetime import timedelta
from types import ModuleType

import pytest

from emulator.api import APIS
from models.campaigns import audience, fields
from models.campaigns.fields import CampaignFields
from models.ledger.campaign_use import CampaignUse
from models.ledger.channels import CHANNELS, CUSTOMERS, PER_MEMBER, REPEAT, Channel
from models.ledger.outbox import DUPLICATE_SECONDS, OutboxStatus
from scheduler import channels
from scheduler.channels.base import Draft, Plain, check
from tests.cast import NOW
from tests.source import ROOT, files
from wecom import limits
from wecom.endpoints import ENDPOINTS, Endpoint
from wecom.limits import ChannelLimits, Limit

TRIAL = Channel(
    name="trial",
    label="试发",
    about="a line to a guide, which only this test has",
    verb="试着发一句",
    api="trial/send",
    to=CUSTOMERS,
    lane="quick",
    priority=25,
    on_unknown=REPEAT,
    rate=PER_MEMBER,
    waiting="试发要慢慢来",
    limits=("trial",),
    word="试发",
    campaign=CampaignUse("导购看一眼", "位客户", "touser"),
)


class Trial(Plain):
    """What the new file in scheduler/channels/ would hold."""

    name = "trial"

    def build(self, runtime, session, row, now):
        content = {"text": row.payload["text"], "touser": ["wangfang"]}
        check("trial", content)
        body = {"touser": "wangfang", "msgtype": "text", "text": {"content": content["text"]}}
        checked = {"enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_SECONDS}
        return Draft({**body, **checked, "agentid": runtime.agent_id}, {"kept": "for us"})


@pytest.fixture
def trial(monkeypatch):
    """The channel in exactly the places that CONTRIBUTING names."""
    module = ModuleType("scheduler.channels.trial")
    module.SENDER = Trial()
    fields = (Limit("text", "正文", "characters", 5, required=True), Limit("touser", "导购", "count", 2))
    monkeypatch.setitem(CHANNELS, "trial", TRIAL)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(limits.CHANNELS, "trial", ChannelLimits(fields))
    monkeypatch.setitem(ENDPOINTS, "trial/send", Endpoint("POST", effect=True))
    # the built-in WeCom answers it as it answers a line in the app's chat
    monkeypatch.setitem(APIS, "trial/send", APIS["message/send"])
    monkeypatch.setitem(channels.SENDERS, "trial", channels.sender("trial"))


def test_it_leaves_with_its_notes_kept_apart(trial, sqlite_stage):
    stage = sqlite_stage
    row = stage.deliver(stage.put("trial", guide_id=stage.cast.wang.id, payload={"text": "早上好"}))
    assert (row.status, row.lane, row.priority, row.notes) == (
        OutboxStatus.SENT,
        "quick",
        25,
        {"kept": "for us"},
    )
    assert stage.world.ledger("notice")[0]["what"]["text"] == {"content": "早上好"}
    assert "kept" not in str(stage.calls("trial/send"))


def test_it_is_held_to_its_limits(trial, sqlite_stage):
    row = sqlite_stage.deliver(sqlite_stage.put("trial", payload={"text": "早上好，大家"}))
    assert (row.status, row.reason) == (OutboxStatus.NOT_SENT, "正文 6 个字，平台上限 5 个字，请删去 1 个字")
    assert sqlite_stage.calls("trial/send") == []


def test_it_waits_at_its_rate_with_its_own_words(trial, sqlite_stage):
    stage = sqlite_stage
    for _ in range(30):
        stage.runtime.rate_limits.take(PER_MEMBER, str(stage.cast.wang.id), stage.now)
    row = stage.deliver(stage.put("trial", guide_id=stage.cast.wang.id, payload={"text": "早上好"}))
    assert (row.status, row.reason) == (OutboxStatus.QUEUED, "试发要慢慢来")


def test_a_lost_answer_is_treated_as_it_declares(trial, sqlite_stage):
    stage = sqlite_stage
    stage.world.chaos({"api": "trial/send", "reset": "after", "times": 1})
    row = stage.deliver(stage.put("trial", guide_id=stage.cast.wang.id, payload={"text": "早上好"}))
    assert (row.status, "平台会去掉重复" in row.reason) == (OutboxStatus.QUEUED, True)
    stage.clock.move(seconds=10)
    assert stage.deliver(row.id).status == OutboxStatus.SENT
    assert len(stage.world.ledger("notice")) == 1


def test_hq_may_choose_it_for_a_campaign(trial, sqlite_stage):
    plan = {"name": "初雪", "text": "雪", "launch_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    chosen, nowhere = (CampaignFields(**plan, channel=name) for name in ("trial", "nothing"))
    with sqlite_stage.db.read() as session:
        assert (fields.complaints(session, chosen, NOW), chosen.way) == ({}, TRIAL)
        assert "channel" in fields.complaints(session, nowhere, NOW)
    assert audience.parts("trial", 5) == 3


def test_a_channels_name_stands_in_no_other_file():
    """Counted for one whose name means nothing else; migrations are history, the built-in WeCom has words of its own."""
    apart = {"tests", "emulator", "versions"}
    sources = [path for path in files(".py", ".html") if not apart & {*path.relative_to(ROOT).parts}]
    assert [str(path.relative_to(ROOT)) for path in sources if "group_mass" in path.read_text()] == [
        "models/ledger/channels.py",
        "scheduler/channels/group_mass.py",
        "wecom/limits.py",
    ]
