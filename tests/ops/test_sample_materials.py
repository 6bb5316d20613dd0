"""The library of the invented retailer: every kind, what waits for HQ, and nothing that a campaign could not take."""

from sqlalchemy import true
from sqlmodel import select

from models.kinds import MaterialKind
from models.materials import Material, MaterialStatus, fitness
from ops import sample_materials
from tests.cast import NOW


def test_it_has_every_kind_a_piece_that_waits_and_a_draft(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        sample_materials.put(session, "演示", NOW)
        pieces = session.exec(select(Material)).all()
        assert {one.kind for one in pieces} == set(MaterialKind)
        assert [one.name for one in pieces if one.status == MaterialStatus.SUBMITTED] == ["雨天防水靴"]
        assert [one.name for one in pieces if one.status == MaterialStatus.DRAFT] == ["降温提醒"]
        offered = fitness.on_offer(session, true(), NOW, 20)
        assert sample_materials.GUIDE_TO_SNOW in {one.name for one in offered} and len(offered) == 5
