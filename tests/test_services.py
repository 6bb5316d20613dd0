"""The ground under the other tests: fresh databases, Redis, Chromium, no way out of this machine."""

import socket

import pytest
import redis
from playwright.sync_api import Browser
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import text

from models import migrate
from models.db import Database


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_an_empty_migrated_database_of_its_own(database: Database, turn: int):
    assert migrate.current(database) == migrate.newest() != ""
    with database.write() as session:
        session.execute(text("CREATE TABLE left_behind (turn INTEGER)"))


def test_redis_starts_empty_and_remembers(redis_url: str):
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.dbsize() == 0
        connection.set("guide", "王芳")
        assert connection.get("guide") == "王芳".encode()


@pytest.mark.browser
def test_chromium_reads_chinese(browser: Browser):
    page = browser.new_page()
    page.set_content("<h1 lang=zh-CN>一键转发任务</h1>")
    assert page.inner_text("h1") == "一键转发任务"
    page.close()


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_no_socket_leaves_this_machine():
    with pytest.raises(SocketConnectBlockedError), socket.socket() as way_out:
        way_out.connect(("192.0.2.1", 80))  # an address reserved for documentation: it answers nobody
