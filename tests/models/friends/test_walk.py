"""One way through the rules leaves a step for each rule, in their order."""

from models.friends import rule_sets
from models.friends.sight import Sight
from models.friends.walk import Walk
from tests.cast import NOW, ZONE


def test_each_answer_is_a_step_and_the_one_that_hit_is_the_decision(session, sqlite_people):
    walk = Walk(Sight(session, NOW, ZONE), rule_sets.Rules(), None, sqlite_people.wang, None, None, None)
    walk.miss("code", "没有扫码")
    walk.narrow("on_shift", "留下 1 位")
    walk.hit("queue", None, "等总部指定", name="nobody")
    walk.unseen("least")
    assert [(step["rule"], step["outcome"]) for step in walk.steps] == [
        ("code", "missed"),
        ("on_shift", "narrowed"),
        ("nobody", "hit"),
        ("least", "unseen"),
    ]
    assert (walk.rule, walk.reason, walk.guide) == ("nobody", "等总部指定", None)


def test_of_the_store_those_are_left_whom_no_rule_has_taken_out(session, sqlite_people):
    walk = Walk(Sight(session, NOW, ZONE), rule_sets.Rules(), None, None, None, None, sqlite_people.zhongjie)
    assert [one.name for one in walk.those_left(sqlite_people.zhongjie)] == ["王芳", "赵倩", "高敏"]
    walk.people = walk.people[1:]
    assert walk.least_loaded(sqlite_people.zhongjie)[0].name == "赵倩"
