"""What a code of a sign-in tells, once."""

from tests.emulator.test_signin import code_of, go


def test_a_code_is_good_once_for_five_minutes(world, visitor, authorize):
    """J03."""
    go(visitor, f"{world.url}/phones/guide/wangfang/open?url=http://127.0.0.1/")
    first, second = (code_of(go(visitor, authorize()))["code"][0] for _ in range(2))
    assert world.call("auth/getuserinfo", code=first)["errcode"] == 0
    assert world.call("auth/getuserinfo", code=first)["errcode"] == 42022
    world.advance(301)
    assert world.call("auth/getuserinfo", code=second)["errcode"] == 42003
    assert world.call("auth/getuserinfo", code="invented")["errcode"] == 40029


def test_the_private_scope_brings_a_ticket_for_the_details(world, visitor, authorize):
    go(visitor, f"{world.url}/phones/guide/wangfang/open?url=http://127.0.0.1/")
    code = code_of(go(visitor, authorize(scope="snsapi_privateinfo")))["code"][0]
    ticket = world.call("auth/getuserinfo", code=code)["user_ticket"]
    assert world.call("auth/getuserdetail", {"user_ticket": ticket})["userid"] == "wangfang"
    assert world.call("auth/getuserdetail", {"user_ticket": "x"})["errcode"] == 40029
