"""A price or a coupon makes a piece a deal, whatever it is called."""

import pytest

from models.campaigns.attachments import Attachment
from models.materials.price import sells
from tests import cast


@pytest.mark.parametrize(
    "text",
    [
        "周末 ¥259，来试",
        "￥ 99 起",
        "只要 199 元",
        "全场 8 折",
        "第二件 5.5折",
        "送您一张券",
        "满 500 减 50",
        "立减",
    ],
)
def test_whoever_names_a_price_or_a_coupon_wants_to_sell(text):
    assert sells(text, [])
    assert sells("", [Attachment(form="link", url="https://a.example", title=text)])


@pytest.mark.parametrize(
    "text", ["36 – 44 码都有", "零下 25 ℃ 站一小时", "11 月 20 日会员日", "打不打折看天气？不打"]
)
def test_sizes_dates_and_degrees_are_no_prices(text):
    assert not sells(text, [])


def test_a_price_on_the_poster_counts_too():
    poster = [Attachment.model_validate(one) for one in cast.poster(headline="初雪", price="699")]
    assert sells("", poster) and not sells("", [Attachment(form="poster", words={"headline": "初雪"})])
