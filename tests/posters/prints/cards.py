"""The cards that tests print."""

from dataclasses import replace

from posters.prints import BadgeFields, CounterFields, badge, counter_card

WANG = BadgeFields(
    brand="霁野",
    name="王芳",
    role="沈阳中街店 · 导购",
    sentence="尺码、到货、改裤脚，都找我",
    number="胸牌 412",
    payload="https://work.weixin.qq.com/ca/cawcde5f1c2b3a4d5e",
)
TILL = CounterFields(
    brand="霁野",
    headline=("尺码拿不准？", "扫我问。"),
    sentence="店里的导购接，今天谁在谁接",
    place="沈阳中街店 · 收银台",
    number="码 1204",
    payload="https://onetap.example/near/Zk3vQ0w1abcdefghijkl",
)
BADGE, COUNTER = badge(WANG), counter_card(TILL)


def badges(n: int):
    """So many, each with a code of her own."""
    return [badge(replace(WANG, number=f"胸牌 {one}", payload=f"{WANG.payload}{one}")) for one in range(n)]
