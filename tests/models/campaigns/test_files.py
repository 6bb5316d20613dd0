"""Videos and files are kept as they came, once for each who brings them."""

import pytest

from models.accounts import Account, Role
from models.campaigns.files import keep_file
from models.errors import Refused
from tests import cast
from tests.cast import NOW

MP4 = b"\0\0\0\x18ftypmp42" + b"v" * 20
MB = 1024 * 1024


def account(session, login: str) -> int:
    row = Account(login=login, name="周岚", role=Role.HQ, password_hash="", created_at=NOW)
    return cast.add(session, row).id


def test_the_same_file_again_is_the_same_row_and_a_colleagues_is_another(sqlite_database):
    with sqlite_database.write() as session:
        zhou, song = account(session, "zhou"), account(session, "song")

        def keep(whose: int) -> int:
            return keep_file(session, form="video", name="a.mp4", content=MP4, account_id=whose, now=NOW).id

        assert keep(zhou) == keep(zhou) != keep(song)


@pytest.mark.parametrize(
    ("form", "content", "words"),
    [
        ("video", b"GIF89a" + b"x" * 20, "平台只收 MP4 视频"),
        ("video", MP4 + b"x" * 10 * MB, "视频 10 MB，平台上限 10 MB"),
        ("file", b"x" * (20 * MB + 1), "平台上限 20 MB"),
        ("file", b"12345", "平台要求至少"),
    ],
)
def test_what_the_platform_would_refuse_is_refused_when_it_is_brought_F16(
    sqlite_database, form, content, words
):
    with sqlite_database.write() as session, pytest.raises(Refused, match=words):
        keep_file(session, form=form, name="a", content=content, account_id=1, now=NOW)
