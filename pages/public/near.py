"""/near/CODE: a customer finds her store, by her phone's position or by its city, and the guide whom the rules show her.

Where she stands comes in the body of a form and is gone with the answer: not in an address, a cookie, a row or a log.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature
from sqlmodel import Session

from models import preferences
from models.friends import entry_codes, near
from models.friends.entry_codes import EntryCode
from models.friends.near import OfferedCode
from models.friends.shown_codes import FoundBy
from models.org import Store, opening
from models.sentences import Sentence
from pages.public import cities
from pages.web import cookies, errors, headers, input_limits, quotas
from pages.web.code_pictures import png_of, svg_of
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("near", __name__, url_prefix="/near")
COOKIE, COOKIE_LIFE = "onetap_near", timedelta(days=180)
PER_MINUTE = 240
"""Of one address: a whole shopping centre may share one"""
WINDOW = timedelta(minutes=1)
OTHERS = 2
"""Stores beside the nearest one"""
MOST_FOUND = 60
"""Stores that a list shows"""
TOO_FAST = Sentence("这会儿点的人太多，过一分钟再扫")
PERMITS = "camera=(), microphone=(), geolocation=(self)"
PHONES = re.compile(r"Mobile|Android|iPhone|iPad|MicroMessenger|HarmonyOS")


@dataclass(frozen=True)
class NearStore:
    """A store as a customer reads of it."""

    store: Store
    open: bool
    until: str
    """When it closes, while it is open; else when it opens"""
    metres: float | None = None

    @property
    def distance(self) -> str:
        """640 米; 2.1 公里; in a straight line"""
        if self.metres is None:
            return ""
        if self.metres < 995:
            return _("{n} 米", n=max(10, round(self.metres / 10) * 10))
        far = self.metres / 1000
        return _("{n} 公里", n=f"{far:.1f}" if far < 100 else f"{far:,.0f}")


@blueprint.before_request
def slow_down() -> ResponseReturnValue | None:
    """What nobody signs in for is asked for by anybody."""
    if site().demo:
        headers.allow(script_src=site().emulator_url)
    if wait := quotas.take(f"near:{request.remote_addr}", PER_MINUTE, WINDOW, site().clock()):
        return errors.come_again(TOO_FAST, wait)
    return headers.look_ahead() if request.endpoint == "near.start" else None


@blueprint.after_request
def permit(response: Response) -> Response:
    """This page alone may ask where she stands; in the demo the built-in WeCom answers for her phone."""
    response.headers["Permissions-Policy"] = PERMITS
    return response


@blueprint.get("/<state>")
def start(state: str) -> ResponseReturnValue:
    """Where the code leads: to the store where it hangs, the one of last time, the one she chose, else the list."""
    if not PHONES.search(request.user_agent.string) and not request.args:
        return _desk(state)
    chosen = request.args.get("store", 0, type=input_limits.number)
    with site().db.read() as session:
        code = _code(session, state)
        stores = near.stores_of(session, code)
    by_id = {one.id: one for one in stores}
    again_store, again_guide = _remembered(code)
    if chosen in by_id:
        return _shop(code, by_id[chosen], FoundBy.CITY, stores, before=again_guide)
    if "city" in request.args or "q" in request.args:
        return _list(code, stores)
    if code.store_id in by_id:
        return _shop(code, by_id[code.store_id], FoundBy.CODE, stores, before=again_guide)
    if again_store in by_id:
        return _shop(code, by_id[again_store], FoundBy.AGAIN, stores, before=again_guide)
    return _list(code, stores, asks=True)


@blueprint.post("/<state>")
def here(state: str) -> ResponseReturnValue:
    """Her phone told where she stands: the nearest store, and the next ones."""
    place = _place()
    with site().db.read() as session:
        code = _code(session, state)
        found = near.stores_on_map(session, code).nearest(*place, 1 + OTHERS) if place else []
        nearest = [session.get_one(Store, one.store_id) for one in found]
        reach = near.reach(session, nearest[0]) if nearest else None
        far = [(nearest[0], found[0].metres)] if reach is not None and found[0].metres > reach else []
        stores = near.stores_of(session, code) if far or not found else []
    if far or not found:
        return _list(code, stores, far=far)
    metres, (_store, guide) = {one.store_id: one.metres for one in found}, _remembered(code)
    return _shop(code, nearest[0], FoundBy.POSITION, nearest[1:], metres=metres, before=guide)


@blueprint.get("/<state>/<shown>.png")
def picture(state: str, shown: str) -> ResponseReturnValue:
    """The code that she was shown, drawn by us."""
    with site().db.read() as session:
        code, hers = _code(session, state), entry_codes.find(session, shown)
    if hers is None or not hers.payload or hers.via_id not in (None, code.id):
        abort(404)
    answer = Response(png_of(hers.payload), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer


@blueprint.get("/<state>/address.svg")
def address(state: str) -> ResponseReturnValue:
    """The page's own address, for whoever opened it at a desk."""
    with site().db.read() as session:
        code = _code(session, state)
    return Response(svg_of(code.says(site().public_url)), mimetype="image/svg+xml")


