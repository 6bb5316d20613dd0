"""Who works here: a scope names whom it means."""

from models import org
from tests.cast import NOW


def test_a_scope_names_branches_stores_and_guides(database, people):
    with database.write() as session:
        session.get_one(org.Guide, people.gao.id).leave("sync", NOW)

        def names(branches, stores, guides):
            scope = {"branches": branches, "stores": stores, "guides": guides}
            return [one.name for one in org.guides_in_scope(session, scope)]

        assert names([], [], []) == ["王芳", "赵倩", "周梅"]
        assert names([people.northeast.id], [], []) == ["王芳", "赵倩", "周梅"]
        assert names([people.east.id], [people.taiyuanjie.id], [people.zhao.id]) == ["赵倩", "周梅"]
