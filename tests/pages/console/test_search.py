"""⌘K finds names and numbers, and only within the viewer's reach."""

import pytest

from models.org import renames
from tests.pages.conftest import Console


def found(console: Console, who: str, words: str) -> str:
    page = console.signed_in(who).get("/console/search", query_string={"q": words}).get_data(as_text=True)
    return page.partition('<main id="main"')[2].partition("</form>")[2]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("雪地靴", "初雪雪地靴 · northeast"),
        ("王芳", "沈阳中街店"),
        ("WANGFANG", "王芳"),
        ("林若溪", "林若溪northeast"),
        ("wm-east", "林若溪east"),
        ("中街", "沈阳中街店"),
    ],
)
def test_every_noun_is_found_by_its_name(console: Console, words: str, what: str) -> None:
    assert what in found(console, "zhou", words)


def test_a_guide_is_found_by_the_userid_that_she_had_before(console: Console) -> None:
    with console.db.write() as session:
        renames.renamed(session, "wangfang", "wang.fang", console.clock())
    assert "王芳" in found(console, "zhou", "WangFang")


def test_a_call_is_found_by_its_number(console: Console) -> None:
    number = console.ids["delivery_east"]
    assert f"{number} · 王芳的新好友" in found(console, "zhou", str(number))
    assert "王芳的新好友" not in found(console, "chen", str(number))


@pytest.mark.parametrize(
    "words", ["雪地靴", "孙佳怡", "林若溪", "南京", "wm-east", "%", "_", "' OR 1=1 --", "9" * 40]
)
def test_nothing_of_another_branch_is_found_I01_I10(console: Console, words: str) -> None:
    page = found(console, "chen", words)
    for secret in ("· east", "孙佳怡", "林若溪east", "南京新街口店"):
        assert secret not in page.replace(words, ""), secret


def test_nothing_found_says_how_to_search(console: Console) -> None:
    assert "名字写一部分就行" in found(console, "zhou", "不存在的人")
    assert "名字写一部分就行" not in found(console, "zhou", "")
