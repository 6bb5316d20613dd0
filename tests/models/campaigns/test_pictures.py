"""Pictures are stored once, and a poster's content names it."""

from sqlmodel import func, select

from models.campaigns import pictures
from models.campaigns.pictures import Picture
from tests import cast
from tests.cast import NOW
from tests.wecom.failures import at_once


def keep(session, sha256="a" * 64, name="雪地靴.jpg") -> Picture:
    return pictures.keep_picture(
        session, sha256=sha256, name=name, width=750, height=1000, content=b"bytes", now=NOW
    )


def test_the_same_bytes_are_stored_once(sqlite_database):
    with sqlite_database.write() as session:
        assert keep(session).id == keep(session, name="副本.jpg").id != keep(session, "b" * 64).id
        assert session.exec(select(func.count()).select_from(Picture)).one() == 2


def test_bytes_that_were_uploaded_twice_at_the_same_moment_have_one_id(database):
    for number in range(20):
        digest, ids = f"sha{number}", ["MEDIA0", "MEDIA1", "MEDIA2", "MEDIA3"]
        left = iter(ids)
        failed = at_once(
            4,
            lambda digest=digest, left=left: database.run(
                lambda session: pictures.remember_media(session, {(digest, "image"): next(left)}, NOW)
            ),
        )
        assert failed == [None] * 4
        with database.read() as session:
            assert pictures.known_media(session, digest, "image", NOW) in ids


def test_bytes_that_are_uploaded_anew_have_the_new_id(sqlite_database):
    with sqlite_database.write() as session:
        for media_id in ("OLD", "NEW"):
            pictures.remember_media(session, {("a" * 64, "image"): media_id}, NOW)
            assert pictures.known_media(session, "a" * 64, "image", NOW) == media_id


def test_a_guide_without_a_code_of_her_own_has_no_poster(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        cast.ready_code(session, store=sqlite_people.zhongjie)
        poster = cast.campaign(session, attachments=cast.poster()).own_poster
        assert pictures.poster_plan(session, poster, sqlite_people.wang, sqlite_people.zhongjie) is None


def test_a_login_name_is_on_no_poster_F17(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        guide = session.merge(sqlite_people.wang)
        cast.ready_code(session, guide=guide)
        guide.name = guide.userid
        poster = cast.campaign(session, attachments=cast.poster()).own_poster
        person = pictures.poster_plan(session, poster, guide, sqlite_people.zhongjie).person
        assert (person["name"], person["store"]) == ("沈阳中街店", "霁野")


def test_equal_posters_share_a_key_and_every_guides_own_differs(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for guide in (sqlite_people.wang, sqlite_people.zhao):
            cast.ready_code(session, guide=guide)
        words = {"headline": "初雪", "sentence": "来店里试试"}
        attached = cast.poster(picture_id=keep(session).id, **words)
        poster = cast.campaign(session, attachments=attached).own_poster
        first, again = (
            pictures.poster_plan(session, poster, sqlite_people.wang, sqlite_people.zhongjie)
            for _ in range(2)
        )
        other = pictures.poster_plan(session, poster, sqlite_people.zhao, sqlite_people.zhongjie)
        assert first.key == again.key != other.key
        assert first.person == {
            "name": "王芳",
            "store": "霁野 · 沈阳中街店",
            "sentence": "来店里试试",
            "code": "https://work.weixin.qq.com/ca/stwangfang1",
        }
        poster.words = {**words, "headline": "大雪"}
        assert (
            pictures.poster_plan(session, poster, sqlite_people.wang, sqlite_people.zhongjie).key != first.key
        )
