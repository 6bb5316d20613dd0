"""The floor under the callback view: a bare Flask route that verifies, decrypts and inserts one row. Nothing of ours is in it.

It has the same web server settings and the same SQLite recipe as the program: `python -m ops.bench.floor --socket N`.
"""

import argparse
import base64
import hashlib
import os
import re
import socket

from flask import Flask, Response, request
from sqlalchemy import text
from wechatpy.work.crypto import PrpCrypto

from models.db import Database
from ops.web_server import web_server

ENCRYPT = re.compile(rb"<Encrypt><!\[CDATA\[([^\]]+)\]\]></Encrypt>")


def create_app(db: Database, token: str, aes_key: str, corp_id: str) -> Flask:
    app = Flask(__name__, static_folder=None)
    cipher = PrpCrypto(base64.b64decode(aes_key + "="))
    with db.write() as session:
        session.execute(
            text("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)")
        )

    @app.post("/callback/app")
    def take() -> Response:
        found = ENCRYPT.search(request.get_data())
        encrypt = found[1].decode() if found else ""
        query = request.args
        joined = "".join(sorted([token, query["timestamp"], query["nonce"], encrypt]))
        if hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest() != query["msg_signature"]:
            return Response("no", 400)
        plain = cipher.decrypt(encrypt, corp_id)
        row = {"key": hashlib.sha256(plain.encode()).hexdigest(), "body": plain}
        with db.write() as session:
            session.execute(text("INSERT OR IGNORE INTO event (key, body) VALUES (:key, :body)"), row)
        return Response("success", content_type="text/plain; charset=utf-8")

    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="floor", description=__doc__)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--database", required=True)
    told = parser.parse_args()
    names = ("WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_CORP_ID")
    app = create_app(Database(told.database), *(os.environ[f"ONETAP_{name}"] for name in names))
    web_server(app, socket.socket(fileno=told.socket)).run()


if __name__ == "__main__":
    main()
