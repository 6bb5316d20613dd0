"""Many rows at once: each judged by itself, the good ones kept, and words for every bad one."""

import json

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.org import Branch, Guide, Store, renames, workbooks
from pages.api.bulk import TABLES
from tests.pages.api.conftest import CSV


def test_good_rows_are_kept_and_bad_ones_are_told_one_by_one(shop_api):
    brought = shop_api.post(
        "/stores",
        [
            {
                "code": "dl-01",
                "name": "大连友谊店",
                "branch": "northeast",
                "latitude": 38.91,
                "longitude": 121.64,
            },
            {"code": "dl-02", "name": "大连百年城店", "branch": "nowhere"},
            {"code": "dl-03", "name": "店" * 65, "branch": "northeast"},
            {"code": "dl-04", "name": "大连和平店", "branch": "northeast", "owner": "boss"},
            {"code": "dl-01", "name": "又一次", "branch": "northeast"},
            {"code": "zhongjie", "name": "沈阳中街旗舰店"},
            "not a row",
            {
                "code": "dl-05",
                "name": "大连开发区店",
                "branch": "northeast",
                "latitude": 121.64,
                "longitude": 38.91,
            },
        ],
    )
    assert (brought["rows"], brought["added"], brought["updated"], brought["unchanged"]) == (8, 1, 1, 0)
    assert [(one["row"], one["field"]) for one in brought["errors"]] == [
        (2, "branch"),
        (3, "name"),
        (4, "owner"),
        (5, "code"),
        (7, ""),
        (8, "latitude"),
    ]
    words = {one["row"]: one["words"] for one in brought["errors"]}
    assert words[2] == "没有编号是「nowhere」的分公司，请先导入分公司"
    assert words[3] == "最多 64 个字，现在 65 个"
    assert words[4] == "不认识这个字段，没有照收"
    assert words[8] == "不能大于 90.0"
    assert brought["words"] == "新增 1 行，更新 1 行，没变 0 行，有错 6 行"
    with shop_api.db.read() as session:
        names = {row.code: row.name for row in session.exec(select(Store))}
    assert names["dl-01"] == "大连友谊店"
    assert names["zhongjie"] == "沈阳中街旗舰店"
    assert "dl-04" not in names


def test_a_row_that_leaves_a_field_out_changes_it_not(shop_api):
    shop_api.post("/guides", [{"userid": "WANGFANG", "manager": True}])
    shop_api.post("/guides", [{"userid": "wangfang", "name": "王小芳"}])
    guide = shop_api.get("/guides?userid=WangFang")["items"][0]
    assert (guide["userid"], guide["name"], guide["is_manager"], guide["store"]["code"]) == (
        "wangfang",
        "王小芳",
        True,
        "zhongjie",
    )


def test_the_same_list_twice_changes_nothing(shop_api):
    rows = [{"code": "south", "name": "华南"}, {"code": "west", "name": "西部"}]
    assert shop_api.post("/branches", rows)["added"] == 2
    assert shop_api.post("/branches", rows)["unchanged"] == 2


def test_csv_of_a_table_program_is_taken_with_its_chinese_headings(shop_api):
    content = "﻿门店编号,门店名称,所属分公司,纬度,经度\r\ndl-01,大连友谊店,northeast,38.91,121.64\r\ndl-02,,northeast,,\r\n"
    brought = shop_api.post("/stores", data=content.encode(), content_type=CSV)
    assert (brought["added"], [(one["row"], one["field"]) for one in brought["errors"]]) == (
        1,
        [(3, "门店名称")],
    )


def test_a_column_that_nobody_knows_is_named_instead_of_ignored(api):
    answer = api.call("POST", "/branches", data=b"code,name,budget\na,b,1\n", content_type=CSV)
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [{"field": "budget", "words": "不认识这一列，一行都没有存"}]


def test_formulas_are_errors_of_their_row_K06(api):
    csv = b'code,name\nf1,"=HYPERLINK(""http://x"")"\n'
    brought = api.post("/branches", data=csv, content_type=CSV)
    again = api.post("/branches", [{"code": "f1", "name": '=HYPERLINK("http://x")'}])
    assert [(one["row"], one["field"]) for one in brought["errors"] + again["errors"]] == [
        (2, "name"),
        (1, "name"),
    ]
    assert "公式" in brought["errors"][0]["words"] and api.get("/branches?code=f1")["items"] == []


