"""Lists of branches, stores and guides: good rows are kept, bad ones say what is wrong."""

import json
import threading

import pytest
from sqlalchemy import event
from sqlmodel import Session, func, select

from models import org
from models.db import PIECE
from models.errors import Refused
from models.org import Branch, Guide, Store, imports
from tests import cast
from tests.cast import NOW

STORES = "编号,名称,分公司编号,地址,纬度,经度,部门\n"


def test_a_retailer_is_brought_in_from_three_lists(database):
    imports.import_bytes(database, "branches", "编号,名称\nnortheast,东北分公司\n".encode(), "周岚", NOW)
    stores = f"{STORES}zhongjie,沈阳中街店,NORTHEAST,中街路 1 号,41.8016,123.4667,21\n".encode("gb18030")
    imports.import_bytes(database, "stores", stores, "周岚", NOW)
    guides = [{"userid": "WangFang", "name": "王芳", "store": "ZHONGJIE", "manager": True}]
    done = imports.import_bytes(database, "guides", json.dumps(guides).encode(), "周岚", NOW)
    assert done.words == "新增 1 行，更新 0 行，没变 0 行，有错 0 行"
    with database.read() as session:
        guide = org.find_guide(session, "wangfang")
        store = org.store_of(session, guide)
        assert (guide.name, guide.is_manager, guide.present) == ("王芳", True, True)
        assert (store.name, store.latitude, store.department_id) == ("沈阳中街店", 41.8016, 21)
        assert session.get_one(Branch, store.branch_id).name == "东北分公司"


def test_good_rows_are_kept_and_bad_ones_say_why_K07(bring, sqlite_people):
    done = bring(
        "stores",
        STORES
        + "\n".join(
            [
                "s1,大连店,northeast,,38.9,121.6,61",
                "s2,,northeast,,,,",
                "s3,哈尔滨店,nowhere,,,,",
                "s4,长春店,northeast,,125.3,43.8,",
                "s5,吉林店,northeast,,43.8,,",
                "s6,延吉店,northeast,,北,南,",
                "s1,大连二店,northeast,,,,",
                "1.23457E+16,科学店,northeast,,,,",
                "s9,部门店,northeast,,,,一部",
                ",无编号店,northeast,,,,",
            ]
        ),
    )
    assert (done.added, len(done.errors)) == (1, 9)
    assert [f"第 {one.row} 行，{one.field}：{one.words}" for one in done.errors] == [
        "第 3 行，名称：这一格不能空着",
        "第 4 行，分公司编号：没有编号是「nowhere」的分公司，请先导入分公司",
        "第 5 行，纬度：纬度要在 −90 到 90 之间，现在是 125.3，是不是和经度写反了",
        "第 6 行，经度：纬度和经度要一起填，或者都空着",
        "第 7 行，纬度：纬度「北」不是数字，只写数字，例如 41.8016",
        "第 8 行，编号：「s1」和第 2 行重复",
        "第 9 行，编号：「1.23457E+16」是被表格软件改写过的数字，请把这一列设成文本再保存",
        "第 10 行，部门：部门编号「一部」不是整数",
        "第 11 行，编号：这一格不能空着",
    ]


def test_the_same_list_again_changes_nothing_and_empty_cells_stay(bring, sqlite_people, read):
    row = "zhongjie,沈阳中街店,northeast,沈阳市,41.8016,123.4667,21\n"
    bring("stores", STORES + row)
    assert bring("stores", STORES + row).unchanged == 1
    done = bring("stores", "code,address\nZHONGJIE,新地址\n")
    assert (done.updated, done.errors) == (1, [])
    store = read(Store, code="zhongjie")
    assert (store.name, store.address, store.latitude) == ("沈阳中街店", "新地址", 41.8016)


@pytest.mark.parametrize(
    "rows",
    [
        [{"userid": "王芳", "name": "王芳", "store": "zhongjie"}],
        [{"userid": "a" * 65, "name": "王", "store": "zhongjie"}],
        [{"userid": "new", "name": ["王"], "store": "zhongjie"}],
        [{"userid": "new", "name": "王\ud800", "store": "zhongjie"}],
        [{"userid": "new", "name": "王\n芳", "store": "zhongjie"}],
        [{"userid": "new", "name": "王\0", "store": "zhongjie"}],
        [{"userid": "new", "name": "王", "store": "zhongjie", "manager": "也许"}],
        [{"userid": True, "name": "王", "store": "zhongjie"}],
        [{"userid": "new", "name": "王"}],
        [{}],
    ],
)
def test_hostile_cells_are_row_errors_K07(bring, sqlite_people, rows):
    done = bring("guides", json.dumps(rows))
    assert (len(done.errors), done.added) == (1, 0)


