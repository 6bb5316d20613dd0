"""Shapes of requests: what is wrong is refused with the code that the platform has for it."""

import pytest

from emulator.errors import Refusal
from emulator.schema import Choice, Decimal, Flag, ListOf, Record, Text, Whole

GUIDE = Record(
    fields={
        "userid": Text(missing=41009, most_bytes=6, too_long=45002, empty=40003),
        "tags": ListOf(item=Whole(low=1, high=9, wrong=40068), most=2, too_many=41064),
        "place": Record(fields={"lat": Decimal(low=-90, high=90)}),
        "type": Choice(values=(1, 2)),
        "open": Flag(),
    }
)


def refusal(**body) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        GUIDE.check({"userid": "wang", **body}, "")
    return refused.value.errcode, refused.value.hint


def test_what_fits_passes_and_what_may_be_missing_may_be():
    GUIDE.check({"userid": "王芳"}, "")
    GUIDE.check({"userid": "w", "tags": [1, 9], "place": {"lat": 41.8}, "type": 2, "open": False}, "")


@pytest.mark.parametrize(
    ("body", "errcode", "place"),
    [
        ({"userid": 7}, 40058, "userid"),
        ({"userid": " "}, 40003, "userid"),
        ({"userid": "王芳芳"}, 45002, "9 bytes, most 6"),
        ({"tags": [1, 2, 3]}, 41064, "tags"),
        ({"tags": [1, 10]}, 40068, "tags[1]"),
        ({"tags": "1"}, 40058, "tags"),
        ({"place": {"lat": 91}}, 40058, "place.lat"),
        ({"place": {"lat": 1, "lng": 2}}, 40058, "unknown field place.lng"),
        ({"place": []}, 40058, "place"),
        ({"nick": "w"}, 40058, "unknown field nick"),
        ({"type": 3}, 40058, "type"),
        ({"open": 1}, 40058, "open"),
    ],
)
def test_a_refusal_names_the_place_and_its_own_code(body, errcode, place):
    code, hint = refusal(**body)
    assert code == errcode and place in hint


def test_what_must_be_there_has_a_code_of_its_own():
    with pytest.raises(Refusal) as refused:
        GUIDE.check({}, "")
    assert refused.value.errcode == 41009


@pytest.mark.parametrize("body", [{"tags": [True]}, {"type": True}, {"place": {"lat": True}}])
def test_true_is_no_number(body):
    """Python says that True == 1; the platform does not."""
    assert refusal(**body)[0] in (40058, 40068)
