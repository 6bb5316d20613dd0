"""Styles, scripts, icons, font: hashed names, packed forms, nothing that our policy would refuse."""

import gzip
from pathlib import Path

import brotli
import pytest

import pages
from ops import build_assets
from pages.web.assets import assets, url
from tests.pages.conftest import Console


def test_every_file_is_served_under_its_content_s_name_for_ever(bare: Console) -> None:
    client = bare.stranger()
    for name, asset in assets().items():
        answer = client.get(url(name))
        assert answer.status_code == 200, name
        assert answer.data == asset.content, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_pages_need_is_there() -> None:
    assert {
        "tabler.css",
        "console.css",
        "htmx.js",
        "console.js",
        "icons.svg",
        "inter.woff2",
        "mark.svg",
        "jssdk.js",
    } <= set(assets())


def test_styles_hold_no_inline_pictures_and_name_the_font_by_its_hash() -> None:
    for name in ("tabler.css", "console.css"):
        assert b"data:" not in assets()[name].content
        assert b"sourceMappingURL" not in assets()[name].content
    assert assets()["inter.woff2"].file.encode() in assets()["console.css"].content


def test_the_build_writes_each_file_three_times_and_nothing_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "old.css").write_text("gone")
    assert build_assets.build(tmp_path) == len(assets())
    assert build_assets.build(tmp_path) == 0
    assert not (tmp_path / "old.css").exists()
    css = assets()["console.css"]
    assert brotli.decompress((tmp_path / f"{css.file}.br").read_bytes()) == css.content
    assert gzip.decompress((tmp_path / f"{css.file}.gz").read_bytes()) == css.content
    assert not (tmp_path / f"{assets()['inter.woff2'].file}.br").exists()


def test_built_files_are_served_packed(bare: Console, tmp_path: Path) -> None:
    from flask import Flask

    build_assets.build(tmp_path)
    app = Flask("built", static_folder=None)
    pages.register(app, bare.site, static_dir=tmp_path)
    answer = app.test_client().get(url("tabler.css"), headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


@pytest.mark.parametrize(
    "name", ["console.css", "../console.css", "%2e%2e/site.py", "console.000000000000.css", ""]
)
def test_only_known_files_are_served(bare: Console, name: str) -> None:
    assert bare.stranger().get(f"/assets/{name}").status_code == 404


def test_without_a_build_files_leave_packed_too(bare: Console) -> None:
    answer = bare.stranger().get(url("htmx.js"), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.data) == assets()["htmx.js"].content


def test_a_page_leaves_packed_and_says_that_it_varies(console: Console) -> None:
    answer = console.signed_in("zhou").get("/console/", headers={"Accept-Encoding": "gzip"})
    assert "今日" in gzip.decompress(answer.data).decode()
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < 15_000
