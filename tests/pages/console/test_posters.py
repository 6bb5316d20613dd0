"""The poster designs: how each stands, all of them large, and what nobody can tell."""

import pytest

import posters
from tests.pages.conftest import Console, page
from tests.pages.plan_form import poster, send


def test_the_strip_says_how_each_design_stands_and_what_a_scan_does_not_tell(console: Console) -> None:
    text = page(console, "/console/materials")
    assert "还没用过" in text and "分不出扫的是哪一张" in text
    words = poster("weather", headline="下雨天，", subline="一脚蹬", occasion="天气 · 雨")
    assert send(console, console.signed_in("zhou"), do="schedule", **words).status_code == 303
    assert "11 月 20 日 起" in page(console, "/console/materials")


@pytest.mark.parametrize("design", ["weather", "artwork"])
def test_a_sample_is_drawn_for_a_guide_within_reach_and_small_in_the_strip(
    console: Console, design: str
) -> None:
    client = console.signed_in("chen")
    whole = client.get(f"/console/materials/posters/{design}.jpg")
    small = client.get(f"/console/materials/posters/{design}.jpg?small=1")
    assert whole.mimetype == "image/jpeg" and len(small.data) < len(whole.data)
    assert client.get("/console/materials/posters/gif.jpg").status_code == 404


def test_the_sheet_shows_every_design(console: Console) -> None:
    text = page(console, "/console/materials/posters")
    assert all(design.TITLE in text for design in posters.DESIGNS.values())
    assert console.signed_in("ma").get("/console/materials/posters").status_code == 403
