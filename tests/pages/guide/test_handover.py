"""A handover on the store manager's phone: open, look, confirm; nobody else's business."""

import pytest
from flask.testing import FlaskClient

from models.friends import handover_drafts
from models.friends.handover import Handover
from models.org import Guide, Store
from pages.web import csrf
from tests import cast
from tests.models.friends import handed
from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import phone


def tap(console: Console, client: FlaskClient, path: str, **form):  # type: ignore[no-untyped-def]
    cookie = client.get_cookie("onetap_guide")
    assert cookie is not None
    with console.app.test_request_context("/g/", headers={"Cookie": f"onetap_guide={cookie.value}"}):
        token = csrf.token("guide")
    return client.post(path, data={"csrf": token, **form})


@pytest.fixture
def path(console: Console) -> str:
    """赵倩 has left the store that 王芳 manages; 高敏 works there as well."""
    with console.db.write() as session:
        wang = session.get_one(Guide, console.ids[cast.WANG])
        wang.is_manager = True
        store = session.get(Store, wang.store_id)
        zhao, gao = (cast.guide(one, store, NOON) for one in (cast.ZHAO, cast.GAO))
        session.add_all([zhao, gao])
        session.flush()
        console.ids[cast.GAO] = gao.id or 0
        for one in handed.customers(3):
            cast.befriend(session, zhao, one)
        zhao.leave("change_contact", NOON)
        session.flush()
        handover = handover_drafts.draft(session, zhao, NOON)
        handover_drafts.write_down(session, handover.id, NOON)
        return f"/g/handovers/{handover.id}"


def text_of(client: FlaskClient, path: str) -> str:
    return " ".join(client.get(path).get_data(as_text=True).split())


def test_three_taps_open_look_confirm(console: Console, path: str) -> None:
    client = phone(console, cast.WANG)
    assert f'href="{path}"' in text_of(client, "/g/store")
    text = text_of(client, path)
    assert "3 位好友，1 位接手" in text and "高敏" in text and "+3 位" in text
    assert "把 3 位好友交给 1 位？" in text_of(client, f"{path}?ask=1")
    assert tap(console, client, f"{path}/confirm").status_code == 303
    after = text_of(client, path)
    assert "已开始" in after and "<form" not in after.partition("<main")[2].partition("languages")[0]
    assert tap(console, client, f"{path}/confirm").status_code == 303, "a second tap changes nothing"
    with console.db.read() as session:
        handover = session.get_one(Handover, int(path.rpartition("/")[2]))
        assert (handover.confirmed_by, handover.status) == ("王芳", "running")


def test_she_changes_who_takes_over_within_her_store(console: Console, path: str) -> None:
    client = phone(console, cast.WANG)
    assert "店里谁来接" in text_of(client, f"{path}?change=1")
    both = [console.ids[cast.GAO], console.ids[cast.WANG]]
    assert tap(console, client, f"{path}/successors", guide=both).status_code == 303
    assert "3 位好友，2 位接手" in text_of(client, path)
    nobody = tap(console, client, f"{path}/successors", guide=[console.ids[cast.ZHOU]])
    assert nobody.status_code == 409 and "至少选一位" in nobody.get_data(as_text=True)


def test_nobody_else_sees_or_confirms_it_J01_I01(console: Console, path: str) -> None:
    for who in (cast.GAO, cast.ZHOU):
        client = phone(console, who)
        assert client.get(path).status_code == 404
        assert tap(console, client, f"{path}/confirm").status_code == 404
    assert phone(console, cast.WANG).get("/g/handovers/99999").status_code == 404
