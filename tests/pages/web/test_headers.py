"""Whose name we answer to, and what every answer says about itself."""

import pytest

from tests.pages.conftest import Console


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:99999", "", "a b"])
def test_a_foreign_host_gets_no_page_I11(console: Console, host: str) -> None:
    answer = console.stranger().get("/console/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


def test_the_public_address_and_only_it_is_ours_I11(console: Console) -> None:
    console.site.public_url = "https://onetap.example"
    for host, status in (
        ("onetap.example", 200),
        ("onetap.example:8443", 200),
        ("127.0.0.1", 400),
        ("localhost", 400),
    ):
        assert console.stranger().get("/console/sign-in", headers={"Host": host}).status_code == status, host


def test_a_forwarded_address_is_not_believed_I11(console: Console) -> None:
    answer = console.stranger().get(
        "/console/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )
    assert "evil" not in answer.location


def test_private_pages_are_kept_by_nobody_I11(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in ("/console/", "/console/campaigns", "/console/sign-in"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


def test_every_answer_carries_the_strict_policy_I03(console: Console) -> None:
    client = console.signed_in("zhou")
    for path in ("/console/", "/console/nothing", "/assets/none.css", "/elsewhere"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "data:" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_demo_may_frame_its_own_pages(console: Console) -> None:
    console.site.demo = True
    page = console.stranger().get("/console/sign-in")
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "TEST" in page.get_data(as_text=True)
