"""Who works here: the first word counts, userids know no case, and a scope names whom it means."""

from datetime import timedelta

from models import org
from tests import cast
from tests.cast import NOW, WANG


def test_the_first_word_about_leaving_counts(database, guide, people):
    with database.write() as session:
        assert org.seen_gone(session, WANG.upper(), "platform_60111", NOW)
        assert not org.seen_gone(session, WANG, "sync", NOW + timedelta(hours=1))
        assert not org.seen_gone(session, "stranger", "sync", NOW)
    assert (guide().left_how, guide().left_at) == ("platform_60111", NOW)


def test_word_from_before_she_joined_does_not_end_her_job(database, guide, people):
    with database.write() as session:
        assert not org.seen_gone(session, WANG, "change_contact", NOW - timedelta(days=300))
    assert guide().present


def test_a_name_taken_by_somebody_else_is_not_given_twice(database, guide, people):
    with database.write() as session:
        assert org.renamed(session, WANG, cast.ZHAO) is None
        assert org.renamed(session, WANG, WANG.upper()).userid == WANG.upper()
    assert guide().userid == WANG.upper()


def test_a_scope_names_branches_stores_and_guides(database, people):
    with database.write() as session:
        org.seen_gone(session, cast.GAO, "sync", NOW)

        def names(branches, stores, guides):
            scope = {"branches": branches, "stores": stores, "guides": guides}
            return [one.name for one in org.guides_in_scope(session, scope)]

        assert names([], [], []) == ["王芳", "赵倩", "周梅"]
        assert names([people.northeast.id], [], []) == ["王芳", "赵倩", "周梅"]
        assert names([people.east.id], [people.taiyuanjie.id], [people.zhao.id]) == ["赵倩", "周梅"]
