"""The base of the console: sessions, form tokens, headers, hosts, errors."""

from tests.pages.conftest import Console


def test_hq_signs_in_and_sees_today(console: Console) -> None:
    page = console.signed_in("zhou").get("/console/")
    assert page.status_code == 200
    assert "11 月 19 日" in page.get_data(as_text=True)
