"""今日: is everything in time, does it grow, do the guides act, and what only a person can solve."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from pages import gates

blueprint = Blueprint("overview", __name__, url_prefix="/console")


@blueprint.get("/")
@gates.staff
def today() -> ResponseReturnValue:
    return render_template("console/today.html")
