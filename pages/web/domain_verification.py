"""The platform's proof that a domain is ours: its small files, served at the root."""

import re
from pathlib import Path

from flask import Blueprint, Response, abort

NAME = re.compile(r"(?:WW|MP)_verify_[0-9A-Za-z]{1,64}\.txt")
MOST_BYTES = 1024


def blueprint(folder: Path) -> Blueprint:
    """Answers /WW_verify_….txt and /MP_verify_….txt from `folder`; nothing else in it can be read."""
    made = Blueprint("verify", __name__)

    @made.get("/<string:name>.txt")
    def proof(name: str) -> Response:
        path = folder / f"{name}.txt"
        if not NAME.fullmatch(path.name) or not path.is_file():
            abort(404)
        return Response(path.read_bytes()[:MOST_BYTES], mimetype="text/plain")

    return made
