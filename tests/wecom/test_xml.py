"""XML as dicts: nothing is expanded, nothing is overwritten, and everything has an end."""

import pytest

from wecom.errors import BadCallback
from wecom.xml import MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS, read_xml


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def test_an_event_is_read_as_its_words() -> None:
    text = "<xml><Name><![CDATA[ 王芳 <b> ]]></Name><Empty></Empty><Scan><Type>qr</Type></Scan></xml>"
    assert read_xml(text) == {"Name": "王芳 <b>", "Empty": "", "Scan": {"Type": "qr"}}


def test_what_stands_several_times_inside_a_part_is_kept_as_a_list() -> None:
    assert read_xml("<xml><L><X>a</X></L></xml>") == {"L": {"X": "a"}}
    assert read_xml("<xml><L><X>a</X><X>b</X><X>c</X></L></xml>") == {"L": {"X": ["a", "b", "c"]}}


def test_a_field_that_comes_twice_is_read_twice() -> None:
    assert read_xml("<xml><UserID>wang</UserID><UserID>zhao</UserID></xml>") == {"UserID": ["wang", "zhao"]}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1 < 2", "1 < 2"),
        ("a<3", "a<3"),
        ("a]]>b", "a]]>b"),
        ("<![CDATA[1 < 2]]> < 3", "1 < 2 < 3"),
        ("A & B <", "A & B <"),
    ],
)
def test_marks_that_are_only_themselves_are_read_as_such_A14(text: str, name: str) -> None:
    assert read_xml(f"<xml><Name>{text}</Name></xml>\n\ufeff") == {"Name": name}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>',
        "<!DOCTYPE xml><xml/>",
        "<xml>&unknown;</xml>",
        nested(MOST_DEPTH + 1),
        f"<xml>{'<a/>' * MOST_ELEMENTS}</xml>",
        f"<xml>{'雪' * (MOST_BYTES // 3)}</xml>",
        "<xml><a></xml></a>",
        "<xml/><xml/>",
        "<xml>\ud800</xml>",
        "",
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_what_unfolds_or_has_no_end_is_malformed_A13(text: str) -> None:
    with pytest.raises(BadCallback):
        read_xml(text)


def test_the_deepest_and_the_longest_that_pass() -> None:
    assert read_xml(nested(MOST_DEPTH)) != {}
    assert len(read_xml(f"<xml><a>{'x' * (MOST_BYTES - 18)}</a></xml>")["a"]) == MOST_BYTES - 18
