"""The invented retailer: the same people each time."""

from collections import Counter

from ops import sample_data


def test_the_same_seed_gives_the_same_people_and_another_one_others():
    assert sample_data.invent(seed=3, guides_per_store=2) == sample_data.invent(seed=3, guides_per_store=2)
    assert sample_data.invent(seed=3, guides_per_store=2) != sample_data.invent(seed=4, guides_per_store=2)


def test_the_people_of_the_story_are_always_there(company: sample_data.Retailer):
    names = {guide.userid: guide.name for guide in company.guides}
    assert (names["wangfang"], names["gaomin"], names["zhoumei"]) == ("王芳", "高敏", "周梅")
    friends = Counter(userid for buyer in company.customers for userid in buyer.friends_of)
    assert friends["wangfang"] >= sample_data.FRIENDS_OF_WANG
    assert "许静宜" not in {buyer.name for buyer in company.customers}, "she scans in the demo"
    managers = Counter(guide.store for guide in company.guides if guide.manager)
    assert managers == Counter(range(len(company.stores))), "one for each store"
