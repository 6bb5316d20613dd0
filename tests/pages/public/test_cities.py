"""The cities of the stores, as somebody looks for hers."""

from models.org import Store
from pages.public import cities


def stores(**counts: int) -> list[Store]:
    return [
        Store(code="x", name=f"{city}店", branch_id=1, city=city)
        for city, n in counts.items()
        for _ in range(n)
    ]


def test_all_cities_stand_under_the_letter_with_which_they_are_spelled():
    found = cities.by_initial(stores(沈阳=2, 重庆=1, 长春=1, 安阳=3, Paris=1))
    assert [(letter, [one.name for one in group]) for letter, group in found] == [
        ("A", ["安阳"]),
        ("C", ["长春", "重庆"]),
        ("P", ["Paris"]),
        ("S", ["沈阳"]),
    ]


def test_the_largest_stand_above_once_there_are_many():
    assert cities.largest(stores(沈阳=2, 安阳=3)) == []
    many = stores(上海=9, 北京=8, 沈阳=7, 南京=6, 杭州=5, 武汉=4, 西安=3, 长春=2, 安阳=1)
    assert [one.name for one in cities.largest(many)] == [
        "上海",
        "北京",
        "沈阳",
        "南京",
        "杭州",
        "武汉",
        "西安",
        "长春",
    ]


def test_stores_without_a_city_are_in_no_group():
    assert cities.by_initial([Store(code="x", name="店", branch_id=1)]) == []


def test_a_search_holds_every_word_also_as_it_is_spelled():
    shop = Store(code="x", name="沈阳中街店", branch_id=1, city="沈阳", address="中街路 128 号")
    for text in ("沈阳 中街", "128", "shenyang", "ShenYang 中街"):
        assert list(cities.matching([shop], text)) == [shop], text
    assert list(cities.matching([shop], "沈阳 太原")) == []