def test_a_workbook_and_a_table_with_sums_are_taken_as_the_console_takes_them(api):
    book = workbooks.write_workbook("门店", [["编号", "名称"], ["0081", "东北"], ["合计", "1"]])
    brought = api.post("/branches", data=book, content_type=TABLES[-1])
    assert (brought["rows"], brought["added"], brought["skipped"], brought["errors"]) == (2, 1, 1, [])
    assert api.get("/branches?code=0081")["items"][0]["name"] == "东北"


def test_a_column_that_is_missing_is_named_once(shop_api):
    csv = "门店编号,门店名称\n" + "".join(f"m{number},缺列店{number}\n" for number in range(600))
    brought = shop_api.post("/stores", data=csv.encode(), content_type=CSV)
    assert (brought["rows"], brought["added"], len(brought["errors"])) == (600, 0, 1)
    assert brought["errors"][0] == {
        "row": 1,
        "field": "分公司编号",
        "words": "没有「分公司编号」这一列，要新增的 600 行都没有存",
    }


def test_more_than_ten_thousand_rows_are_refused_whole(api):
    rows = [{"code": f"c{number}", "name": "x"} for number in range(10_001)]
    answer = api.call("POST", "/branches", json=rows)
    assert answer.status_code == 413
    assert "10,001" in answer.get_json()["detail"]
    csv = "code,name\n" + "".join(f"c{number},x\n" for number in range(10_001))
    assert api.call("POST", "/branches", data=csv.encode(), content_type=CSV).status_code == 413
    with api.db.read() as session:
        assert len(session.exec(select(Branch)).all()) == 2


def test_ten_thousand_rows_pass_in_one_call(api):
    brought = api.post(
        "/guides",
        [{"userid": f"u{number}", "name": "新人", "store": "xinjiekou"} for number in range(10_000)],
    )
    assert brought["added"] == 10_000
    with api.db.read() as session:
        assert len(session.exec(select(Guide.id)).all()) == 10_003


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{}", "application/json", 422), (b'{"rows": []}', "application/json", 422), (b"[1,", "application/json", 400),
    (b"null", "application/json", 422), (b"code,name", "text/plain", 415), (b"", CSV, 422), (b"\x00\xff\x00", CSV, 422),
    (b"[{\"code\": NaN}]", "application/json", 400),
])  # fmt: skip
def test_what_is_no_list_of_rows_is_refused(api, body, kind, status):
    answer = api.call("POST", "/branches", data=body, content_type=kind)
    assert answer.status_code == status, answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "cell", ["a\u0000b", "a\nb", "\ud800", "Å\U00094eef", "", "   ", "x" * 65, True, [], {}, 10**400]
)
def test_a_code_that_no_column_can_hold_is_an_error_of_its_row(shop_api, cell):
    body = json.dumps([{"code": cell, "name": "x"}, {"code": "fine", "name": "y"}])
    answer = shop_api.call("POST", "/branches", data=body, content_type="application/json")
    if answer.status_code == 400:  # half a character is no JSON
        assert cell == "\ud800"
        return
    brought = answer.get_json()
    assert (brought["added"], [one["row"] for one in brought["errors"]]) == (1, [1])


def test_the_same_key_gives_the_first_answer_again(shop_api):
    key = {"Idempotency-Key": "night-1"}
    rows = [{"code": "south", "name": "华南"}]
    first = shop_api.post("/branches", rows, headers=key)
    assert first["added"] == 1
    assert shop_api.post("/branches", rows, headers=key) == first
    assert shop_api.call("POST", "/branches", json=[], headers=key).status_code == 422
    with shop_api.db.read() as session:
        assert len(session.exec(select(Audit).where(Audit.verb == "import")).all()) == 1


def test_an_old_userid_means_whoever_had_it_everywhere(shop_api):
    """In a list, for a code, in a search: HQ's own books learn of a new userid last."""
    with shop_api.db.write() as session:
        wang = renames.renamed(session, "wangfang", "wang.fang", shop_api.clock())
    brought = shop_api.post("/guides", [{"userid": "WangFang", "name": "王芳芳"}])
    assert (brought["added"], brought["updated"], brought["errors"]) == (0, 1, [])
    [note] = brought["notes"]
    assert (note["row"], note["field"]) == (1, "userid")
    assert note["words"] == "「WangFang」是原来的账号，现在是「wang.fang」，记在她名下"
    [found] = shop_api.get("/guides?userid=wangfang")["items"]
    assert (found["id"], found["name"]) == (wang.id, "王芳芳")
    assert shop_api.post("/entry-codes", {"userid": "wangfang"})["guide"]["id"] == wang.id
