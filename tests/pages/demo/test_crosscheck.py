"""Both books agree, or it is said where they do not."""

from pages.demo.crosscheck import CheckLine, Proof


def test_both_sides_agree_only_when_every_counter_does():
    good, bad = (
        CheckLine("好友 {number} 位", 2, 2),
        CheckLine("群发触达 {number} 位客户", 87, 0, waiting="等下一次读结果"),
    )
    assert Proof((good,)).said() == "两边对得上：好友 2 位"
    assert not Proof((good, bad)).agree
    assert Proof((good, bad)).said() == "还在对：群发触达 平台 87、我们 0 位客户，等下一次读结果"
    assert Proof((CheckLine("好友 {number} 位", 0, 0),)).said() == "两边都还没有数字"


def test_an_unknown_outcome_may_be_on_either_side_and_is_said():
    assert (
        CheckLine("欢迎语 {number} 条", 3, 2, unknown=1).agree
        and CheckLine("欢迎语 {number} 条", 2, 2, unknown=1).agree
    )
    assert not CheckLine("欢迎语 {number} 条", 4, 2, unknown=1).agree
    assert "结果不明，没有重发" in CheckLine("欢迎语 {number} 条", 3, 2, unknown=1).said()
