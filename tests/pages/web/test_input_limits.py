"""Odd input: what no column holds is answered with a page of ours, on both databases, for strangers as well."""

import threading
from io import BytesIO, RawIOBase

import pytest
from flask.testing import FlaskClient

from models.db import Database
from pages.web.input_limits import FORM_BYTES, MOST_BYTES
from tests.pages.conftest import PASSWORD, Console, make_shop
from tests.waiting import PATIENCE

HUGE = ("2147483648", "999999999999", "9" * 30)
IN_LISTS = (
    "guides?store=",
    "friends?store=",
    "friends?guide=",
    "deliveries?open=",
    "announcements/new?group=",
    "search?q=",
)
IN_FORMS = {
    "/console/campaigns/preview": ("branch", "store", "guide", "attachments.0.picture_id", "sample"),
    "/console/announcements/new": ("branch", "group"),
    "/console/calendar/move": ("campaign",),
    "/console/calendar/slots": ("branch", "campaign"),
}
FORMS = (
    "/console/sign-in",
    "/console/campaigns/new",
    "/console/campaigns/preview",
    "/console/accounts",
    "/console/groups/new",
)


@pytest.fixture
def console(database: Database) -> Console:
    """The small retailer on both kinds of database."""
    return make_shop(database)


@pytest.fixture
def hq(console: Console) -> FlaskClient:
    return console.signed_in("zhou")


@pytest.mark.parametrize("number", HUGE)
def test_a_row_beyond_every_id_is_a_row_that_does_not_exist(
    console: Console, hq: FlaskClient, number: str
) -> None:
    for noun in (
        "guides",
        "friends",
        "campaigns",
        "deliveries",
        "groups",
        "stores",
        "callbacks",
        "announcements",
    ):
        assert hq.get(f"/console/{noun}/{number}").status_code == 404, noun
    assert hq.get(f"/console/pictures/{number}.jpg").status_code == 404
    assert console.post(hq, f"/console/accounts/{number}/off").status_code == 404
    assert console.stranger().get(f"/console/guides/{number}").status_code == 302


@pytest.mark.parametrize("number", HUGE)
def test_a_list_of_a_row_beyond_every_id_finds_nothing(hq: FlaskClient, number: str) -> None:
    for path in IN_LISTS:
        assert hq.get(f"/console/{path}{number}").status_code in (200, 404), path
    assert "林若溪" not in hq.get(f"/console/friends?store={number}").get_data(as_text=True)


@pytest.mark.parametrize("number", HUGE)
def test_a_form_that_names_a_row_beyond_every_id_is_read_like_one_that_names_no_row(
    console: Console, hq: FlaskClient, number: str
) -> None:
    for path, names in IN_FORMS.items():
        for name in names:
            assert console.post(hq, path, {name: number}).status_code in (200, 404, 422), (path, name)


def test_a_nul_in_an_address_finds_nothing(console: Console, hq: FlaskClient) -> None:
    for path in ("/g/tasks/a%00b", "/console/guides/1%00", "/%00"):
        assert console.stranger().get(path).status_code == 404, path
    for path in ("guides", "friends", "campaigns", "stores", "search", "audit", "campaigns/people"):
        assert hq.get(f"/console/{path}?q=a%00b&find=a%00b").status_code == 400, path


@pytest.mark.parametrize("path", FORMS)
def test_a_form_with_a_nul_changes_nothing(console: Console, path: str) -> None:
    client = console.stranger() if path == "/console/sign-in" else console.signed_in("zhou")
    form = {"login": "zhou\0", "password": PASSWORD, "name": "a\0b", "text": "a\0b", "role": "hq"}
    answer = console.post(client, path, form)
    assert answer.status_code == 400
    assert "什么都没有改" in answer.get_data(as_text=True)


def test_a_state_that_is_not_ascii_is_a_wrong_state(console: Console) -> None:
    console.site.corp_id, console.site.login_url = "ww1", "http://127.0.0.1:9/wwlogin/sso/login"
    phone = console.stranger()
    assert phone.get("/g/", headers={"User-Agent": "Mozilla/5.0 wxwork/5.0"}).status_code == 302
    assert phone.get("/g/oauth?state=%C3%A9").status_code == 400


