"""What a browser asks for: the console (desk), guide pages (phone), public pages, the JSON API."""

from pathlib import Path

from flask import Flask
from jinja2 import FileSystemLoader

from pages.console import layout
from pages.routes import blueprints
from pages.web import (
    access,
    assets,
    csrf,
    errors,
    formatting,
    headers,
    i18n,
    input_limits,
    kept_forms,
    quotas,
)
from pages.web.site import Site, site

__all__ = ["Site", "register", "site"]


def register(app: Flask, site: Site, *, static_dir: Path | None = None) -> None:
    """Put every page of ours into `app`. `static_dir` is where `python -m ops.build_assets` wrote its files."""
    app.extensions["onetap"] = site
    app.jinja_loader = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    assets.install(app, static_dir or assets.BUILT)
    quotas.install(app, site.redis_url)
    input_limits.install_bounds(app)
    for part in (headers, csrf, kept_forms, access, input_limits, errors, i18n, formatting, layout):
        part.install(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
