"""A refusal says what is wrong beside the fields of the page that asked, and above them what is about none of them."""

import pytest

from models.errors import Refused


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (Refused("已经开始"), {"": "已经开始"}),
        (Refused(faults={"text": "太长"}), {"text": "太长"}),
        (Refused(faults={"ends_at": "已经过去"}), {"": "已经过去"}),
        (Refused(faults={"text": "太长", "ends_at": "已经过去"}), {"text": "太长", "": "已经过去"}),
    ],
)
def test_nothing_that_is_wrong_goes_unsaid_where_its_field_is_missing(
    refused: Refused, said: dict[str, str]
) -> None:
    assert refused.beside("text", "headline") == said
