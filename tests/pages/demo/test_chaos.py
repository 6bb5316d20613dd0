"""The switches of the demo."""

from pages.demo import chaos
from pages.demo.emulator_client import EmulatorClient
from tests.wecom_world import World


def test_switches_become_chaos_of_the_platform(world: World):
    hands = EmulatorClient(world.url)
    hands.press("/control/chaos", **chaos.chaos({"copies": True, "busy": True, "slow": True}))
    found = world.state()["chaos"]
    assert found["callbacks"]["copies"] == 3
    assert {(rule["api"], rule["errcode"], rule["delay"]) for rule in found["rules"]} >= {
        ("message/send", 45009, 0.0),
        ("externalcontact/get_groupmsg_task", None, 11),
    }
    hands.press("/control/chaos", **chaos.chaos({"copies": False}))
    assert world.state()["chaos"]["rules"] == [] and world.state()["chaos"]["callbacks"]["copies"] == 1
