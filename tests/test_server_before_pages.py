"""What stands before every page: the platform's proof files, proxies that we trust, health for monitors."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ops import wiring
from server import create_app
from settings import Settings
from tests.disks import full_disk
from tests.waiting import until

KEY = "a key for one server"


@pytest.fixture
def client(sqlite_url: str, tmp_path: Path):
    def opened(**changes):
        parts = wiring.build(Settings(database_url=sqlite_url, secret_key=KEY, data_dir=tmp_path, **changes))
        made.append(parts)
        return create_app(parts=parts).test_client()

    made: list[wiring.Parts] = []
    yield opened
    for parts in made:
        with parts:
            pass


def test_the_platforms_proof_is_served_and_nothing_else_of_its_folder(client, tmp_path: Path):
    folder = tmp_path / "proof"
    folder.mkdir()
    (folder / "WW_verify_abc123.txt").write_text("abc123")
    (folder / "secret.txt").write_text("no")
    browser = client(verify_dir=folder)
    assert browser.get("/WW_verify_abc123.txt").text == "abc123"
    for path in (
        "/secret.txt",
        "/WW_verify_other.txt",
        "/..%2fWW_verify_abc123.txt",
        "/proof/WW_verify_abc123.txt",
    ):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.1")])
def test_only_as_many_proxies_are_believed_as_are_ours_I11(client, proxies: int, seen: str):
    """X-Forwarded-For can be written by anybody."""
    browser = client(trusted_proxies=proxies)
    browser.application.add_url_rule("/assets/who", "who", lambda: __import__("flask").request.remote_addr)
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    assert browser.get("/assets/who", headers=forwarded).text == seen


def test_a_monitor_learns_what_is_missing(client):
    """D05 in small: alive is not ready while nobody leads the timetable."""
    browser = client()
    assert browser.get("/healthz").text == "ok"
    answer = until(lambda: said if (said := browser.get("/readyz")).json["database"] == "ok" else None)
    assert answer.status_code == 503 and answer.json["timetable"] == "nobody leads"


def test_readiness_waits_for_nobody_who_writes(client, sqlite_url: str):
    browser = client()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: (said := browser.get("/readyz").json)["database"] == said.get("migrations") == "ok")


def test_readiness_answers_whatever_is_locked(client, sqlite_url: str):
    browser = client()
    browser.application.extensions["onetap.parts"].db.close()  # its next connection finds the lock
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        answers = [browser.get("/readyz") for _ in range(2)]
    assert {(one.status_code, one.json["database"]) for one in answers} == {(503, "no answer")}
    until(lambda: browser.get("/readyz").json["database"] == "ok")


def test_readiness_is_red_while_no_row_can_be_written_D04_D05(client):
    browser = client()
    assert browser.get("/readyz").json["disk"] == "ok"
    with full_disk():
        answer = browser.get("/readyz")
    assert answer.status_code == 503 and answer.json["disk"] == "full"


def test_the_numbers_are_prometheus_text(client):
    page = client().get("/metrics")
    assert page.content_type.startswith("text/plain") and "onetap_inbox_rows" in page.text


def test_a_strange_host_is_refused(client):
    assert client().get("/console/sign-in", headers={"Host": "evil.example"}).status_code == 400
