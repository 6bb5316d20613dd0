"""The bare address leads on: to the demo where this is one, in the messenger to her day, else to the console."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from pages.web import oauth
from pages.web.site import site

blueprint = Blueprint("front_door", __name__)


@blueprint.get("/")
def lead_on() -> ResponseReturnValue:
    if site().demo:
        return redirect(url_for("demo.page"))
    return redirect(url_for("guide.today" if oauth.inside_messenger() else "overview.today"))