def test_an_unknown_noun_is_refused(bring):
    with pytest.raises(Refused, match="branches"):
        bring("customers", "code\n1\n")


def test_a_long_list_comes_in_short_transactions(sqlite_database, sqlite_people):
    """A piece each, so that no callback waits for a whole list."""
    commits: list[object] = []
    event.listen(sqlite_database.engine, "commit", commits.append)
    rows = [
        {"userid": f"guide{number:05}", "name": f"导购{number}", "store": "zhongjie"}
        for number in range(2 * PIECE + 1)
    ]
    done = imports.import_rows(sqlite_database, "guides", rows, "周岚", NOW)
    assert (done.added, done.errors, len(commits)) == (2 * PIECE + 1, [], 3 + 1), (
        "three pieces, and the audit"
    )
    with sqlite_database.read() as session:
        assert session.exec(select(func.count()).select_from(Guide)).one() == 2 * PIECE + 1 + 4


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_guide_whom_an_event_adds_meanwhile_is_one_guide_and_her_piece_is_kept(database):
    """On SQLite nobody writes between the import's look and its rows."""
    with database.write() as session:
        cast.play(session)
    rows = [
        {"userid": f"guide{number:05}", "name": f"导购{number}", "store": "zhongjie"}
        for number in range(PIECE + 1)
    ]
    met: list[str] = []

    def meet_her_first(connection, cursor, statement, *more):
        if statement.startswith("INSERT INTO guide") and not met:
            met.append("GUIDE00007")
            with Session(database.engine) as handler:
                org.find_or_add_guide(handler, met[0], NOW)
                handler.commit()

    event.listen(database.engine, "before_cursor_execute", meet_her_first)
    done = imports.import_rows(database, "guides", [*rows, rows[0]], "周岚", NOW)
    assert met and (done.added, done.updated, done.unchanged) == (PIECE, 1, 0)
    assert [error.words for error in done.errors] == ["「guide00000」和第 1 行重复"]
    with database.read() as session:
        guide = org.find_guide(session, met[0])
        assert (guide.name, org.store_of(session, guide).code) == ("导购7", "zhongjie")


def test_a_code_with_a_character_that_nobody_can_see_is_refused_each_time(database):
    rows = [{"code": "B\U00094eef1", "name": "沈阳"}]
    for _ in range(2):
        done = imports.import_rows(database, "branches", rows, "周岚", NOW)
        assert done.added == 0 and "看不见" in done.errors[0].words


@pytest.mark.parametrize(
    ("cell", "manager"), [("是", True), ("店长", True), ("TRUE", True), ("否", False), ("0", False)]
)
def test_who_manages_a_store_is_read_as_people_write_it(bring, read, sqlite_people, cell, manager):
    bring("guides", f"账号,店长\n{cast.GAO},{'否' if manager else '是'}\n")
    assert bring("guides", f"账号,店长\n{cast.GAO},{cell}\n").updated == 1
    assert read(Guide, userid=cast.GAO).is_manager is manager


def test_an_empty_cell_about_the_manager_changes_nothing(bring, read, sqlite_people):
    assert bring("guides", f"账号,店长\n{cast.GAO},\n").unchanged == 1
    assert read(Guide, userid=cast.GAO).is_manager


@pytest.mark.parametrize("noun", ["stores", "guides"])
def test_of_two_lists_at_the_same_moment_the_second_finds_what_the_first_wrote(database, noun):
    """The same department for two stores, the same guide twice in another case."""
    with database.write() as session:
        cast.play(session)
    together, reports = threading.Barrier(2), []

    def bring(who):
        together.wait()
        for number in range(50, 70):
            row = {
                "code": f"{who}-{number}",
                "name": f"{who}店",
                "branch": "northeast",
                "department": str(number),
            }
            if noun == "guides":
                userid = f"guide{number}"
                row = {"userid": userid if who == "a" else userid.upper(), "name": who, "store": "zhongjie"}
            done = imports.import_rows(database, noun, [row], who, NOW)
            reports.append((number, done.added, [one.words for one in done.errors]))

    lists = [threading.Thread(target=bring, args=(who,)) for who in "ab"]
    for one in lists:
        one.start()
    for one in lists:
        one.join()
    assert sorted(number for number, added, _ in reports if added) == list(range(50, 70))
    if noun == "stores":
        refused = [(number, words) for number, added, words in reports if not added]
        assert len(refused) == 20
        for number, [words] in refused:
            assert f"部门 {number} 已经是「" in words