def test_a_campaign_in_the_year_one_is_asked_for_another_time(console: Console, hq: FlaskClient) -> None:
    form = {"name": "初雪", "text": "有雪", "launch_at": "0001-01-01T00:00", "ends_at": "2026-11-20T10:00"}
    answer = console.post(hq, "/console/campaigns/new", form)
    assert answer.status_code == 422
    assert "请填日期和时间" in answer.get_data(as_text=True)


FLOOD = b"a&" * FORM_BYTES
UPLOADS = (
    "/console/import",
    "/console/campaigns/new",
    "/console/campaigns/{campaign}/edit",
    "/console/pictures",
)


@pytest.mark.parametrize("path", [*FORMS, *UPLOADS, "/console/language", "/g/tasks/1/done", "/nowhere"])
def test_a_large_form_of_a_stranger_is_refused_before_it_is_parsed(bare: Console, path: str) -> None:
    stream = Counting(FLOOD)
    answer = bare.stranger().post(
        path.format(campaign=1),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": stream, "CONTENT_LENGTH": str(len(FLOOD))},
    )
    assert answer.status_code in (404, 413) and stream.taken == 0
    if answer.status_code == 413:
        assert "内容太大" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", UPLOADS)
def test_files_come_where_they_are_wanted_from_somebody_who_is_signed_in(
    console: Console, hq: FlaskClient, path: str
) -> None:
    path = path.format(campaign=console.ids["campaign_northeast"])
    file = {"noun": "stores", "file": (BytesIO(FLOOD), "a.csv"), "upload": (BytesIO(FLOOD), "a.jpg")}
    assert console.post(hq, path, file).status_code != 413
    whole = console.post(hq, path, {"noun": "stores"}).status_code
    assert whole != 413
    flood = hq.post(path, data=FLOOD, content_type="application/x-www-form-urlencoded")
    assert flood.status_code == 413, "it is the file that may be large"
    multipart = {"csrf": "x", "upload": (BytesIO(FLOOD), "a.jpg")}
    assert console.stranger().post(path, data=multipart).status_code == 413
    assert hq.post("/console/sign-in", data={"upload": (BytesIO(FLOOD), "a.jpg")}).status_code == 413
    body = {"wsgi.input": BytesIO(), "CONTENT_LENGTH": str(MOST_BYTES + 1)}
    answer = hq.post(path, content_type="multipart/form-data; boundary=x", environ_overrides=body)
    assert answer.status_code == 413


def test_everybody_uploads_one_file_at_a_time(console: Console, hq: FlaskClient) -> None:
    """Twelve large pictures at once from one desk ended in six errors."""
    picture = {"upload": (BytesIO(FLOOD), "a.jpg")}
    slow, colleague = Waiting(), console.signed_in("chen")
    body = {"wsgi.input": slow, "CONTENT_LENGTH": str(2 * FORM_BYTES)}
    kind = "multipart/form-data; boundary=x"
    first = threading.Thread(
        target=lambda: hq.post("/console/pictures", content_type=kind, environ_overrides=body)
    )
    first.start()
    assert slow.asked.wait(PATIENCE)
    second = console.post(console.signed_in("zhou"), "/console/pictures", dict(picture))
    assert second.status_code == 429 and "上一个文件还在处理" in second.get_data(as_text=True)
    picture["upload"] = (BytesIO(FLOOD), "a.jpg")
    assert console.post(colleague, "/console/pictures", picture).status_code == 422, "hers is looked at"
    slow.go_on.set()
    first.join(PATIENCE)
    third = {"upload": (BytesIO(FLOOD), "a.jpg")}
    assert console.post(hq, "/console/pictures", third).status_code == 422


class Counting(RawIOBase):
    """A body that says how much of it was read."""

    def __init__(self, content: bytes) -> None:
        self._content, self.taken = BytesIO(content), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        read = self._content.readinto(buffer)
        self.taken += read
        return read


class Waiting(RawIOBase):
    """A body that does not come until it may."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.asked.set()
        self.go_on.wait(PATIENCE)
        return 0
