"""What is refused is told in words."""


def test_a_body_that_is_not_json_says_so(api):
    assert api.call("POST", "/groups", data="{", content_type="application/json").status_code == 400
    assert (
        api.call(
            "POST", "/groups", data="name=x", content_type="application/x-www-form-urlencoded"
        ).status_code
        == 415
    )
    assert api.call("POST", "/groups", data=b"\xff\xfe", content_type="application/json").status_code == 400
    assert api.call("POST", "/groups", data="[" * 100_000, content_type="application/json").status_code == 400


def test_a_body_that_is_too_large_is_a_413_in_words(api):
    answer = api.call("POST", "/groups", data=b" " * 1_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert "1,000,000" in answer.get_json()["detail"]


def test_an_unknown_row_or_address_is_a_404(api):
    for path in (
        "/branches/0",
        "/branches/999999",
        "/branches/99999999999999999999",
        "/branches/x",
        "/nothing",
    ):
        answer = api.call("GET", path)
        assert answer.status_code == 404, path
        assert answer.mimetype == "application/problem+json"
