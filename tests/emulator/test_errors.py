"""What the platform says when it refuses."""

from emulator.errors import Refusal, errmsg


def test_nobody_can_compare_its_words():
    """The tail is another one each time, as the platform's is: only the code may be judged."""
    first, second = (Refusal(40058, "userid").answer("10.0.0.7") for _ in range(2))
    assert first["errcode"] == second["errcode"] == 40058 and first["errmsg"] != second["errmsg"]
    assert "(userid)" in first["errmsg"] and "from ip: 10.0.0.7" in first["errmsg"]
    assert errmsg(0) == "ok"
