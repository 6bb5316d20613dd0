"""The stage on which campaigns are played, under the short names that every file here asks for."""

import pytest


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


@pytest.fixture
def stage_on_both(campaign_stage_on_both):
    return campaign_stage_on_both
