"""The large retailer of the measurements: everybody has the friends that its size says."""

from models.db import Database
from ops.bench.launch import _select
from ops.bench.retailer import RetailerSize, planned, plant


def test_each_guide_has_as_many_friends_as_asked_for_and_nobody_two_guides(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'large.sqlite3'}")
    size = RetailerSize(guides=11, friends=4)
    plant(db, size)
    shares = _select(db, planned(db))
    db.close()
    assert sorted(map(len, shares.values())) == [4] * 11
    assert len({one for share in shares.values() for one in share}) == size.customers
