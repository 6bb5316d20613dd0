"""Rosters: a row is one guide on one day, and says the whole of it."""

from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from sqlmodel import select

from models.org.shifts import Shift

ROSTER = "企业微信账号,日期,休息,上班,下班,备注\n"


def days(database):
    with database.read() as session:
        return [f"{one.day:%m-%d} {one.words}" for one in session.exec(select(Shift).order_by(Shift.day))]


def test_a_roster_is_brought_in_and_the_same_again_changes_nothing(bring, sqlite_database, sqlite_people):
    rows = ROSTER + "WangFang,2026-11-19,休,,,调休\nwangfang,2026/11/20,,14:00,22:00:00,晚班\n"
    assert bring("shifts", rows).words == "新增 2 行，更新 0 行，没变 0 行，有错 0 行"
    assert bring("shifts", rows).unchanged == 2
    assert days(sqlite_database) == ["11-19 休息", "11-20 14:00 – 22:00"]


def test_a_row_without_off_and_without_hours_is_as_the_store(bring, sqlite_database, sqlite_people):
    bring("shifts", ROSTER + "wangfang,2026-11-19,是,,,\n")
    done = bring("shifts", ROSTER + "wangfang,2026-11-19,否,,,\nzhaoqian,2026-11-19,,,,\n")
    assert (done.updated, done.unchanged, days(sqlite_database)) == (1, 1, [])


def test_rows_that_cannot_be_so_say_why_K07(bring, sqlite_people):
    done = bring(
        "shifts",
        ROSTER
        + "nobody,2026-11-19,是,,,\n"
        + "wangfang,十九号,是,,,\n"
        + "wangfang,2026-02-30,是,,,\n"
        + "wangfang,2026-11-19,是,10:00,12:00,\n"
        + "wangfang,2026-11-20,,22:00,10:00,\n"
        + "wangfang,2026-11-21,是,,,\n"
        + "wangfang,20261121,是,,,\n"
        + "wangfang,,是,,,\n",
    )
    assert [(one.row, one.field, one.words) for one in done.errors] == [
        (2, "企业微信账号", "没有账号是「nobody」的导购，请先导入导购"),
        (3, "日期", "「十九号」不是日期，写成 2026-11-19 这样"),
        (4, "日期", "「2026-02-30」不是日期，写成 2026-11-19 这样"),
        (5, "休息", "休息就不写上班和下班，或者改成不休息"),
        (6, "下班", "下班要晚于上班，过了半夜才下班就写到 24:00"),
        (8, "企业微信账号", "「wangfang 2026-11-21」和第 7 行重复"),
        (9, "日期", "这一格不能空着"),
    ]


def test_days_and_times_that_a_spreadsheet_program_made_its_own_are_read(
    bring, sqlite_database, sqlite_people
):
    book = Workbook()
    for row in (["账号", "日期", "上班", "下班"], ["wangfang", datetime(2026, 11, 19), "14:00", "22:00"]):
        book.active.append(row)
    book.active["C2"] = datetime(2026, 1, 1, 14, 30).time()
    made = BytesIO()
    book.save(made)
    assert bring("shifts", made.getvalue()).added == 1
    assert days(sqlite_database) == ["11-19 14:30 – 22:00"]
