"""The stage on which campaigns are played, under the short names that every file here asks for."""

import pytest

from models.encryption import fingerprint
from models.groups import Group, GroupKind
from models.groups.robots import Robot
from tests import cast
from tests.cast import SHOP_CHAT
from tests.wecom_world import WEBHOOK


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


@pytest.fixture
def stage_on_both(campaign_stage_on_both):
    return campaign_stage_on_both


@pytest.fixture
def groups(stage):
    """The shop's own group with its robot, and a customer group of 周梅."""
    with stage.db.write() as session:
        inside = Group(
            chat_id=SHOP_CHAT, kind=GroupKind.INTERNAL, name="沈阳中街店·店内群", created_at=stage.now
        )
        cast.add(session, inside)
        outside = cast.customer_group(session, stage.people.zhou, now=stage.now)
        session.add(
            Robot(
                group_id=inside.id,
                name="总部播报",
                encrypted_key=stage.runtime.encryption.encrypt(WEBHOOK),
                key_hash=fingerprint(WEBHOOK),
                key_tail=WEBHOOK[-4:],
                created_at=stage.now,
            )
        )
        return inside, outside
