"""What is printed of entry codes: single cards, a store's sheets, a branch's ZIP, each within the viewer's reach."""

import io
import zipfile

import pytest

from models.friends import entry_codes
from models.friends.entry_codes import EntryCodeKind, EntryCodeStatus, LeadsTo
from models.org import Guide
from pages.console import prints
from tests.pages.conftest import NOON, Console, page
from tests.second_reader import second_reader


def till(console: Console, **fields) -> int:
    with console.db.write() as session:
        values = {
            "leads_to": LeadsTo.NEAR,
            "status": EntryCodeStatus.READY,
            "store_id": console.ids["zhongjie"],
        }
        values |= {"place": "收银台", **fields}
        return entry_codes.new(session, EntryCodeKind.STORE, "沈阳中街店 · 收银台", NOON, **values).id or 0


@pytest.mark.parametrize(
    ("form", "kind"), [("png", "image/png"), ("svg", "image/svg+xml"), ("pdf", "application/pdf")]
)
def test_a_card_leaves_in_each_form(console: Console, form, kind) -> None:
    answer = console.signed_in("ma").get(f"/console/prints/codes/{till(console)}.{form}")
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert f".{form}" in answer.headers["Content-Disposition"]


def test_a_counter_card_says_what_somebody_wrote_and_its_code_leads_to_near(console: Console) -> None:
    number = till(console)
    path = f"/console/prints/codes/{number}.png?look=1"
    plain, worded = (
        console.signed_in("zhou").get(one).data for one in (path, f"{path}&headline=新年&sentence=来店里看看")
    )
    assert plain != worded
    assert second_reader(worded) == second_reader(plain)
    assert "/near/" in second_reader(plain)
    assert f"prints/codes/{number}.pdf" in page(console, f"/console/codes/{number}")


def test_what_is_not_made_or_not_hers_is_not_printed(console: Console) -> None:
    waiting = till(console, leads_to=LeadsTo.USERS, status=EntryCodeStatus.WAITING)
    other = till(console, store_id=console.ids["xinjiekou"])
    retired = till(console, status=EntryCodeStatus.RETIRED)
    client = console.signed_in("ma")
    for number in (waiting, other, retired):
        assert client.get(f"/console/prints/codes/{number}.png").status_code == 404
    assert client.get(f"/console/prints/codes/{till(console)}.exe").status_code == 404
    assert client.get(f"/console/prints/stores/{console.ids['xinjiekou']}.pdf").status_code == 404
    assert client.get(f"/console/prints/branches/{console.ids['northeast']}.zip").status_code == 403
    strange = console.signed_in("liu").get(f"/console/prints/branches/{console.ids['northeast']}.zip")
    assert strange.status_code == 404


def test_a_branchs_zip_has_a_folder_for_each_store_and_says_what_could_not_be_drawn(console: Console) -> None:
    till(console)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["zhoumei"]).name = "周\u0b85梅"
        values = {"store_id": console.ids["taiyuanjie"], "guide_id": console.ids["zhoumei"], "payload": "x"}
        made = EntryCodeStatus.READY
        entry_codes.new(session, EntryCodeKind.GUIDE, "周梅", NOON, status=made, **values)
    answer = console.signed_in("chen").get(f"/console/prints/branches/{console.ids['northeast']}.zip")
    content = answer.data
    answer.close()  # as a server does: the next one may begin
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert "沈阳中街店/A4.pdf" in names
        pictures = [name for name in names if name.endswith(".png")]
        assert len(pictures) == 2 and all(second_reader(archive.read(one)) for one in pictures)
        assert "字体里没有" in archive.read("沈阳太原街店/没画成.txt").decode()


def test_too_much_at_once_is_refused_in_words_and_a_second_one_waits(console: Console, monkeypatch) -> None:
    till(console)
    client, path = console.signed_in("chen"), f"/console/prints/branches/{console.ids['northeast']}.zip"
    with prints.AT_ONCE:
        assert client.get(path).status_code == 429
    monkeypatch.setattr(prints, "MOST_CARDS", 1)
    assert client.get(path).status_code == 409


def test_the_page_of_a_store_says_how_many_cards_there_are(console: Console) -> None:
    till(console)
    path = f"/console/stores/{console.ids['zhongjie']}"
    assert "下载 2 张，PDF" in page(console, path, "ma")
    pdf = console.signed_in("ma").get(f"/console/prints/stores/{console.ids['zhongjie']}.pdf")
    assert pdf.data.startswith(b"%PDF-")
