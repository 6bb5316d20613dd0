"""Which attachments cannot stay so: every complaint names its field."""

import pytest

from models.campaigns.attachment_rules import complaints
from models.campaigns.attachments import Attachment
from models.ledger.channels import CHANNELS, Channel
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.test_pictures import keep

LINK = {"form": "link", "url": "https://shop.example/boots", "title": "尺码怎么选"}
PROGRAM = {
    "form": "program",
    "appid": "wx0123456789abcdef",
    "page": "pages/boots",
    "title": "雪地靴",
    "picture_id": 1,
}


def faults(session, *attachments, channel: str = "mass") -> dict[str, str]:
    return complaints(session, [Attachment.model_validate(one) for one in attachments], CHANNELS[channel])


@pytest.mark.parametrize("channel", ["mass", "group_mass", "notice"])
def test_what_the_platform_takes_is_taken(sqlite_database, channel):
    with sqlite_database.write() as session:
        keep(session)
        assert faults(session, LINK, PROGRAM, *cast.pictured(1), channel=channel) == {}


@pytest.mark.parametrize(
    ("attachment", "field", "words"),
    [
        ({"form": "picture"}, "picture_id", "请选择一张图片"),
        ({"form": "picture", "picture_id": 99}, "picture_id", "没有编号是 99 的图片"),
        ({"form": "picture", "picture_id": 1, "design": "headline"}, "design", "用不到这一项"),
        ({"form": "poster"}, "design", "请选择海报版式"),
        (cast.poster(sentence="找{导购名}")[0], "words.sentence", "不会换成别的"),
        (cast.poster(headline="雪" * 201)[0], "words.headline", "有 201 个字"),
        (cast.poster(logo="x")[0], "words.logo", "海报上没有这一项"),
        (LINK | {"url": ""}, "url", "请填完整的网址"),
        (LINK | {"url": "javascript:alert(1)"}, "url", "请填完整的网址"),
        (LINK | {"url": "https://[::1"}, "url", "请填完整的网址"),
        (LINK | {"title": ""}, "title", "链接标题不能空着"),
        (LINK | {"title": "字" * 43}, "title", "129 字节，平台上限 128 字节"),
        (LINK | {"title": "{导购名}推荐"}, "title", "不会换成别的"),
        (LINK | {"note": "字" * 171}, "note", "平台上限 512 字节"),
        (PROGRAM | {"title": "字" * 22}, "title", "平台上限 64 字节"),
        (PROGRAM | {"appid": ""}, "appid", "不能空着"),
        (PROGRAM | {"picture_id": None}, "picture_id", "请选择一张图片"),
        ({"form": "video"}, "file_id", "请上传视频"),
        ({"form": "file", "file_id": 99}, "file_id", "请上传文件"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field_F16(sqlite_database, attachment, field, words):
    with sqlite_database.write() as session:
        keep(session)
        found = faults(session, *cast.pictured(1), attachment)
        assert list(found) == [f"attachments.1.{field}"] and words in found[f"attachments.1.{field}"]


def test_a_poster_of_her_own_goes_to_customers_alone_and_once(sqlite_database):
    with sqlite_database.write() as session:
        found = faults(session, *cast.poster(), channel="group_mass")
        assert "不能是每位导购自己的海报" in found["attachments.0.form"]
        assert "只能有一张海报" in faults(session, *cast.poster(), *cast.poster())["attachments.1.form"]


def test_a_channel_says_what_it_cannot_carry(sqlite_database):
    plain = CHANNELS["robot"]
    assert isinstance(plain, Channel) and plain.campaign is None
    with sqlite_database.read() as session:
        assert complaints(session, [Attachment.model_validate(LINK)], plain) == {}, NOW


@pytest.mark.parametrize("channel", ["moment", "share_moment"])
def test_a_post_holds_pictures_or_one_link_or_one_video_F16(sqlite_database, channel):
    covered = LINK | {"picture_id": 1}
    with sqlite_database.write() as session:
        keep(session)
        assert faults(session, *cast.pictured(1) * 9, channel=channel) == {}
        assert faults(session, covered, channel=channel) == {}
        assert (
            "只能放图片" in faults(session, *cast.pictured(1), covered, channel=channel)["attachments.1.form"]
        )
        assert "只能放图片" in faults(session, covered, covered, channel=channel)["attachments.1.form"]
        assert "封面图" in faults(session, LINK, channel=channel)["attachments.0.picture_id"]
        long = covered | {"title": "字" * 22}
        assert "64 字节" in faults(session, long, channel=channel)["attachments.0.title"]
        assert "带不了小程序" in faults(session, PROGRAM, channel=channel)["attachments.0.form"]


def test_her_own_poster_goes_only_where_she_shares_it_herself(sqlite_database):
    with sqlite_database.write() as session:
        assert faults(session, *cast.poster(), channel="share_moment") == {}
        assert (
            "不能是每位导购自己的海报"
            in faults(session, *cast.poster(), channel="moment")["attachments.0.form"]
        )
