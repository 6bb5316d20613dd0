"""Callback views on a real database, a clock that tests move, and the platform that calls them."""

import pytest
from flask import Flask
from sqlmodel import select

from handlers import callback, registry
from models.ledger import inbox
from models.ledger.inbox import Inbox
from tests import cast
from tests.handlers.platform import Clock, Platform, robot_message
from tests.wecom import second_crypto
from wecom.callbacks import KeyRing

PAIRS = [(second_crypto.TOKEN, second_crypto.AES_KEY)]


@pytest.fixture
def clock():
    return Clock(cast.NOW)


@pytest.fixture
def receiver(database, clock):
    rings = {
        "app": KeyRing(PAIRS, cast.CORP_ID),
        "contacts": KeyRing(PAIRS, cast.CORP_ID),
        "robot": KeyRing(PAIRS, ""),
    }
    return callback.CallbackReceiver(
        db=database, rings=rings, clock=clock, zone=cast.ZONE, public_url="https://guide.example"
    )


@pytest.fixture
def app(receiver):
    app = Flask("callbacks")
    app.register_blueprint(callback.blueprint(receiver))
    return app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def platform(client, clock):
    return Platform(client, clock)


@pytest.fixture
def rows(database):
    """The inbox, oldest first."""

    def read():
        with database.read() as session:
            return list(session.exec(select(Inbox).order_by(Inbox.id)))

    return read


@pytest.fixture
def work(database, clock, receiver):
    """Handle everything that is due, as the queue does."""

    def handle_due():
        with database.read() as session:
            due = inbox.due(session, clock(), 100)
        for row_id in due:
            registry.handle(database, row_id, clock(), receiver.handler_context)

    return handle_due


@pytest.fixture
def happen(platform, work, rows):
    """An event arrives and is handled; its row."""

    def arrive(xml, source="app"):
        assert platform.send(xml, source).status_code == 200
        work()
        return rows()[-1]

    arrive.now = platform.clock()
    return arrive


@pytest.fixture
def say(platform):
    """Say something to the robot; what it answers: a text, or a card."""

    def speak(text, userid=cast.WANG, **fields):
        _, reply = platform.say(robot_message(text, userid, **fields))
        return reply["template_card"] if reply["msgtype"] == "template_card" else reply["stream"]["content"]

    return speak
