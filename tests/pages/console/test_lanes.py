"""Lanes: the whole company first, then single branches, then scopes of several."""

from datetime import UTC, datetime

from models.campaigns import CampaignStatus
from models.campaigns.calendar import Block
from pages.console import lanes
from tests.pages.conftest import Console

NAMES = {1: "东北", 2: "华东"}


def block(number: int, *scope: int) -> Block:
    at = datetime(2026, 11, 19, tzinfo=UTC)
    return Block("campaign", number, f"活动{number}", "mass", CampaignStatus.DRAFT, 0, 1, at, scope, at)


def test_each_scope_has_a_lane_of_its_own(console: Console) -> None:
    with console.app.test_request_context("/console/"):
        found = lanes.lanes([block(1, 1, 2), block(2, 2), block(3), block(4, 2)], NAMES)
    assert [lane.name for lane in found] == ["全国", "东北、华东", "华东"]
    assert [len(lane.rows) for lane in found] == [1, 1, 2]
