"""A 【测试】 from outside: sent to guides and accounts, taken back."""

from tests import cast
from tests.pages.api.conftest import NOON


def test_it_is_sent_listed_and_taken_back(shop_api):
    with shop_api.db.write() as session:
        cast.account(session, "何青", userid="HeQing", now=NOON)
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}/rehearsals"
    made = shop_api.post(path, {"guides": [shop_api.ids["wangfang"]], "userids": ["heqing"]})["items"]
    assert {one["receiver"] for one in made} == {"王芳", "何青"}
    taken = shop_api.post(f"/rehearsals/{made[0]['id']}/withdraw")
    assert taken["withdrawn_at"] and len(shop_api.get(path)["items"]) == 2


def test_nobody_and_a_stranger_are_refused(shop_api):
    path = f"/campaigns/{shop_api.post('/campaigns', shop_api.plan())['id']}/rehearsals"
    assert shop_api.post(path, {}, status=422)
    assert "没有在用的账号" in str(shop_api.post(path, {"userids": ["nobody"]}, status=422))
