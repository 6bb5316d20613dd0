"""Media: size, kind, three days."""

import pytest
import requests

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100


def upload(world, kind, data, name="a.jpg", api="media/upload", field="media"):
    query = {"access_token": world.token(), "type": kind}
    return requests.post(world.api_url + api, params=query, files={field: (name, data)}, timeout=20).json()


def test_a_picture_comes_back_for_three_days(world):
    answer = upload(world, "image", JPEG, "海报.jpg")
    assert isinstance(answer["created_at"], str)
    query = {"access_token": world.token(), "media_id": answer["media_id"]}
    got = requests.get(world.api_url + "media/get", params=query, timeout=20)
    assert (got.content, got.headers["Content-Type"]) == (JPEG, "image/jpeg")
    assert requests.get(f"{world.url}/pic/{answer['media_id']}", timeout=20).content == JPEG
    world.advance(3 * 86_400 + 1)
    query["access_token"] = world.token()
    assert requests.get(world.api_url + "media/get", params=query, timeout=20).json()["errcode"] == 40007


def test_a_media_id_is_good_for_its_own_kind_alone_and_for_three_days(world):
    """B14."""
    media_id = upload(world, "image", JPEG)["media_id"]
    task = {"sender": "wangfang", "attachments": [{"msgtype": "image", "image": {"media_id": media_id}}]}
    assert world.call("externalcontact/add_msg_template", task)["errcode"] == 0
    wrong = {"sender": "wangfang", "attachments": [{"msgtype": "file", "file": {"media_id": media_id}}]}
    assert world.call("externalcontact/add_msg_template", wrong)["errcode"] == 40007
    world.advance(3 * 86_400 + 1)
    assert world.call("externalcontact/add_msg_template", task)["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        ("image", b"GIF89a" + b"0" * 20, 40004),
        ("image", b"\xff\xd8", 40006),
        ("image", JPEG + b"0" * 10 * 1024 * 1024, 45001),
        ("voice", b"#!AMR\n" + b"0" * 10, 0),
        ("voice", JPEG, 40004),
        ("video", b"\0\0\0\x18ftypmp42", 0),
        ("poem", JPEG, 40005),
        ("file", b"0123456789", 0),
        ("file", b"01234", 40006),
        ("file", b"012345", 0),
        ("video", JPEG, 40004),
    ],
)
def test_sizes_and_kinds(world, kind, data, errcode):
    assert upload(world, kind, data)["errcode"] == errcode


def test_an_upload_needs_the_field_media(world):
    assert upload(world, "image", JPEG, field="file")["errcode"] == 44001


def test_a_lasting_picture_may_stand_in_messages(world):
    url = upload(world, "", JPEG, api="media/uploadimg")["url"]
    assert requests.get(url, timeout=20).content == JPEG
    task = {"sender": "wangfang", "attachments": [{"msgtype": "image", "image": {"pic_url": url}}]}
    assert world.call("externalcontact/add_msg_template", task)["errcode"] == 0


def test_lasting_pictures_are_counted_by_day(world, monkeypatch):
    monkeypatch.setattr("emulator.limits.PICTURES_PER_DAYS", {1: 2, 30: 3})
    assert [upload(world, "", JPEG, api="media/uploadimg")["errcode"] for _ in range(3)] == [0, 0, 45009]
    world.advance(86_401)
    assert [upload(world, "", JPEG, api="media/uploadimg")["errcode"] for _ in range(2)] == [0, 45009]


@pytest.mark.parametrize(
    ("data", "errcode"),
    [
        (b"GIF89a" + b"0" * 20, 40004),
        (JPEG + b"0" * 2 * 1024 * 1024, 40009),
        (b"", 40009),
    ],
)
def test_a_lasting_picture_is_small_and_a_picture(world, data, errcode):
    assert upload(world, "", data, api="media/uploadimg")["errcode"] == errcode