def _code(session: Session, state: str) -> EntryCode:
    return near.find(session, state) or abort(404, _("这个码认不出来。请在店里问一声，或者换一个码扫"))


def _place() -> tuple[float, float] | None:
    """Degrees, as her browser told them; None for what is no place on earth."""
    try:
        latitude, longitude = (float(request.form.get(name, "")) for name in ("latitude", "longitude"))
    except ValueError:
        return None
    inside = math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if inside else None


# ---- the pages


def _desk(state: str) -> ResponseReturnValue:
    with site().db.read() as session:
        code = _code(session, state)
        brand = preferences.read(session).name
    return render_template("public/desk.html", code=code, brand=brand, says=code.says(site().public_url))


def _list(
    code: EntryCode,
    stores: Sequence[Store],
    *,
    asks: bool = False,
    far: Sequence[tuple[Store, float]] = (),
) -> ResponseReturnValue:
    """Cities, the stores of one, or what a search finds. `asks`: a script may ask for her position first.

    far: the nearest store, where the rules call it too far away to be hers; she may choose it all the same.
    """
    city, text = request.args.get("city", "")[:32], request.args.get("q", "").strip()[:40]
    found = [one for one in stores if one.city == city] if city else []
    found = list(cities.matching(stores, text)) if text else found
    placeless = [] if city or text else [one for one in stores if not one.city]
    with site().db.read() as session:
        brand = preferences.read(session)
        lines = [_line(one, brand) for one in (found or placeless)[:MOST_FOUND]]
        distant = [_line(one, brand, metres) for one, metres in far]
    return render_template(
        "public/near_list.html",
        code=code,
        brand=brand.name,
        asks=asks,
        distant=distant,
        city=city,
        text=text,
        lines=lines,
        more=max(0, len(found or placeless) - MOST_FOUND),
        total=len(stores),
        largest=cities.largest(stores),
        groups=(groups := cities.by_initial(stores)),
        cities_n=sum(len(found) for _letter, found in groups),
    )


def _shop(
    code: EntryCode,
    store: Store,
    found_by: FoundBy,
    others: Sequence[Store],
    *,
    metres: dict[int, float] | None = None,
    before: int = 0,
) -> ResponseReturnValue:
    """The store, and whose code it is that she may add."""
    now, far = site().clock(), metres or {}
    with site().db.write() as session:
        brand = preferences.read(session)
        shown = near.show(session, code, store, found_by, now, site().zone, before=before)
    rest = [one for one in others if one.id != store.id and (metres or one.city == store.city)][:OTHERS]
    page = render_template(
        "public/near.html",
        code=code,
        brand=brand.name,
        line=_line(store, brand, far.get(store.id or 0)),
        others=[_line(one, brand, far.get(one.id or 0)) for one in rest],
        shown=shown,
        found_by=found_by,
    )
    answer = make_response(page)
    if shown is not None:
        _remember(answer, code, store, shown)
    return answer


def _line(store: Store, brand: preferences.Preferences, metres: float | None = None) -> NearStore:
    opens, closes = store.opens or brand.opens, store.closes or brand.closes
    is_open = opening.hours(opens, closes).open_at(site().clock(), site().zone)
    return NearStore(store, is_open, closes if is_open else opens, metres)


# ---- who comes again sees the same guide


def _remember(answer: Response, code: EntryCode, store: Store, shown: OfferedCode) -> None:
    """A cookie of ours, for this code: which store and which guide. Nothing about her, and nothing about where she is."""
    kept = {"code": code.id, "store": store.id, "guide": shown.guide.id}
    cookies.keep(answer, COOKIE, cookies.signer("near").dumps(kept), COOKIE_LIFE)


def _remembered(code: EntryCode) -> tuple[int, int]:
    """(store, guide) that this browser was shown behind this code; zeros for a new one."""
    try:
        kept = cookies.signer("near").loads(
            request.cookies.get(COOKIE, ""), max_age=int(COOKIE_LIFE.total_seconds())
        )
        return (int(kept["store"]), int(kept["guide"])) if kept["code"] == code.id else (0, 0)
    except (BadSignature, KeyError, TypeError, ValueError):
        return 0, 0
