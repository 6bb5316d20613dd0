"""Styles, scripts, icons and the font: from the npm packages and our own folder, under names that change with the content."""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort
from flask.typing import ResponseReturnValue
from whitenoise import WhiteNoise

from pages.web.icons import sprite

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "node_modules"
OWN = Path(__file__).parents[1] / "static"
BUILT = ROOT / "var" / "static"
PREFIX = "/assets/"
FOR_EVER = "public, max-age=31536000, immutable"
FROM_PACKAGES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "jssdk.js": "@wecom/jssdk/dist/wecom.global.prod.js",
}
INLINE_PICTURE = re.compile(rb'url\((?:"data:[^"]*"|\'data:[^\']*\'|data:[^)]*)\)')
REFERENCE = re.compile(rb'url\("?([a-z0-9_-]+\.(?:woff2|svg|jpg|png|css))"?\)')


@dataclass(frozen=True)
class Asset:
    """One file as the browser gets it."""

    name: str
    """As templates call it"""
    file: str
    """With its content's hash in it: may be cached for ever"""
    content: bytes

    @property
    def mime(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@lru_cache
def assets() -> dict[str, Asset]:
    """Every file, by the name that templates use. Files of a package that is not installed are left out."""
    found = {
        name: (PACKAGES / path).read_bytes()
        for name, path in FROM_PACKAGES.items()
        if (PACKAGES / path).is_file()
    }
    found |= {path.name: path.read_bytes() for path in sorted(OWN.iterdir()) if path.is_file()}
    found["icons.svg"] = sprite(PACKAGES / "@tabler/icons/icons/outline")
    if "tabler.css" in found:
        found["tabler.css"] = _without_inline_pictures(found["tabler.css"])
    made: dict[str, Asset] = {}
    for name in sorted(found, key=lambda name: name.endswith(".css")):  # what styles refer to comes first
        made[name] = _named(name, found[name], made)
    return made


def _named(name: str, content: bytes, others: dict[str, Asset]) -> Asset:
    if name.endswith(".css"):
        content = REFERENCE.sub(
            lambda hit: b'url("%s")' % _file_of(hit[1].decode(), others).encode(), content
        )
    stem, _, ending = name.rpartition(".")
    return Asset(name, f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content)


def _file_of(name: str, others: dict[str, Asset]) -> str:
    return others[name].file if name in others else name


def _without_inline_pictures(css: bytes) -> bytes:
    """Tabler draws arrows and ticks with data: addresses, which our policy refuses; ours are in console.css."""
    return INLINE_PICTURE.sub(b"none", css.split(b"/*# sourceMappingURL")[0])


def url(name: str) -> str:
    """The address of a file for templates; an unknown name is a mistake in the template."""
    return PREFIX + assets()[name].file if name in assets() else PREFIX + name


def install(app: Flask, built: Path) -> None:
    """Serve what `python -m ops.build_assets` wrote, if it fits this code; else the same files from their sources."""
    app.jinja_env.globals["asset"] = url
    app.add_url_rule(f"{PREFIX}<name>", "asset", serve)
    if all((built / asset.file).is_file() for asset in assets().values()):
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(built),
            prefix=PREFIX,
            immutable_file_test=lambda path, url: True,
            allow_all_origins=False,
            add_headers_function=lambda headers, path, url: headers.__setitem__(
                "X-Content-Type-Options", "nosniff"
            ),
        )


def serve(name: str) -> ResponseReturnValue:
    found = next((asset for asset in assets().values() if asset.file == name), None)
    if found is None:
        abort(404)
    return Response(found.content, mimetype=found.mime, headers={"Cache-Control": FOR_EVER})
